"""Playing runs with hooks by hand: every task that waits, of steps and of hooks, is executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.controller import advance
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Call, Run, Task
from tests.engine.playing import check_run, claim, end, make_agent

Document = dict[str, Any]
Answer = Callable[[str, Mapping[str, Any]], Any]
STEP_HOOKS = ("pre", "post")
RUN_HOOKS = ("created", "completed", "status", "ended")


class Raises(Exception):
    """What a hook answers that fails."""


def python(name: str = "hook") -> dict[str, Any]:
    return {"kind": "python", "code": f"def hook(event):\n    print({name!r})\n"}


def hooked(*names: str, **step: Any) -> Document:
    """load → next; load and the run have these hooks."""
    own = {name: [python(name)] for name in names if name in (*STEP_HOOKS, "retry")}
    of_run = {name: [python(name)] for name in names if name in RUN_HOOKS}
    load = {"name": "load", "template": "load", "hooks": own, **step}
    follows = {"name": "next", "template": "load", "parents": ["load"], "trigger": "none_failed"}
    return {"schema": 1, "hooks": of_run, "steps": [load, follows]}


class Play:
    """Executes tasks one after another and notes what happened, in order."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer or (lambda kind, event: None)
        self.agent = make_agent("hand", queues=("default", "services"))
        self.seen: list[str] = []
        self.events: list[Mapping[str, Any]] = []

    def until_it_rests(
        self, run: Run, ends: Callable[[str, int], TaskEvent] = lambda _n, _a: TaskEvent.END_WELL
    ) -> Run:
        advance(run.pk)
        while task := Task.objects.filter(
            parent=run.pk, status=Status.QUEUED, run__isnull=True
        ).first():
            self.execute(task, ends)
            advance(run.pk)
        check_run(run)
        return run

    def execute(self, task: Task, ends: Callable[[str, int], TaskEvent]) -> None:
        claim(task, self.agent)
        call = Call.objects.filter(task=task).first()
        if call is None:
            attempt = task.attempts.get()
            self.seen.append(f"run {task.name}")
            end(task, ends(task.name, attempt.number), outputs={"score": 1})
            return
        event = task.parameters["General/event"]
        of = event["step"]["name"] if "step" in event else "run"
        status = f" {call.status}" if call.status else ""
        self.seen.append(f"{call.kind} {of}{status}")
        self.events.append(event)
        said = self.answer(call.kind, event)
        if isinstance(said, Raises):
            end(task, TaskEvent.END_BADLY, reason=f"ValueError: {said}")
            return
        outputs = said if isinstance(said, dict) else {} if said is None else {"return": said}
        end(task, outputs=outputs)
