"""How far an abort has come: asked, delivered to the agent, confirmed; and who has not answered."""

from __future__ import annotations

from typing import Any, Final

from orchestrator.domain.changes import iso
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Attempt, Run, Task
from orchestrator.queries.nested_runs import page_of

DEEPEST: Final = 10
"""Pipelines are not nested deeper."""


def abort_look(task: Task | None) -> dict[str, Any] | None:
    """How far the abort of a task has come; nothing for one that nobody aborts, or that no agent
    had."""
    if task is None or task.abort_requested_at is None or task.started_at is None:
        return None
    over = task.status in FINAL
    return {
        "asked_at": iso(task.abort_requested_at),
        "delivered_at": iso(task.abort_delivered_at),
        "kill_at": iso(task.kill_at),
        "lease_until": None if over else iso(task.lease_until),
        "ended_at": iso(task.ended_at),
        "killed": bool(task.outcome.get("killed")),
        "confirmed": bool(task.outcome.get("confirmed")) if over else False,
    }


def unconfirmed(run: Run) -> list[dict[str, Any]]:
    """The steps of a run, and of all runs inside it, whose end was asked for and not confirmed."""
    if not run.tally.get(Status.ABORTING):
        return []
    attempts = (
        Attempt.objects.filter(run__in=_with_those_inside(run), task__status=Status.ABORTING)
        .exclude(task__type=Task.CONTROLLER)
        .select_related("task__agent", "step", "run__project", "run__pipeline")
        .order_by("task__agent__name", "run__number", "step__index")
    )
    return [_told(run, attempt) for attempt in attempts]


def _with_those_inside(run: Run) -> list[Any]:
    found, level = [run.pk], [run.pk]
    for _ in range(DEEPEST):
        inside = Run.objects.filter(parent_attempt__run__in=level).exclude(status__in=FINAL)
        level = list(inside.values_list("pk", flat=True))
        if not level:
            break
        found += level
    return found


def _told(run: Run, attempt: Attempt) -> dict[str, Any]:
    task = attempt.task
    assert task is not None
    is_inside = attempt.run_id != run.pk
    return {
        "step": attempt.step.path,
        "index": None if is_inside else attempt.step.index,
        "run": str(attempt.run_id),
        "title": f"{attempt.run.pipeline.name} #{attempt.run.number}" if is_inside else "",
        "url": page_of(attempt.run, attempt.step.path),
        "task": str(task.pk),
        "agent": task.agent.name if task.agent else "",
        **(abort_look(task) or {}),
    }
