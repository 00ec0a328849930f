"""Rerunning: which steps are meant, what becomes of them, and of what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.domain.decisions import Rerun, SkippedBy
from orchestrator.domain.planner.views import Standing, standing
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import (
    ENDED_BADLY,
    FINAL,
    Status,
    StepEvent,
    StopReason,
    move_step,
)


def rerun(work: Work, fact: Rerun) -> None:
    """New attempts for the chosen steps; what was skipped because of them gets its chance too.

    1. Refuse as a whole what cannot be done, so that nothing is half asked.
    2. Prepare the attempts; the counts of their children follow by `spread`.
    3. Steps that took a value of an older attempt become stale.
    4. A run that had ended is reopened in a new round.
    """
    chosen = _bad_steps(work) if fact.failed else fact.steps
    fault = _rerun_fault(work, fact, chosen)
    if fault:
        work.refuse(fact, "rerun", fault)
        return
    work.ask(fact, "rerun", steps=work.names(chosen))
    if work.view.status in FINAL:
        work.set_run(status=Status.RUNNING, round=work.view.round + 1, reason="", ended_at=None)
    revived = _skipped_in_vain(work, chosen, everything=fact.failed)
    for index in (*chosen, *revived):
        work.set_step(
            index,
            status=move_step(work.steps[index].status, StepEvent.RERUN),
            reason="",
            skipped_by=SkippedBy.NOTHING,
            cause=None,
            stale=False,
            progress=None,
            due_at=None,
            retried=0,
            crashed=0,
            started_at=None,
            ended_at=None,
        )
    for index in (*chosen, *revived):
        work.set_step(index, cause=_cause_above(work, index))
    for index in chosen:
        overrides = dict(fact.overrides.get(index, {}))
        if fact.queue:
            overrides["queue"] = fact.queue
        work.prepare(index, origin="rerun", actor=fact.actor, **overrides)
    _mark_stale(work, frozenset(chosen))
    left_out = any(step.skipped_by is SkippedBy.ABORT for step in work.steps.values())
    work.set_run(stop_reason=work.view.stop_reason if left_out else StopReason.NONE)


def _bad_steps(work: Work) -> tuple[int, ...]:
    return tuple(i for i, step in sorted(work.steps.items()) if step.status in ENDED_BADLY)


def _cause_above(work: Work, index: int) -> int | None:
    """The first cause, if there is still one, for which the step would be skipped again."""
    for place in work.graph.parents[index]:
        parent = work.steps[place]
        if standing(parent, work.node(place)) in (Standing.BAD, Standing.PASSED):
            return place if parent.cause is None else parent.cause
    return None


def _rerun_fault(work: Work, fact: Rerun, chosen: Iterable[int]) -> str:
    if work.view.status is Status.ABORTING:
        return "the run is being aborted"
    if not work.view.complete:
        return "the run has not started"
    chosen = tuple(chosen)
    if not chosen and not _skipped_in_vain(work, (), everything=True):
        return "there is nothing to rerun"
    for index in sorted(set(fact.overrides) - set(chosen)):
        return f'step "{work.node(index).name}" is not among those that are rerun'
    for index in chosen:
        status = work.steps[index].status
        if status not in FINAL:
            return f'step "{work.node(index).name}" is {status}; only steps that ended are rerun'
    return ""


def _skipped_in_vain(work: Work, chosen: tuple[int, ...], *, everything: bool) -> tuple[int, ...]:
    """Steps that never ran because something above them ended badly or the run was aborted."""
    among = tuple(work.steps) if everything else work.graph.descendants(*chosen)
    return tuple(
        index
        for index in sorted(among)
        if index not in chosen
        and work.steps[index].skipped_by in (SkippedBy.BAD_PARENT, SkippedBy.ABORT)
    )


def _mark_stale(work: Work, renewed: frozenset[int]) -> None:
    for index, step in list(work.steps.items()):
        current = work.current(index)
        if current and current.task and not step.stale and current.inputs & renewed:
            work.set_step(index, stale=True)
