"""Calls made of hooks: whom a step waits for before its launch and after its end, who is told.

What is to be asked gathers in the view (``asks``); asking twice for the same is asking once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from orchestrator.domain.decisions import (
    Answered,
    CouldNotLaunch,
    Held,
    TakenFromCache,
    TaskStands,
)
from orchestrator.domain.graph import SCRIPT, Graph
from orchestrator.domain.hooks import (
    AFTER,
    CallKind,
    CallState,
    CallView,
    NewCall,
    declared,
    first_open,
    hooks_of,
    in_words,
)
from orchestrator.domain.planner.views import RunView
from orchestrator.domain.planner.work import Work, take_attempt
from orchestrator.domain.states import ENDED_BADLY, FINAL, Status

CALL: Final = "call"
"""Why a step is due when it waits for an answer."""


def held(work: Work, fact: Held) -> None:
    """The launch waits for an answer; the attempt is there, so that the call has one."""
    take_attempt(work, fact.step)
    work.set_step(fact.step, reason=fact.reason, due_at=None, due_why=CALL)


def answered(work: Work, fact: Answered) -> None:
    """What waited for the answer may go on; how, the next look at all answers says."""
    step = work.steps[fact.step]
    if step.status is Status.PENDING and step.attempt == fact.attempt and step.due_why == CALL:
        work.set_step(fact.step, reason="", due_why="")


def asks_for_retry(work: Work, fact: TaskStands) -> bool:
    """Whether it is not known yet if a failed attempt is tried again: somebody is asked."""
    match _retry_call(work, fact):
        case CallView(state=CallState.FAILED | CallState.DROPPED) | None:
            return False
        case CallView() as call:
            _wait(work, fact, call.who)
        case kind, place:
            work.asks.append(NewCall(kind, place, fact.step, fact.attempt, fact.status.value))
            _wait(work, fact, _who(work.graph, fact.step, kind, place))
    return True


def is_retried_by_call(work: Work, fact: TaskStands) -> bool:
    """True when everybody who is asked has answered, and somebody wants another attempt."""
    calls = work.view.calls.get((fact.step, fact.attempt), ())
    said = [call.answer for call in calls if call.kind is CallKind.RETRY]
    return True in said and _retry_call(work, fact) is None


def _retry_call(work: Work, fact: TaskStands) -> tuple[CallKind, int] | CallView | None:
    count = hooks_of({}, work.node(fact.step).hooks, CallKind.RETRY)
    if not count or fact.status is not Status.FAILED:
        return None
    calls = work.view.calls.get((fact.step, fact.attempt), ())
    return first_open(((CallKind.RETRY, count),), calls)


def end_after_calls(work: Work, fact: TaskStands) -> TaskStands | None:
    """How the step ends once everybody has been called who is called after its end; None: not yet.

    Nobody waits for them when the step is to end, with its run or alone: they are only told.
    """
    step = work.steps[fact.step]
    due = calls_after(work.graph, fact.step)
    if not due:
        return fact
    calls = work.view.calls.get((fact.step, fact.attempt), ())
    unwanted = fact.step in work.cancelled or step.status is Status.ABORTING
    if unwanted or work.view.status is Status.ABORTING:
        _tell(work, fact, due, calls)
        return fact
    match first_open(due, calls):
        case None:
            return fact
        case CallView(state=CallState.FAILED | CallState.DROPPED) as call:
            return _ended_by(call, fact)
        case CallView() as call:
            _wait(work, fact, call.who)
        case kind, place:
            work.asks.append(NewCall(kind, place, fact.step, fact.attempt, fact.status.value))
            _wait(work, fact, _who(work.graph, fact.step, kind, place))
    return None


def taken_after_calls(work: Work, fact: TakenFromCache) -> TakenFromCache | CouldNotLaunch | None:
    """The same of a step that is not executed; until it is answered the launch waits, and looks
    into the cache once more."""
    due = calls_after(work.graph, fact.step)
    if not due:
        return fact
    take_attempt(work, fact.step, first="cached")
    number = work.steps[fact.step].attempt
    match first_open(due, work.view.calls.get((fact.step, number), ())):
        case None:
            return fact
        case CallView(state=CallState.FAILED | CallState.DROPPED) as call:
            return CouldNotLaunch(fact.step, call.reason, call.traceback)
        case CallView() as call:
            held(work, Held(fact.step, waiting_for(call.who)))
        case kind, place:
            original = {"task": fact.task}
            status = Status.CACHED.value
            work.asks.append(NewCall(kind, place, fact.step, number, status, original))
            held(work, Held(fact.step, waiting_for(_who(work.graph, fact.step, kind, place))))
    return None


def calls_after(graph: Graph, index: int) -> tuple[tuple[CallKind, int], ...]:
    """Whom to call after a step's end, in order: each kind with how many there are."""
    own = graph.nodes[index].hooks
    if not own and not graph.hooks:
        return ()
    found = [(kind, hooks_of(graph.hooks, own, kind)) for kind in AFTER]
    return tuple(one for one in found if one[1])


def calls_of_moves(before: RunView, after: RunView) -> tuple[NewCall, ...]:
    """Whom to call because of how the run and its steps stand now; nothing waits for these."""
    hooks = after.graph.hooks
    moved = before.status is not after.status or before.round != after.round
    told: list[NewCall] = []
    for index, step in sorted(after.steps.items()):
        was = after.loaded[index].status
        if step.status is was:
            continue
        for place in range(hooks_of(hooks, after.graph.nodes[index].hooks, CallKind.STATUS)):
            more = {"previous_status": was.value}
            status = step.status.value
            told.append(NewCall(CallKind.STATUS, place, index, step.attempt, status, more))
    if moved:
        # How the run stands its script knows by itself: it is the run's own task.
        told += [
            NewCall(CallKind.STATUS, place, status=after.status.value)
            for place, hook in enumerate(declared(hooks, {}, CallKind.STATUS))
            if hook["kind"] != SCRIPT
        ]
    if moved and after.status in FINAL:
        count = hooks_of(hooks, {}, CallKind.ENDED)
        told += [
            NewCall(CallKind.ENDED, place, status=after.status.value) for place in range(count)
        ]
    return tuple(told)


def in_order(asks: Iterable[NewCall], told: Iterable[NewCall]) -> tuple[NewCall, ...]:
    """Put a turn's calls in the order of what they are about: how a step stands comes before what
    is asked of it then, and how it has ended comes last."""
    goes_on: list[NewCall] = []
    ended: list[NewCall] = []
    for call in told:
        (ended if Status(call.status) in FINAL else goes_on).append(call)
    return (*goes_on, *asks, *ended)


def _who(graph: Graph, index: int, kind: CallKind, place: int) -> str:
    return in_words(kind, declared(graph.hooks, graph.nodes[index].hooks, kind)[place]["kind"])


def _wait(work: Work, fact: TaskStands, who: str) -> None:
    """The task has ended; the step goes on until the answers are there."""
    values = {"status": Status.RUNNING, "started_at": fact.started_at, "agent": fact.agent}
    work.set_attempt(fact.step, fact.attempt, **values)
    work.set_step(
        fact.step,
        status=Status.RUNNING,
        reason=waiting_for(who),
        due_at=None,
        due_why=CALL,
        started_at=fact.started_at,
    )


def waiting_for(who: str) -> str:
    """Say what a held step waits for."""
    return f"waits for {who}"


def _tell(
    work: Work,
    fact: TaskStands,
    due: tuple[tuple[CallKind, int], ...],
    calls: tuple[CallView, ...],
) -> None:
    asked = {(call.kind, call.place) for call in calls}
    work.asks += [
        NewCall(kind, place, fact.step, fact.attempt, fact.status.value)
        for kind, count in due
        for place in range(count)
        if (kind, place) not in asked
    ]


def _ended_by(call: CallView, fact: TaskStands) -> TaskStands:
    """A call that fails after a good end makes it a bad one; a bad end stays as it was."""
    if fact.status in ENDED_BADLY:
        return fact
    return replace(
        fact, status=Status.FAILED, reason=call.reason, traceback=call.traceback, by_call=True
    )
