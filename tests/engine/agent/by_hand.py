"""Tasks made by hand for an agent in this very process: no run, no broker needed."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from orchestrator.agent.execution import execute
from orchestrator.domain.states import Status
from orchestrator.models import Definition, LogPiece, Project, Task

PATIENCE_SECONDS = 20.0


def make_task(
    kind: str,
    body: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Task:
    """A queued task with fence 1."""
    project, _ = Project.objects.get_or_create(slug="tested", defaults={"name": "Tested"})
    text = json.dumps([kind, body], sort_keys=True)
    definition, _ = Definition.objects.get_or_create(
        hash=hashlib.sha256(text.encode()).hexdigest(), defaults={"kind": kind, "body": dict(body)}
    )
    return Task.objects.create(
        project=project,
        name="tested",
        kind=kind,
        definition=definition,
        parameters=dict(parameters or {}),
        limits=dict(limits or {}),
        status=Status.QUEUED,
        fence=1,
    )


def python(script: str, **more: Any) -> Task:
    """A queued task that runs a script."""
    return make_task("python", {"script": script}, **more)


def run(task: Task) -> Task:
    """Execute a task to its end, in this thread."""
    execute(task.id, task.fence)
    task.refresh_from_db()
    return task


class InBackground:
    """A task that executes in a thread, as in a slot of a worker."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._thread = threading.Thread(target=self._execute)
        self._thread.start()

    def join(self) -> Task:
        """Wait for its end."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), f"task still executes: {log_of(self.task)}"
        self.task.refresh_from_db()
        return self.task

    def _execute(self) -> None:
        execute(self.task.id, self.task.fence)
        connection.close()


def log_of(task: Task, stream: str = "") -> str:
    """The text of a task's log, of one stream or of all."""
    pieces = LogPiece.objects.filter(task=task, fence=task.fence).order_by("n")
    return "".join(piece.text for piece in pieces if stream in ("", piece.stream))


def wait_for(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Look again and again until something is so; fail saying what it was in the end."""
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        assert time.monotonic() < deadline, f"{what}: still {seen!r} after {seconds:g} s"
        time.sleep(0.01)
    return seen


def an_id_of_a_task() -> uuid.UUID:
    """An id that no task has."""
    return uuid.uuid4()
