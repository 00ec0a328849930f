"""Fan-outs: a list is known, items end, a limit lets some of them wait; rerun and abort of them.

A fan-out's own step has no attempts. It runs as long as one of its items is open, and ends as
they did: see `gathered`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from orchestrator.domain.decisions import (
    Decision,
    Gather,
    Gathered,
    Halt,
    HoldBack,
    Launch,
    Skip,
    SkippedBy,
    SpreadOut,
)
from orchestrator.domain.graph import Graph
from orchestrator.domain.planner.views import RunView, Standing, StepView
from orchestrator.domain.planner.work import AFRESH, UNTRIED, Work, pass_over
from orchestrator.domain.references import steps_referenced
from orchestrator.domain.states import (
    ACTIVE,
    ENDED_BADLY,
    FINAL,
    Status,
    StepEvent,
    move_step,
)

HELD: Final = "limit"
"""Why an item waits that its fan-out's limit lets wait."""

NOT_LISTED: Final = "no longer in the list"
LIVING: Final = ACTIVE | {Status.AWAITING}


def spread_out(work: Work, fact: SpreadOut) -> None:
    """The list of a fan-out is known: it runs, and so will the items that it has had before.

    Items are matched by their place in the list. New ones are added by the turn, and are open.
    """
    made_of = work.graph.members.get(fact.step)
    if made_of is None:
        _opened(work, fact.step, fact.count, work.steps[fact.step].again)
        return
    step = work.steps[fact.step]
    for member in made_of:
        _opened(work, member, fact.count, step.again)
    # What a group's own step has to do is to make the list.
    work.set_step(
        fact.step,
        status=Status.COMPLETED,
        items=fact.count,
        **AFRESH,
        started_at=work.now,
        ended_at=work.now,
    )


def _opened(work: Work, index: int, count: int, again: Mapping[str, Any] | None) -> None:
    step, known = work.steps[index], work.graph.items.get(index, ())
    event = StepEvent.SPREAD if step.status is Status.PENDING else StepEvent.REOPEN
    work.set_step(
        index,
        status=move_step(step.status, event),
        items=count,
        items_open=step.items_open + max(count - len(known), 0),
        **AFRESH,
        started_at=work.now,
        ended_at=None,
    )
    for place, item in enumerate(known):
        if place < count:
            _renewed(work, item, again or {})
        elif work.steps[item].skipped_by is not SkippedBy.LIST:
            _left_out(work, item)


def _renewed(work: Work, item: int, again: Mapping[str, Any]) -> None:
    """An item that an earlier list had, too, is tried again."""
    step = work.steps[item]
    if step.status not in FINAL:
        return
    is_fan_out = work.node(item).is_fan_out
    work.set_step(
        item,
        status=move_step(step.status, StepEvent.RERUN),
        **{**UNTRIED, "again": dict(again) if is_fan_out else None},
        items=None,
    )
    if step.attempt and not is_fan_out:
        overrides = again.get("overrides") or {}
        inherits = not again.get("reset", False)
        actor = again.get("actor", "")
        work.prepare(item, origin="rerun", actor=actor, inherits=inherits, **overrides)


def _left_out(work: Work, item: int) -> None:
    work.set_step(
        item,
        **{**AFRESH, "reason": NOT_LISTED, "skipped_by": SkippedBy.LIST},
        status=Status.SKIPPED,
        ended_at=work.now,
    )


def told_of_item(step: StepView, was: Standing, stands: Standing) -> dict[str, Any]:
    """What becomes of a fan-out when one of its items opens or ends."""
    is_open = stands is Standing.OPEN
    more = is_open - (was is Standing.OPEN)
    values: dict[str, Any] = {"items_open": step.items_open + more}
    return {**values, **_reopened(step)} if is_open and step.status in FINAL else values


def reopen_above(work: Work, items: Iterable[int]) -> None:
    """Items are tried again, and so their fan-outs are not over."""
    for index in {above for item in items for above in work.graph.above(item)}:
        if work.steps[index].status in FINAL:
            work.set_step(index, **_reopened(work.steps[index]))


def _reopened(step: StepView) -> dict[str, Any]:
    status = move_step(step.status, StepEvent.REOPEN)
    return {**AFRESH, "status": status, "ended_at": None}


def gathered(work: Work, fact: Gathered) -> None:
    """All items of a fan-out have ended, and so it ends.

    1. Failed when one of them failed or crashed. 2. Aborted when one was aborted, or did not
    start because of an abort. 3. When some never started because of what was before them: skipped
    if that is all there was, else failed. 4. Else completed.
    """
    status, skipped_by = _end_of(fact)
    reason, cause = "", None
    if fact.first is not None:
        bad = fact.bad
        total = work.steps[fact.step].items or 0
        name = work.node(fact.first).name
        told = f'"{name}" {fact.first_reason}'.rstrip(": ")
        reason = told if bad == 1 else f"{bad:,} of {total:,} items ended badly, first {told}"
        cause = fact.first if status is Status.SKIPPED else None
    work.set_step(
        fact.step,
        status=status,
        reason=reason,
        skipped_by=skipped_by,
        cause=cause,
        items_good=fact.good,
        items_bad=fact.bad,
        ended_at=work.now,
    )
    if work.steps[fact.step].again is not None and work.view.status is not Status.ABORTING:
        # It was ended to be tried again.
        again = work.steps[fact.step].again
        status = move_step(status, StepEvent.RERUN)
        work.set_step(fact.step, **{**AFRESH, "again": again}, status=status, items=None)


def gathered_of(index: int, items: Iterable[StepView]) -> Gathered:
    """How these items of a fan-out ended, counted."""
    ends: Counter[tuple[Status, SkippedBy]] = Counter()
    good, bad = 0, []
    for step in items:
        ends[step.status, step.skipped_by] += 1
        if step.status in ENDED_BADLY or step.skipped_by in (SkippedBy.BAD_PARENT, SkippedBy.ABORT):
            bad.append(step)
        elif step.status is not Status.SKIPPED:
            good += 1
    # What failed by itself tells more than what was aborted or skipped because of it.
    first = min(bad, key=lambda step: (_WORST.index(step.status), step.index), default=None)
    if first is None:
        return Gathered(index, ends, good)
    reason = f"{first.status}: {first.reason}".rstrip(": ")
    return Gathered(index, ends, good, len(bad), first.index, reason)


_WORST: Final = (Status.FAILED, Status.CRASHED, Status.ABORTED, Status.SKIPPED)


def _end_of(fact: Gathered) -> tuple[Status, SkippedBy]:
    statuses = {status for status, _ in fact.ends}
    skipped = {by for status, by in fact.ends if status is Status.SKIPPED}
    if statuses & {Status.FAILED, Status.CRASHED}:
        return Status.FAILED, SkippedBy.NOTHING
    if Status.ABORTED in statuses or SkippedBy.ABORT in skipped:
        return Status.ABORTED, SkippedBy.NOTHING
    if SkippedBy.BAD_PARENT in skipped:
        if statuses == {Status.SKIPPED}:
            return Status.SKIPPED, SkippedBy.BAD_PARENT
        return Status.FAILED, SkippedBy.NOTHING
    return Status.COMPLETED, SkippedBy.NOTHING


def meant(view: RunView, chosen: Iterable[int], *, failed: bool) -> tuple[int, ...]:
    """The steps that get a new attempt when these are to: fan-outs stand for their items.

    Whose list is made anew brings its items with it, so they are not asked for on their own.
    When all that failed is meant, a fan-out that ran is not: its items are.
    """
    graph = view.graph
    named = {index for index in chosen if view.steps[index].skipped_by is not SkippedBy.LIST}
    if failed:
        return tuple(sorted(i for i in named if view.steps[i].items is None))
    for index in tuple(named):
        within = graph.nodes[index].within
        if within is not None and within not in named:
            # The list is that of the group; a step of it alone is all of its items.
            named.remove(index)
            named |= set(_listed(view, index))
    return tuple(sorted(index for index in named if not _comes_with(graph, index, named)))


def _listed(view: RunView, fan_out: int) -> tuple[int, ...]:
    return view.graph.items.get(fan_out, ())[: view.steps[fan_out].items or 0]


def _comes_with(graph: Graph, index: int, named: set[int]) -> bool:
    """True when a list that a step is an item of is made anew."""
    return any(above in named or graph.nodes[above].within in named for above in graph.above(index))


def list_is_stale(graph: Graph, index: int, renewed: Collection[int]) -> bool:
    """True when a step that gave the fan-out its list has been renewed."""
    for_each = graph.nodes[index].for_each
    if for_each is None:
        return False
    names = steps_referenced(for_each.list)
    return any(graph.index_by_name.get(name) in renewed for name in names)


def abort_items(work: Work, index: int) -> None:
    """End what runs of a fan-out; what has not begun does not begin any more."""
    for item in _listed(work.view, index):
        step = work.steps[item]
        if work.node(item).is_fan_out and step.items is not None and step.status not in FINAL:
            abort_items(work, item)
        elif step.status is Status.PENDING:
            pass_over(work, Skip(item, SkippedBy.ABORT, "aborted before it started"))
        elif step.status not in FINAL:
            work.cancelled.add(item)
    halt(work, index)


def halt(work: Work, index: int) -> None:
    """Nothing of a fan-out starts any more."""
    work.set_step(index, status=move_step(work.steps[index].status, StepEvent.ABORT))


def plan_fan_out(view: RunView, step: StepView) -> tuple[Gather | Halt, ...]:
    """What should happen to a fan-out that has been spread out."""
    if step.items_open == 0:
        return (Gather(step.index),)
    if step.status is Status.RUNNING and view.status is Status.ABORTING:
        return (Halt(step.index),)
    return ()


def rooms(view: RunView) -> dict[int, int]:
    """How many more items each limited fan-out may have at work, of those that are looked at."""
    graph = view.graph
    found: dict[int, int] = {}
    moved: Counter[int] = Counter()
    for index, step in view.steps.items():
        limiting = graph.limiting(index)
        if limiting is None:
            continue
        moved[limiting] += (step.status in LIVING) - (view.loaded[index].status in LIVING)
    for fan_out, more in moved.items():
        for_each = graph.nodes[fan_out].for_each
        limit = for_each.max_parallel if for_each else None
        found[fan_out] = (limit or 0) - view.at_work.get(fan_out, 0) - more
    return found


def within_limits(view: RunView, decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions, but of the launches those that the limits of fan-outs allow, first come first.

    Who must wait is held back, so that the next turns need not look at it.
    """
    decided: list[Decision] = []
    room: dict[int, int] | None = None
    for decision in decisions:
        if not isinstance(decision, Launch):
            decided.append(decision)
            continue
        limiting = view.graph.limiting(decision.step)
        if limiting is None:
            decided.append(decision)
            continue
        room = rooms(view) if room is None else room
        if room[limiting] > 0:
            room[limiting] -= 1
            decided.append(decision)
        elif view.steps[decision.step].due_why != HELD:
            decided.append(HoldBack(decision.step))
    return decided


def hold_back(work: Work, index: int) -> None:
    """Let an item wait until another one of its fan-out has ended."""
    work.set_step(index, due_why=HELD, due_at=None)
