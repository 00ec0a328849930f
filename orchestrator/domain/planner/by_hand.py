"""Steps that somebody ends by hand: passed over, completed with given values, or failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from orchestrator.domain.decisions import ByHand, Skip, SkippedBy, TaskStands, Verb
from orchestrator.domain.graph import Kind
from orchestrator.domain.planner.rerunning import (
    find_causes_anew,
    forget_stop,
    mark_stale,
    reopen,
    revive,
    skipped_in_vain,
)
from orchestrator.domain.planner.views import Withdrawal
from orchestrator.domain.planner.work import UNTRIED, Work, pass_over, put_aside
from orchestrator.domain.states import FINAL, Status, StepEvent, move_step

BY_HAND: Final = "by hand"

_DONE: Final = {Verb.SKIP: "skipped", Verb.COMPLETE: "completed", Verb.FAIL: "failed"}
_MOVES: Final = {Verb.COMPLETE: StepEvent.COMPLETE_BY_HAND, Verb.FAIL: StepEvent.FAIL_BY_HAND}


def end_by_hand(work: Work, fact: ByHand) -> None:
    """End a step as somebody says, if it stands so that this can be."""
    fault = _fault(work, fact)
    if fault:
        work.refuse(fact, fact.verb, fault)
    elif fact.verb is not Verb.SKIP:
        _tell(work, fact)
        _end(work, fact)
    elif work.steps[fact.step].status is Status.QUEUED:
        work.set_step(fact.step, again=None)
        work.withdrawn[fact.step] = Withdrawal(_said(fact), fact)
    else:
        _tell(work, fact)
        pass_over(work, Skip(fact.step, SkippedBy.PERSON, _said(fact)))


def stands_withdrawn(work: Work, fact: TaskStands) -> TaskStands | None:
    """How the task of a queued attempt stands that was to be ended; None: nothing more to fold.

    One that was claimed in the same moment goes on, and whoever asked is told.
    """
    withdrawal = work.withdrawn.pop(fact.step)
    ask = withdrawal.ask
    if fact.status is not Status.ABORTED:
        if ask:
            work.refuse(ask, ask.verb, f'step "{work.node(fact.step).name}" has just started')
        return fact
    if ask is None:
        return replace(fact, status=Status.FAILED, reason=withdrawal.reason)
    _tell(work, ask)
    values = {"status": Status.SKIPPED, "reason": withdrawal.reason, "ended_at": fact.ended_at}
    work.set_attempt(fact.step, fact.attempt, **values)
    pass_over(work, Skip(fact.step, SkippedBy.PERSON, withdrawal.reason))
    return None


def _fault(work: Work, fact: ByHand) -> str:
    if work.view.status is Status.ABORTING:
        return "the run is being aborted"
    if not work.view.complete or work.view.status is Status.DRAFT:
        return "the run has not started"
    step, node = work.steps[fact.step], work.node(fact.step)
    if node.is_fan_out and fact.verb is not Verb.SKIP:
        # It has no attempt that could say so: how it stands follows from its items.
        return f'step "{node.name}" is done for each item of a list; end its items instead'
    if step.status in (Status.PENDING, Status.AWAITING):
        return ""
    if fact.verb is not Verb.SKIP:
        is_alive = step.status not in FINAL
        return f'step "{node.name}" is {step.status}; abort it first' if is_alive else ""
    if (withdrawal := work.withdrawn.get(fact.step)) and withdrawal.ask:
        return f'step "{node.name}" is being skipped already'
    if step.status is not Status.QUEUED:
        return f'step "{node.name}" is {step.status}; only one that has not started is skipped'
    nested = node.kind is Kind.PIPELINE
    return f'step "{node.name}" has begun its own run; abort it first' if nested else ""


def _end(work: Work, fact: ByHand) -> None:
    """Give the step an attempt that has ended, and what hangs on it its chance.

    1. A run that had ended goes on. 2. The attempt that waited is put aside. 3. The new one
    stands as it was said. 4. What was skipped in vain below waits again; what took values of
    an older attempt is stale.
    """
    index = fact.step
    reopen(work)
    put_aside(work, index, Status.SKIPPED, f"{_DONE[fact.verb]} by hand instead")
    work.prepare(index, origin=BY_HAND, actor=fact.actor)
    status = move_step(work.steps[index].status, _MOVES[fact.verb])
    work.set_attempt(
        index,
        work.steps[index].attempt,
        status=status,
        reason=_said(fact),
        outputs=fact.outputs,
        ended_at=work.now,
    )
    values = {"status": status, "reason": _said(fact), "ended_at": work.now}
    work.set_step(index, **{**UNTRIED, **values})
    revive(work, skipped_in_vain(work.done(), (index,), everything=False))
    find_causes_anew(work)
    mark_stale(work, frozenset({index}))
    forget_stop(work)


def _said(fact: ByHand) -> str:
    return f"by {fact.actor}: {fact.reason}" if fact.actor else fact.reason


def _tell(work: Work, fact: ByHand) -> None:
    work.ask(fact, fact.verb, steps=[work.node(fact.step).name], reason=fact.reason)
