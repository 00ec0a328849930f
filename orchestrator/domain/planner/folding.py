"""What has happened: how tasks stand, what was launched, what was reported, what was asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    Answer,
    Answered,
    Ask,
    Awaits,
    ByHand,
    CouldNotLaunch,
    Fact,
    Gathered,
    Held,
    Launched,
    Pause,
    PauseAt,
    Progressed,
    Reopened,
    Rerun,
    Resume,
    ScriptStands,
    SpreadOut,
    TakenFromCache,
    TaskStands,
)
from orchestrator.domain.graph import RETRY_CRASHED, RETRY_FAILED
from orchestrator.domain.planner.approving import answer, asked_for
from orchestrator.domain.planner.asking import abort_run, abort_steps, stop_on_failure
from orchestrator.domain.planner.by_hand import end_by_hand, stands_withdrawn
from orchestrator.domain.planner.calling import (
    answered,
    asks_for_retry,
    end_after_calls,
    held,
    is_retried_by_call,
    taken_after_calls,
)
from orchestrator.domain.planner.fanning import gathered, spread_out
from orchestrator.domain.planner.launching import could_not_launch, launched, taken_from_cache
from orchestrator.domain.planner.pausing import pause, pause_at, resume
from orchestrator.domain.planner.rerunning import rerun, take_up
from orchestrator.domain.planner.scripting import script_stands
from orchestrator.domain.planner.views import RunView, StepView
from orchestrator.domain.planner.waiting import due_in_queue, end_waits
from orchestrator.domain.planner.work import NO_DUE, RETRY, Work
from orchestrator.domain.states import FINAL, FOLDABLE, Status

CRASH_RETRIES: Final = 2
"""How often in a row a crashed attempt is tried again although nobody asked for retries."""


def fold(view: RunView, facts: Iterable[Fact], now: datetime) -> RunView:
    """The view after *facts*, in whatever order they came.

    What people asked for is taken up last, so that it meets the newest state of the tasks.
    """
    work = Work(view, now)
    end_waits(work)
    for fact in sorted(facts, key=_order):
        _FOLDS[type(fact)](work, fact)
    stop_on_failure(work)
    return work.done()


def _order(fact: Fact) -> tuple[int, float]:
    if isinstance(fact, Ask):
        return 2, fact.signal
    # Progress after the news that the step runs, and the furthest last.
    return (1, fact.value) if isinstance(fact, Progressed) else (0, 0)


def _task_stands(work: Work, fact: TaskStands) -> None:
    step = work.steps[fact.step]
    if step.attempt != fact.attempt or fact.status not in FOLDABLE.get(step.status, ()):
        return
    if fact.step in work.withdrawn and fact.status is not Status.QUEUED:
        stands = stands_withdrawn(work, fact)
        if stands is None:
            return
        fact = stands
    if fact.status in FINAL and _ends_for_good(work, fact):
        if _may_be_retried(work, fact) and asks_for_retry(work, fact):
            return
        end = end_after_calls(work, fact)
        if end is None:
            return
        fact = end
    work.set_attempt(
        fact.step,
        fact.attempt,
        status=fact.status,
        reason=fact.reason,
        traceback=fact.traceback,
        exit_code=fact.exit_code,
        agent=fact.agent,
        queued_at=fact.queued_at,
        started_at=fact.started_at,
        ended_at=fact.ended_at,
    )
    if fact.status in FINAL:
        _ended(work, fact)
    else:
        _goes_on(work, fact)


def _goes_on(work: Work, fact: TaskStands) -> None:
    """The task is not at its end. One that its agent gave back waits in its queue anew."""
    step, is_queued = work.steps[fact.step], fact.status is Status.QUEUED
    due: Mapping[str, Any] = NO_DUE
    if is_queued:
        stays = {"due_at": step.due_at, "due_why": step.due_why}
        due = stays if step.status is Status.QUEUED else due_in_queue(work, fact.step)
    work.set_step(
        fact.step,
        status=fact.status,
        started_at=fact.started_at,
        progress=None if is_queued else step.progress,
        **due,
    )


def _ends_for_good(work: Work, fact: TaskStands) -> bool:
    """True when no other attempt follows by itself."""
    step = work.steps[fact.step]
    return step.again is None and _retry_delay(work, step, fact) is None


def _taken(work: Work, fact: TakenFromCache) -> None:
    match taken_after_calls(work, fact):
        case TakenFromCache() as taken:
            taken_from_cache(work, taken)
        case CouldNotLaunch() as failed:
            could_not_launch(work, failed)


def _ended(work: Work, fact: TaskStands) -> None:
    step = work.steps[fact.step]
    if step.again is not None and work.view.status in (Status.RUNNING, Status.PAUSED):
        take_up(work, fact.step, fact.status)
        return
    delay = _retry_delay(work, step, fact)
    if delay is None:
        crashed = step.crashed if fact.status is Status.CRASHED else 0
        work.set_step(
            fact.step,
            status=fact.status,
            reason=fact.reason,
            crashed=crashed,
            again=None,
            started_at=fact.started_at,
            ended_at=fact.ended_at,
            **NO_DUE,
        )
        return
    by_itself = fact.status is Status.CRASHED and step.crashed < CRASH_RETRIES
    work.prepare(fact.step, origin=RETRY)
    work.set_step(
        fact.step,
        status=Status.PENDING,
        reason=f"attempt {fact.attempt} {fact.status}: {fact.reason}".rstrip(": "),
        retried=step.retried + (not by_itself),
        crashed=step.crashed + 1 if fact.status is Status.CRASHED else 0,
        due_at=work.now + timedelta(seconds=delay) if delay else None,
        due_why=RETRY if delay else "",
        started_at=None,
        ended_at=None,
        progress=None,
    )


def _retry_delay(work: Work, step: StepView, fact: TaskStands) -> float | None:
    """Seconds until the attempt is tried again by itself; None: it is not."""
    retries = work.node(step.index).retries
    word = {Status.FAILED: RETRY_FAILED, Status.CRASHED: RETRY_CRASHED}.get(fact.status)
    if word not in retries.on or not _may_be_retried(work, fact):
        return None
    if fact.status is Status.CRASHED and step.crashed < CRASH_RETRIES:
        return 0.0
    if step.retried >= retries.number:
        return 0.0 if is_retried_by_call(work, fact) else None
    delay = retries.delay * retries.factor**step.retried
    if retries.limit is not None:
        delay = min(delay, retries.limit)
    # The same attempt always waits the same time, so a turn that is taken twice agrees.
    chance = zlib.crc32(f"{work.node(step.index).name}.{step.attempt}".encode()) / 2**32
    return delay * (1 + retries.jitter * chance)


def _may_be_retried(work: Work, fact: TaskStands) -> bool:
    """False when somebody wants it to end; that it ended by itself just before changes nothing."""
    goes_on = work.view.status in (Status.RUNNING, Status.PAUSED)
    return goes_on and not fact.by_call and fact.step not in work.cancelled


def _progressed(work: Work, fact: Progressed) -> None:
    step = work.steps[fact.step]
    if step.attempt == fact.attempt and step.status in (Status.RUNNING, Status.ABORTING):
        work.set_step(fact.step, progress=fact.value)


def _reopened(work: Work, fact: Reopened) -> None:
    step = work.steps[fact.step]
    if step.attempt == fact.attempt and step.status in FINAL:
        work.set_step(fact.step, stale=True)


_FOLDS: Final[Mapping[type, Callable[[Work, Any], None]]] = {
    TaskStands: _task_stands,
    Progressed: _progressed,
    Reopened: _reopened,
    ScriptStands: script_stands,
    Launched: launched,
    TakenFromCache: _taken,
    CouldNotLaunch: could_not_launch,
    Held: held,
    Answered: answered,
    Awaits: asked_for,
    Answer: answer,
    SpreadOut: spread_out,
    Gathered: gathered,
    Rerun: rerun,
    AbortSteps: abort_steps,
    AbortRun: abort_run,
    ByHand: end_by_hand,
    Pause: pause,
    Resume: resume,
    PauseAt: pause_at,
}
