"""Moves of single tasks, each a compare-and-set; whether one won is an answer, not an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from orchestrator.domain.states import FINAL, Status, TaskEvent, move
from orchestrator.models import Attempt, Call, Run, Task
from orchestrator.store import signals

_STEP_OF = "step_of"
_NEW_FENCE = (TaskEvent.ENQUEUE, TaskEvent.START_HERE, TaskEvent.RELEASE, TaskEvent.TAKE_UP)


def move_task(task: Task, event: TaskEvent, **values: Any) -> bool:
    """Move a task from the status and fence that *task* shows; False: somebody was first.

    Raises IllegalMove when the table has no such move. A final status is left with a new fence.
    """
    before, after = Status(task.status), move(Status(task.status), event)
    if before in FINAL or event in _NEW_FENCE:
        values["fence"] = F("fence") + 1
    rows = Task.objects.filter(pk=task.pk, fence=task.fence, status=before)
    won = rows.update(status=after, **values) == 1
    if won:
        task.refresh_from_db()
    return won


def mark_as_step(task: Task, run: UUID) -> None:
    """Note that a task becomes a step of the run, whose turn gives it its attempt later."""
    said = {**(task.created_by or {}), _STEP_OF: str(run)}
    Task.objects.filter(pk=task.pk).update(created_by=said)
    task.created_by = said


def unmark(task: UUID) -> None:
    """Note that a task does not become a step: its run takes no more."""
    said = Task.objects.values_list("created_by", flat=True).get(pk=task) or {}
    rest = {name: value for name, value in said.items() if name != _STEP_OF}
    Task.objects.filter(pk=task).update(created_by=rest or None)


def is_step(task: Task) -> bool:
    """True of a task that is a step of a run, or is about to be."""
    said = Task.objects.values_list("created_by", flat=True).filter(pk=task.pk).first() or {}
    return _STEP_OF in said or Attempt.objects.filter(task=task).exists()


def tell_run(task: Task) -> None:
    """Leave a signal for the run whose script, attempt or hook the task is, if it is one."""
    if Run.objects.filter(pk=task.pk).exists():
        # What the run above is told of a nested one, that one's turn tells it.
        signals.put(task.pk, "script", {})
        return
    attempt = Attempt.objects.filter(task=task).select_related("step").first()
    if attempt is not None:
        data = {"step": attempt.step.index, "attempt": attempt.number}
        signals.put(attempt.run_id, "task", data)
    for call in Call.objects.filter(task=task):
        signals.put(call.run_id, "call", {"step": call.step, "call": call.pk})


def run_of(task: Task) -> UUID | None:
    """The run that hears of the task: it is what drives it, its step, or its hook."""
    runs: Sequence[QuerySet[Any, UUID]] = (
        Run.objects.filter(pk=task.pk).values_list("pk", flat=True),
        Attempt.objects.filter(task=task).values_list("run", flat=True),
        Call.objects.filter(task=task).values_list("run", flat=True),
    )
    return next((found for rows in runs if (found := rows.first()) is not None), None)


def end_lost_leases() -> list[Task]:
    """End the tasks whose agent has not renewed its lease; call in a transaction.

    One compare-and-set each, so that an agent that ends its task at this moment wins or loses
    as a whole. The run is told in the same transaction.
    """
    lost = []
    late = Task.objects.filter(
        lease_until__lt=Now(), status__in=(Status.RUNNING, Status.ABORTING)
    ).select_related("agent")
    for task in late:
        aborting = task.status == Status.ABORTING
        reason = _why_lost(task)
        outcome = {
            "reason": f"{reason}, end not confirmed" if aborting else reason,
            "confirmed": False,
        }
        rows = Task.objects.filter(lease_until__lt=Now())
        if rows.filter(pk=task.pk, fence=task.fence, status=task.status).update(
            status=move(Status(task.status), TaskEvent.LEASE_OVER), ended_at=Now(), outcome=outcome
        ):
            tell_run(task)
            lost.append(task)
    return lost


def _why_lost(task: Task) -> str:
    if task.agent is not None:
        return f"agent {task.agent.name} was lost"
    host = f" on {task.process['host']}" if task.process.get("host") else ""
    return f"the process{host} that started it has gone"
