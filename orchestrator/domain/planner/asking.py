"""What people ask of a run that is there: abort it, abort steps; see also `rerunning`."""

from __future__ import annotations

from orchestrator.domain.decisions import AbortRun, AbortSteps
from orchestrator.domain.planner.fanning import abort_items
from orchestrator.domain.planner.work import Work, end_retry_delay, waits_for_retry
from orchestrator.domain.states import FINAL, FOLDABLE, Status, StopReason


def abort_run(work: Work, fact: AbortRun) -> None:
    if work.view.status in FINAL:
        work.refuse(fact, "abort", f"the run is {work.view.status} already")
        return
    work.ask(fact, "abort")
    if work.view.status is Status.DRAFT:
        work.set_run(status=Status.ABORTED, stop_reason=StopReason.ABORT, ended_at=work.now)
    elif work.view.status is not Status.ABORTING:
        work.set_run(status=Status.ABORTING, stop_reason=StopReason.ABORT, reason=fact.reason)


def abort_steps(work: Work, fact: AbortSteps) -> None:
    for index in fact.steps:
        step, name = work.steps.get(index), work.node(index).name
        if step is None:
            work.refuse(fact, "abort", f'step "{name}" has not started')
        elif work.node(index).is_fan_out and step.status in FOLDABLE:
            work.ask(fact, "abort", steps=[name])
            abort_items(work, index)
        elif step.status in FOLDABLE or step.status is Status.AWAITING:
            work.ask(fact, "abort", steps=[name])
            work.set_step(index, again=None)
            work.cancelled.add(index)
        elif waits_for_retry(step, work.current(index)):
            work.ask(fact, "abort", steps=[name])
            end_retry_delay(work, index)
        elif step.status in FINAL:
            work.refuse(fact, "abort", f'step "{name}" is {step.status} already')
        else:
            work.refuse(fact, "abort", f'step "{name}" has not started')


def _decides(work: Work, index: int) -> bool:
    """True when the run fails with the step; one item is enough for its fan-out to fail."""
    return not any(work.node(one).may_fail for one in (index, *work.graph.above(index)))


def stop_on_failure(work: Work) -> None:
    """A run that is to end with its first failure is aborted once a step that counts failed."""
    if not work.graph.options.abort_on_failure:
        return
    for index, step in sorted(work.steps.items()):
        before = work.view.steps.get(index)
        has_failed = step.status in (Status.FAILED, Status.CRASHED)
        if work.view.status not in (Status.RUNNING, Status.PAUSED):
            return
        if has_failed and _decides(work, index) and before and before.status is not step.status:
            reason = f'"{work.node(index).name}" {step.status}: {step.reason}'.rstrip(": ")
            work.set_run(status=Status.ABORTING, stop_reason=StopReason.FAILURE, reason=reason)
