"""What should happen now, and the view after it did."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto
from typing import Final

from orchestrator.domain.decisions import (
    Cancel,
    Decision,
    Dismiss,
    Finish,
    Halt,
    HoldBack,
    Launch,
    PauseBefore,
    Skip,
    SkippedBy,
    Withdraw,
)
from orchestrator.domain.graph import Kind, Node, Trigger
from orchestrator.domain.planner.calling import CALL
from orchestrator.domain.planner.fanning import halt, hold_back, plan_fan_out, within_limits
from orchestrator.domain.planner.scripting import (
    end_script,
    fails_with_script,
    outcome_of_script,
    waits_for_script,
)
from orchestrator.domain.planner.views import RunView, StepView
from orchestrator.domain.planner.work import (
    NO_DUE,
    Work,
    end_retry_delay,
    pass_over,
    put_aside,
    waits_for_retry,
)
from orchestrator.domain.states import (
    FINAL,
    GOING,
    Status,
    StepEvent,
    StopReason,
    move_step,
    outcome,
)

RUN_ABORTED: Final = "the run was aborted"
ABORTED_UNANSWERED: Final = "aborted before anybody answered"


def plan(view: RunView, now: datetime) -> tuple[Decision, ...]:
    """What should happen next to the loaded steps, in the order of their index.

    Planning is repeatable: the same view gives the same answer, and once the answer has been
    carried out there is less of it, in the end nothing.
    """
    decisions: list[Decision] = []
    for index in sorted(view.steps):
        step = view.steps[index]
        is_to_end = view.status is Status.ABORTING or index in view.cancelled
        if view.graph.nodes[index].is_fan_out and step.status in (Status.RUNNING, Status.ABORTING):
            decisions.extend(plan_fan_out(view, step))
        elif step.status in (Status.QUEUED, Status.RUNNING):
            if is_to_end or step.again is not None:
                decisions.append(Cancel(index))
            elif step.status is Status.QUEUED and index in view.withdrawn:
                decisions.append(Withdraw(index, view.withdrawn[index].reason))
        elif step.status is Status.AWAITING and is_to_end:
            decisions.append(Dismiss(index))
        elif step.status is Status.PENDING:
            decisions.extend(_plan_pending(view, step, now))
    decisions = [*end_script(view), *_held_back(view, within_limits(view, decisions))]
    if decisions or view.unspread:
        return tuple(decisions)
    return _plan_end(view)


def _held_back(view: RunView, decisions: list[Decision]) -> list[Decision]:
    """What may be done of this now: nothing is launched beside a step before which the run pauses,
    nor more than may run at a time; those of higher priority go first.
    """
    stops = [each for each in decisions if isinstance(each, PauseBefore)]
    if stops:
        rest = [each for each in decisions if not isinstance(each, Launch | PauseBefore)]
        return [*rest, stops[0]]
    limit = view.graph.options.max_parallel
    if limit is None:
        return decisions
    launches = [each for each in decisions if isinstance(each, Launch)]
    limited = [each for each in launches if takes_place(view.graph.nodes[each.step])]
    limited.sort(key=lambda each: (-view.graph.nodes[each.step].priority, each.step))
    too_many = set(limited[max(limit - view.active_now(), 0) :])
    return [each for each in decisions if each not in too_many]


def takes_place(node: Node) -> bool:
    """True when the step counts among those of which a run lets only so many run at a time."""
    return node.kind is not Kind.APPROVAL and not node.is_fan_out


def _plan_pending(view: RunView, step: StepView, now: datetime) -> tuple[Decision, ...]:
    if view.status is Status.ABORTING:
        return (Skip(step.index, SkippedBy.ABORT, RUN_ABORTED),)
    if view.status not in (Status.RUNNING, Status.PAUSED):
        return ()
    node = view.graph.nodes[step.index]
    verdict = judge(step, node)
    if verdict is Verdict.START:
        waits = step.due_why == CALL or (step.due_at and step.due_at > now)
        if view.status is Status.PAUSED or waits:
            return ()
        stops = node.name in view.pause_at and not step.let_pass
        return (PauseBefore(step.index) if stops else Launch(step.index),)
    if verdict is Verdict.WAIT:
        return ()
    by = SkippedBy.BAD_PARENT if verdict is Verdict.SKIP_BAD else SkippedBy.PASSED_PARENT
    return (Skip(step.index, by, _skip_reason(view, step), step.cause),)


class Verdict(Enum):
    """What a step's parents allow."""

    WAIT = auto()
    START = auto()
    SKIP_BAD = auto()
    SKIP_PASSED = auto()


def judge(step: StepView, node: Node) -> Verdict:
    """May the step start, must it wait, or will it never start? By its trigger rule."""
    total = len(set(node.parents))
    if total == 0:
        return Verdict.START
    passed = total - step.open - step.good - step.bad
    never = Verdict.SKIP_BAD if step.bad else Verdict.SKIP_PASSED
    match node.trigger:
        case Trigger.ALL_SUCCEEDED:
            start, hopeless = step.good == total, step.bad > 0 or passed > 0
        case Trigger.NONE_FAILED:
            start, hopeless = step.open == 0 and step.bad == 0 and step.good > 0, step.bad > 0
        case Trigger.ALL_DONE:
            start, hopeless = step.open == 0, False
        case Trigger.ANY_FAILED:
            start, hopeless = step.bad > 0, False
        case Trigger.ANY_SUCCEEDED:
            start, hopeless = step.good > 0, False
    if start:
        return Verdict.START
    return never if hopeless or step.open == 0 else Verdict.WAIT


def _skip_reason(view: RunView, step: StepView) -> str:
    node = view.graph.nodes[step.index]
    if step.cause is None:
        return f"no parent ended as its trigger {node.trigger} asks"
    name = view.graph.nodes[step.cause].name
    cause = view.steps.get(step.cause)
    if cause is None:
        return f'"{name}" did not succeed'
    was = "was " if cause.status in (Status.ABORTED, Status.SKIPPED) else ""
    return f'"{name}" {was}{cause.status}'


def _plan_end(view: RunView) -> tuple[Decision, ...]:
    if view.status not in GOING or not view.complete or waits_for_script(view):
        return ()
    tally = view.tally_now()
    if set(tally) - FINAL:
        return ()
    counted = tally - view.uncounted_now()
    # Why it was to end stays said; how its steps failed is summed up by who knows their names.
    is_said = view.stop_reason in (StopReason.ABORT, StopReason.DEADLINE)
    is_said = is_said or fails_with_script(view)
    reason = view.reason if is_said else ""
    status = outcome(counted, stop_reason=view.stop_reason, script_outcome=outcome_of_script(view))
    return (Finish(status, reason),)


def carry(
    view: RunView, decision: Skip | Dismiss | HoldBack | Halt | PauseBefore | Finish, now: datetime
) -> RunView:
    """The view after a decision that needs nobody outside."""
    work = Work(view, now)
    match decision:
        case Finish():
            work.set_run(status=decision.status, reason=decision.reason, ended_at=now)
        case PauseBefore():
            reason = f'paused before "{work.node(decision.step).name}"'
            work.set_run(status=Status.PAUSED, reason=reason)
        case Dismiss():
            _dismiss(work, decision.step)
        case HoldBack():
            hold_back(work, decision.step)
        case Halt():
            halt(work, decision.step)
        case Skip():
            _skip(work, decision)
    return work.done()


def _skip(work: Work, decision: Skip) -> None:
    index = decision.step
    if decision.by is SkippedBy.ABORT and waits_for_retry(work.steps[index], work.current(index)):
        end_retry_delay(work, index)
    else:
        pass_over(work, decision)


def _dismiss(work: Work, index: int) -> None:
    put_aside(work, index, Status.ABORTED, ABORTED_UNANSWERED)
    work.set_step(
        index,
        status=move_step(work.steps[index].status, StepEvent.ABORT),
        reason=ABORTED_UNANSWERED,
        ended_at=work.now,
        **NO_DUE,
    )
