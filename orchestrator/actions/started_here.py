"""Tasks that run in a process which no agent started: begun, kept alive, heard, ended.

The process is the agent of its task. Starting gives it the attempt's token, and everything after
that it asks with this token, which counts until the task has ended or its lease is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from orchestrator import announce, dispatch
from orchestrator.actions.attempts import Over, is_first
from orchestrator.actions.changing_tasks import refuse_incomplete
from orchestrator.actions.tasks import enqueue_task
from orchestrator.actions.templates import check_queue
from orchestrator.domain.errors import CapExceeded, Conflict, Invalid
from orchestrator.domain.names import CAPS, LOCAL_QUEUE
from orchestrator.domain.states import Status, TaskEvent, may_move
from orchestrator.models import Run, Task
from orchestrator.store import sent_output, started_here
from orchestrator.store.execution import Result, attempt_token, finish
from orchestrator.store.tasks import is_step, move_task, run_of, tell_run

TRACEBACK_CHARACTERS: Final = 64 * 1024
ENDS: Final = (Status.COMPLETED, Status.FAILED, Status.ABORTED)
LEAVES: Final = (Status.DRAFT, Status.QUEUED)
"""What a process may say that its task is from now on: ended, or left to another machine."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a process needs to be the agent of its task."""

    token: str
    fence: int
    renew_every: float
    lease: float
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process says that its task ended."""

    status: Status
    reason: str = ""
    traceback: str = ""
    exit_code: int | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def start_here(
    *, actor: str, task: Task, host: str = "", scopes: Sequence[str] | None = None
) -> Started:
    """Let a process have a draft, or a task that waits in the queue for such processes.

    Its token is one of whoever starts it, within the scopes that they have: neither a draft of
    somebody else nor a script that their run has nested lends its rights.
    """
    _check_start(task)
    acts = not is_step(task) or Run.objects.filter(pk=task.pk).exists()
    values = {"actor": actor, "scopes": scopes} if acts else {}
    process = {"host": host, "actor": actor}
    if not started_here.start(task, process, settings.PIPELINES_LEASE_SECONDS, **values):
        raise Conflict("somebody else has this task in this moment; look again")
    _tell(task)
    return Started(
        attempt_token(task.pk, task.fence),
        task.fence,
        settings.PIPELINES_RENEW_SECONDS,
        settings.PIPELINES_LEASE_SECONDS,
        task.limits.get("timeout"),
    )


@transaction.atomic
def renew(*, task: Task, fence: int) -> float | None:
    """Prolong the lease. The answer is how many seconds the process has to end, if it is to."""
    renewed = started_here.renew(task.pk, fence, settings.PIPELINES_LEASE_SECONDS)
    if renewed is None:
        raise Over
    if renewed.status != Status.ABORTING:
        return None
    wanted = renewed.limits.get("grace")
    grace = float(settings.PIPELINES_ABORT_GRACE_SECONDS if wanted is None else wanted)
    if started_here.tell_delivered(renewed, grace):
        announce.poke(f"task:{task.pk}")
    return grace


def add_output(*, task: Task, fence: int, pieces: Sequence[tuple[str, str]], key: str = "") -> None:
    """Keep what the process has printed, behind what came before; what comes twice, once."""
    with transaction.atomic():
        locked = _locked(task, fence)
        if not is_first(locked, "output", key, [list(piece) for piece in pieces]):
            return
        sent_output.append(locked.pk, fence, pieces)
        announce.poke(f"log:{task.pk}:{fence}")
    sent_output.fold_if_large(task.pk, fence)


@transaction.atomic
def end_here(*, task: Task, fence: int, ending: Ending) -> Task:
    """Record how the process says that its task ended; an agent's may say so before its agent."""
    locked = _locked(task, fence, by_agent=True)
    if len(ending.traceback) > TRACEBACK_CHARACTERS:
        message = f"a traceback has at most {TRACEBACK_CHARACTERS:,} characters"
        raise Invalid.at("traceback", "cap_exceeded", message)
    size = len(json.dumps(ending.outputs).encode())
    if size > CAPS.output_bytes:
        raise CapExceeded("outputs", CAPS.output_bytes, size, "bytes")
    if ending.status is Status.ABORTED and locked.status == Status.RUNNING:
        move_task(locked, TaskEvent.ABORT, abort_requested_at=Now())
    result = Result(
        _EVENTS[ending.status],
        reason=ending.reason,
        exit_code=ending.exit_code,
        traceback=ending.traceback,
        outputs=ending.outputs,
    )
    if finish(task.pk, fence, locked.agent_id, result) is None:
        raise Over
    locked.refresh_from_db()
    announce.poke(
        f"task:{task.pk}", f"project:{task.project_id}", "lines", f"log:{task.pk}:{fence}"
    )
    _ask_for_turn(locked)
    return locked


@transaction.atomic
def hand_over(*, actor: str, task: Task, fence: int, queue: str | None, enqueue: bool) -> Task:
    """Leave the task for another machine: a draft again, or in a queue for its agents."""
    locked = _locked(task, fence)
    if locked.status != Status.RUNNING:
        raise Conflict(f"the task is {locked.status}; it ends instead of going elsewhere")
    if is_step(locked) or Run.objects.filter(pk=locked.pk).exists():
        raise Conflict("this task belongs to a run, which decides where it runs")
    if queue is not None:
        Task.objects.filter(pk=locked.pk).update(queue=check_queue(queue))
    if not started_here.leave(locked):
        raise Over
    _tell(locked)
    if not enqueue:
        return locked
    return enqueue_task(actor=actor, task=locked, queue=queue, scopes=locked.scopes)


_EVENTS: Final[Mapping[Status, TaskEvent]] = {
    Status.COMPLETED: TaskEvent.END_WELL,
    Status.FAILED: TaskEvent.END_BADLY,
    Status.ABORTED: TaskEvent.CONFIRM_GONE,
}


def _check_start(task: Task) -> None:
    if task.is_template:
        raise Conflict("a template is not executed itself: clone it and start the clone")
    status = Status(task.status)
    if status is Status.QUEUED and task.queue != LOCAL_QUEUE:
        raise Conflict(f'the task waits in the queue "{task.queue}" for an agent; dequeue it first')
    if status is Status.QUEUED and task.held:
        raise Conflict("the run of this task is paused")
    if status is not Status.QUEUED and not may_move(status, TaskEvent.START_HERE):
        raise Conflict(f"the task is {status}; only a draft can be started here")
    if status is Status.DRAFT and Run.objects.filter(pk=task.pk).exists():
        raise Conflict("this task is the draft of a run: enqueue the run")
    if status is Status.DRAFT:
        refuse_incomplete(task)


def _locked(task: Task, fence: int, *, by_agent: bool = False) -> Task:
    """The row of a task that still runs with this fence, in a process of its own."""
    rows = Task.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.filter(pk=task.pk, fence=fence)
    found = rows.first()
    if found is None or not may_move(Status(found.status), TaskEvent.END_WELL):
        raise Over
    if found.agent_id is not None and not by_agent:
        raise Conflict("an agent executes this task, which hears what it prints")
    return found


def _tell(task: Task) -> None:
    tell_run(task)
    _ask_for_turn(task)
    announce.poke(f"task:{task.pk}", f"project:{task.project_id}", "lines")


def _ask_for_turn(task: Task) -> None:
    if (run := run_of(task)) is not None:
        dispatch.ask_for_turn(run)
