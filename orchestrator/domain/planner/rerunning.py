"""Rerunning: which steps are meant, what becomes of them, and of what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.domain.decisions import Rerun, SkippedBy
from orchestrator.domain.planner.views import RunView, Standing, standing
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import (
    ENDED_BADLY,
    FINAL,
    Status,
    StepEvent,
    StopReason,
    move_step,
)

NAMED = 20
"""So many of the chosen steps the run's history names; of others it says how many."""


def rerun(work: Work, fact: Rerun) -> None:
    """New attempts for the chosen steps; what was skipped because of them gets its chance too.

    1. Refuse as a whole what cannot be done, so that nothing is half asked.
    2. Prepare the attempts; the counts of their children follow by `spread`.
    3. Steps that took a value of an older attempt become stale.
    4. A run that had ended is reopened in a new round.
    """
    chosen = chosen_steps(work.view, fact)
    fault = _fault(work, fact, chosen)
    if fault:
        work.refuse(fact, "rerun", fault)
        return
    work.ask(fact, "rerun", **_told(work, fact, chosen))
    if work.view.status in FINAL:
        work.set_run(status=Status.RUNNING, round=work.view.round + 1, reason="", ended_at=None)
    revived = skipped_in_vain(work.view, chosen, everything=fact.failed)
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
        work.prepare(index, origin="rerun", actor=fact.actor, inherits=not fact.reset, **overrides)
    _mark_stale(work, frozenset(chosen))
    left_out = any(step.skipped_by is SkippedBy.ABORT for step in work.steps.values())
    work.set_run(stop_reason=work.view.stop_reason if left_out else StopReason.NONE)


def chosen_steps(view: RunView, fact: Rerun) -> tuple[int, ...]:
    """The steps that get a new attempt, in the order of their index."""
    if fact.everything:
        return tuple(sorted(view.steps))
    if fact.failed:
        return tuple(i for i, step in sorted(view.steps.items()) if step.status in ENDED_BADLY)
    if fact.stale:
        return _stale_and_below(view)
    if fact.below:
        return tuple(sorted({*fact.steps, *view.graph.descendants(*fact.steps)}))
    return tuple(sorted(set(fact.steps)))


def _stale_and_below(view: RunView) -> tuple[int, ...]:
    """What is stale, and what would be so once that has new attempts: who took values of it."""
    found: set[int] = set()
    for index in view.graph.order:
        current = view.current(index) if index in view.steps else None
        if current and (view.steps[index].stale or current.inputs & found):
            found.add(index)
    return tuple(sorted(found))


def skipped_in_vain(view: RunView, chosen: tuple[int, ...], *, everything: bool) -> tuple[int, ...]:
    """Steps that never ran because something above them ended badly or the run was aborted."""
    among = tuple(view.steps) if everything else view.graph.descendants(*chosen)
    taken = frozenset(chosen)
    return tuple(
        index
        for index in sorted(among)
        if index not in taken
        and view.steps[index].skipped_by in (SkippedBy.BAD_PARENT, SkippedBy.ABORT)
    )


def _told(work: Work, fact: Rerun, chosen: tuple[int, ...]) -> dict[str, object]:
    ways = {"failed": fact.failed, "stale": fact.stale, "from": fact.below}
    way = next((word for word, is_so in ways.items() if is_so), "steps")
    named = fact.steps if fact.below else chosen
    return {
        "way": "all" if fact.everything else way,
        "steps": work.names(named[:NAMED]),
        "count": len(chosen),
    }


def _cause_above(work: Work, index: int) -> int | None:
    """The first cause, if there is still one, for which the step would be skipped again."""
    for place in work.graph.parents[index]:
        parent = work.steps[place]
        if standing(parent, work.node(place)) in (Standing.BAD, Standing.PASSED):
            return place if parent.cause is None else parent.cause
    return None


def _fault(work: Work, fact: Rerun, chosen: Iterable[int]) -> str:
    if work.view.status is Status.ABORTING:
        return "the run is being aborted"
    if not work.view.complete:
        return "the run has not started"
    chosen = tuple(chosen)
    if not chosen and not (fact.failed and skipped_in_vain(work.view, (), everything=True)):
        return "nothing is stale" if fact.stale else "there is nothing to rerun"
    for index in sorted(set(fact.overrides) - set(chosen)):
        return f'step "{work.node(index).name}" is not among those that are rerun'
    for index in chosen:
        status = work.steps[index].status
        if status not in FINAL:
            return f'step "{work.node(index).name}" is {status}; only steps that ended are rerun'
    return ""


def _mark_stale(work: Work, renewed: frozenset[int]) -> None:
    for index, step in list(work.steps.items()):
        current = work.current(index)
        if current and not step.stale and current.inputs & renewed:
            work.set_step(index, stale=True)
