"""Rerunning: which steps are meant, what becomes of them, and of what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.decisions import Rerun, SkippedBy
from orchestrator.domain.planner.fanning import abort_items, list_is_stale, meant, reopen_above
from orchestrator.domain.planner.scripting import rerun_needs_script, want_script
from orchestrator.domain.planner.views import AttemptView, RunView, Standing, standing
from orchestrator.domain.planner.waiting import deadline_from
from orchestrator.domain.planner.work import NAMED, NO_DUE, UNTRIED, Work, waits_for_retry
from orchestrator.domain.states import (
    ENDED_BADLY,
    FINAL,
    FOLDABLE,
    Status,
    StepEvent,
    StopReason,
    move_step,
)


def rerun(work: Work, fact: Rerun) -> None:
    """New attempts for the chosen steps; what was skipped because of them gets its chance too.

    1. Refuse as a whole what cannot be done, so that nothing is half asked.
    2. Prepare the attempts; a step that has a living one is asked to end it first. The counts
       of their children follow by `spread`.
    3. Steps that took a value of an older attempt become stale.
    4. A run that had ended is reopened in a new round.
    """
    chosen = chosen_steps(work.done(), fact)
    fault = _fault(work, fact, chosen)
    if fault:
        work.refuse(fact, "rerun", fault)
        return
    work.ask(fact, "rerun", **_told(work, fact, chosen))
    if rerun_needs_script(work.view, chosen):
        want_script(work)
    reopen(work)
    revived = skipped_in_vain(work.done(), chosen, everything=fact.failed)
    revive(work, revived)
    for index in chosen:
        _renew(work, index, fact)
    reopen_above(work, (*chosen, *revived))
    find_causes_anew(work)
    mark_stale(work, frozenset(chosen))
    forget_stop(work)


def reopen(work: Work) -> None:
    """A run that had ended goes on, in a new round."""
    if work.view.status in FINAL:
        work.set_run(
            status=Status.RUNNING,
            round=work.view.round + 1,
            reason="",
            ended_at=None,
            deadline_at=deadline_from(work.now, work.view.timeout),
        )


def revive(work: Work, in_vain: Iterable[int]) -> None:
    """What was skipped waits again; what is above may skip it again."""
    for index in in_vain:
        _begin_anew(work, index, work.steps[index].status)


def forget_stop(work: Work) -> None:
    """Why the run was told to stop matters no more, once nothing is left out because of it."""
    left_out = any(step.skipped_by is SkippedBy.ABORT for step in work.steps.values())
    work.set_run(stop_reason=work.view.stop_reason if left_out else StopReason.NONE)


def take_up(work: Work, index: int, ended: Status) -> None:
    """The attempt that was in the way has ended so: the one asked for takes its place."""
    again = work.steps[index].again or {}
    _begin_anew(work, index, ended)
    _prepare(work, index, again)
    # Whoever wanted the older attempt to end did not mean this one.
    work.cancelled.discard(index)


def _renew(work: Work, index: int, fact: Rerun) -> None:
    """Ask for a new attempt of one step, whatever it is at."""
    step = work.steps[index]
    wanted = _wanted(fact, index)
    if work.node(index).is_fan_out:
        _renew_fan_out(work, index, wanted)
    elif step.status in FOLDABLE:
        work.set_step(index, again=wanted)
        if (withdrawal := work.withdrawn.pop(index, None)) and (ask := withdrawal.ask):
            name = work.node(index).name
            work.refuse(ask, ask.verb, f'somebody wants step "{name}" to be tried again')
    elif step.status is not Status.PENDING:
        ended: Status = step.status
        if ended is Status.AWAITING:
            ended = move_step(ended, StepEvent.ABORT)
            values = {"status": ended, "reason": "asked anew", "ended_at": work.now}
            work.set_attempt(index, step.attempt, **values)
        _begin_anew(work, index, ended)
        _prepare(work, index, wanted)
    elif waits_for_retry(step, work.current(index)):
        _change(work, index, wanted)
        work.set_step(index, retried=0, crashed=0, **NO_DUE)
    elif wanted["overrides"] or wanted["reset"]:
        # It runs for the first time when its turn comes, but so.
        current = work.current(index)
        if current and current.is_prepared:
            _change(work, index, wanted)
        else:
            _prepare(work, index, wanted)


def _renew_fan_out(work: Work, index: int, wanted: Mapping[str, Any]) -> None:
    """It has no attempts: what is wanted concerns its items, once its list is known."""
    status = work.steps[index].status
    if status in FINAL:
        _begin_anew(work, index, status)
        work.set_step(index, items=None)
    elif status is Status.RUNNING:
        abort_items(work, index)
    work.set_step(index, again=wanted)


def _wanted(fact: Rerun, index: int) -> dict[str, Any]:
    overrides = dict(fact.overrides.get(index, {}))
    if fact.queue:
        overrides["queue"] = fact.queue
    if not fact.cache:
        overrides["cache"] = False
    return {"actor": fact.actor, "overrides": overrides, "reset": fact.reset}


def _begin_anew(work: Work, index: int, ended: Status) -> None:
    """Nothing that its earlier attempts left on the step is true of the next one."""
    work.set_step(index, status=move_step(ended, StepEvent.RERUN), **UNTRIED)


def _prepare(work: Work, index: int, wanted: Mapping[str, Any]) -> None:
    overrides = overridden(work.current(index), wanted)
    work.prepare(index, origin="rerun", actor=wanted["actor"], inherits=False, **overrides)


def _change(work: Work, index: int, wanted: Mapping[str, Any]) -> None:
    """The attempt that is prepared already takes over what is wanted now."""
    step = work.steps[index]
    overrides = overridden(work.current(index), wanted)
    work.set_attempt(index, step.attempt, overrides=overrides, actor=wanted["actor"])


def overridden(current: AttemptView | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the next attempt has of its own: what the one before had, unless it is reset, and
    what is wanted now. That a cache was passed over concerned that one rerun only.
    """
    inherited = dict(current.overrides) if current and not wanted["reset"] else {}
    inherited.pop("cache", None)
    merged = {**inherited, **wanted["overrides"]}
    parameters = {
        **inherited.get("parameters", {}),
        **wanted["overrides"].get("parameters", {}),
    }
    return {**merged, "parameters": parameters} if parameters else merged


def find_causes_anew(work: Work) -> None:
    """Whoever waits may have been held up by a step that now gets another chance."""
    for index, step in list(work.steps.items()):
        if step.status is Status.PENDING:
            cause = _cause_above(work, index)
            if cause != step.cause:
                work.set_step(index, cause=cause)


def chosen_steps(view: RunView, fact: Rerun) -> tuple[int, ...]:
    """The steps that get a new attempt, in the order of their index.

    The items of a fan-out come with it; of one that failed only those items are meant that did.
    None are chosen before all steps of the run are there.
    """
    if not view.complete:
        return ()
    return meant(view, _named(view, fact), failed=fact.failed)


def _named(view: RunView, fact: Rerun) -> set[int]:
    if fact.failed:
        found = {index for index, step in view.steps.items() if step.status in ENDED_BADLY}
    elif fact.everything:
        found = set(view.steps)
    elif fact.stale:
        found = _stale_and_below(view)
    elif fact.below:
        found = {*fact.steps, *view.graph.descendants(*fact.steps)}
    else:
        found = set(fact.steps)
    return found


def _stale_and_below(view: RunView) -> set[int]:
    """What is stale, and what would be so once that has new attempts: who took values of it."""
    found: set[int] = set()
    renewed: set[int] = set()
    for index in view.graph.order:
        if index not in view.steps:
            continue
        current, step = view.current(index), view.steps[index]
        took = bool(current and current.inputs & renewed)
        took = took or (step.items is not None and list_is_stale(view.graph, index, renewed))
        if step.stale or took:
            found.add(index)
            renewed.update((index, *view.graph.above(index)))
    return found


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
    if _lacks_script(work, chosen):
        return "its script ran where somebody had started it: start it there once more"
    in_vain = fact.failed and skipped_in_vain(work.done(), (), everything=True)
    if not chosen and not in_vain and not _script_failed(work, fact):
        return "nothing is stale" if fact.stale else "there is nothing to rerun"
    for index in sorted(set(fact.overrides) - set(chosen)):
        return f'step "{work.node(index).name}" is not among those that are rerun'
    return ""


def _lacks_script(work: Work, chosen: Iterable[int]) -> bool:
    """True when the script is needed that no agent can execute."""
    script = work.view.script
    return bool(script and not script.has_code and rerun_needs_script(work.view, chosen))


def _script_failed(work: Work, fact: Rerun) -> bool:
    """True when it is the script that is to be tried again, be there steps or not."""
    script = work.view.script
    has_failed = script is not None and script.status in ENDED_BADLY
    return has_failed and (fact.failed or fact.everything)


def mark_stale(work: Work, chosen: frozenset[int]) -> None:
    """Steps that took a value of an older attempt of these are stale."""
    renewed = chosen.union(*map(work.graph.above, chosen))
    for index, step in list(work.steps.items()):
        current = work.current(index)
        took = bool(current and current.inputs & renewed)
        took = took or (step.items is not None and list_is_stale(work.graph, index, renewed))
        if took and not step.stale:
            work.set_step(index, stale=True)
