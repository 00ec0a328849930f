"""What is told of a turn: the changes that lead from one view to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestrator.domain.changes import Kind, News, iso
from orchestrator.domain.planner.views import AttemptView, RunView, StepView
from orchestrator.domain.states import FINAL, Status


def news(before: RunView, after: RunView, *more: News) -> tuple[News, ...]:
    """The changes that lead from one view to the other, in the order in which they are told.

    *more* are those that the rules do not know of: resolved parameters, artifacts, notes.
    """
    told: list[News] = list(after.remarks[len(before.remarks) :])
    told += _run_news(before, after)
    for key, attempt in sorted(after.attempts.items()):
        told += _attempt_news(key[0], after.loaded_attempts.get(key), attempt)
    told += more
    for index, step in sorted(after.steps.items()):
        told += _step_news(after.loaded[index], step)
    if after.status in FINAL:
        # The end of the run is the last thing that is told of it.
        told.sort(key=lambda item: item.kind is Kind.RUN_STATUS)
    return tuple(told)


def _run_news(before: RunView, after: RunView) -> list[News]:
    def told(view: RunView) -> dict[str, Any]:
        return {
            "status": view.status.value,
            "round": view.round,
            "reason": view.reason,
            "stop_reason": view.stop_reason.value,
            "started_at": iso(view.started_at),
            "ended_at": iso(view.ended_at),
        }

    return [News(Kind.RUN_STATUS, told(after))] if told(before) != told(after) else []


def _attempt_news(index: int, before: AttemptView | None, after: AttemptView) -> list[News]:
    told = []
    key = {"step": index, "number": after.number}
    if before is None:
        data = {**key, "origin": after.origin, "round": after.round, "task": after.task}
        told.append(News(Kind.ATTEMPT_ADDED, data, after.actor))
        before = replace(after, status=Status.PENDING, reason="", queued_at=None, ended_at=None)
    if _attempt_facts(before) != _attempt_facts(after):
        told.append(News(Kind.ATTEMPT_STATUS, {**key, **_attempt_facts(after)}))
    return told


def _attempt_facts(attempt: AttemptView) -> dict[str, Any]:
    return {
        "status": attempt.status.value,
        "reason": attempt.reason,
        "exit_code": attempt.exit_code,
        "agent": attempt.agent,
        "task": attempt.task,
        "queued_at": iso(attempt.queued_at),
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
    }


def _step_news(before: StepView, after: StepView) -> list[News]:
    def told(step: StepView) -> dict[str, Any]:
        return {
            "step": step.index,
            "status": step.status.value,
            "reason": step.reason,
            "attempt": step.attempt,
            "started_at": iso(step.started_at),
            "ended_at": iso(step.ended_at),
        }

    found = []
    if told(before) != told(after):
        found.append(News(Kind.STEP_STATUS, told(after)))
    if before.stale != after.stale:
        found.append(News(Kind.STALE, {"step": after.index, "stale": after.stale}))
    if before.progress != after.progress and after.status is not Status.PENDING:
        found.append(News(Kind.PROGRESS, {"step": after.index, "value": after.progress}))
    return found
