"""What launching a step gave: a task in a queue, a result from the cache, or nothing."""

from __future__ import annotations

from orchestrator.domain.decisions import CouldNotLaunch, Launched, TakenFromCache
from orchestrator.domain.planner.waiting import due_in_queue
from orchestrator.domain.planner.work import NO_DUE, Work, take_attempt
from orchestrator.domain.states import Status, StepEvent, move_step


def launched(work: Work, fact: Launched) -> None:
    take_attempt(work, fact.step)
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
        **due_in_queue(work, fact.step),
    )


def taken_from_cache(work: Work, fact: TakenFromCache) -> None:
    take_attempt(work, fact.step, first="cached")
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
        **NO_DUE,
        started_at=work.now,
        ended_at=work.now,
    )


def could_not_launch(work: Work, fact: CouldNotLaunch) -> None:
    if not work.node(fact.step).is_fan_out:
        take_attempt(work, fact.step)
        work.set_attempt(
            fact.step,
            work.steps[fact.step].attempt,
            status=Status.FAILED,
            reason=fact.reason,
            traceback=fact.traceback,
            ended_at=work.now,
        )
    work.set_step(
        fact.step,
        status=Status.FAILED,
        reason=fact.reason,
        cause=None,
        **NO_DUE,
        ended_at=work.now,
    )
