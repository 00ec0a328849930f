"""What launching a step gave: a task in a queue, a result from the cache, or nothing."""

from __future__ import annotations

from orchestrator.domain.decisions import CouldNotLaunch, Launched, TakenFromCache
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import Status, StepEvent, move_step


def launched(work: Work, fact: Launched) -> None:
    _take_attempt(work, fact.step)
    step = work.steps[fact.step]
    work.set_attempt(
        fact.step,
        step.attempt,
        status=Status.QUEUED,
        task=fact.task,
        queued_at=fact.queued_at,
        inputs=fact.inputs,
    )
    work.set_step(
        fact.step,
        status=move_step(step.status, StepEvent.LAUNCH),
        reason="",
        cause=None,
        stale=False,
        due_at=None,
    )


def taken_from_cache(work: Work, fact: TakenFromCache) -> None:
    _take_attempt(work, fact.step, first="cached")
    step = work.steps[fact.step]
    work.set_attempt(
        fact.step,
        step.attempt,
        status=Status.CACHED,
        task=fact.task,
        inputs=fact.inputs,
        started_at=work.now,
        ended_at=work.now,
    )
    work.set_step(
        fact.step,
        status=move_step(step.status, StepEvent.HIT_CACHE),
        reason="",
        cause=None,
        stale=False,
        due_at=None,
        started_at=work.now,
        ended_at=work.now,
    )


def could_not_launch(work: Work, fact: CouldNotLaunch) -> None:
    _take_attempt(work, fact.step)
    work.set_attempt(
        fact.step,
        work.steps[fact.step].attempt,
        status=Status.FAILED,
        reason=fact.reason,
        ended_at=work.now,
    )
    work.set_step(
        fact.step,
        status=Status.FAILED,
        reason=fact.reason,
        cause=None,
        due_at=None,
        ended_at=work.now,
    )


def _take_attempt(work: Work, index: int, first: str = "first") -> None:
    current = work.current(index)
    if current is None or not current.is_prepared:
        work.prepare(index, origin="rerun" if current else first)
