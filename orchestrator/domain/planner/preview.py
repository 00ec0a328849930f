"""What a rerun would do to each step, before it is asked for.

The ask is folded into a copy of the run as a turn would; what follows from it is then looked
ahead, parents before children, as often as there are ways for things to go: everything ends
well and all conditions hold; or none of them does; or everything fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import Rerun, SkippedBy
from orchestrator.domain.planner.folding import fold
from orchestrator.domain.planner.planning import Verdict, judge
from orchestrator.domain.planner.rerunning import chosen_steps
from orchestrator.domain.planner.spreading import spread
from orchestrator.domain.planner.views import RunView, Standing, StepView, standing
from orchestrator.domain.states import ACTIVE, FINAL, Status


class Effect(StrEnum):
    """What becomes of a step."""

    ABORTED_FIRST = "aborted first"
    WILL_RUN = "will run"
    MAY_RUN = "may run"
    STALE = "becomes stale"
    REUSED = "reused"
    SKIPPED = "skipped"
    UNCHANGED = "unchanged"


RUNS: Final = frozenset({Effect.ABORTED_FIRST, Effect.WILL_RUN, Effect.MAY_RUN})
_KEPT: Final = frozenset({Status.COMPLETED, Status.CACHED})


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect on each step by index, with the number that its next attempt would have; or why
    the rerun would be refused. *counts* leaves fan-outs out: their items do the work."""

    effects: Mapping[int, Effect] = field(default_factory=dict)
    attempts: Mapping[int, int] = field(default_factory=dict)
    counts: Mapping[Effect, int] = field(default_factory=dict)
    refused: str = ""


def preview(view: RunView, fact: Rerun, now: datetime) -> Preview:
    """What the rerun would do; *view* has all steps of the run."""
    after = fold(view, [fact], now)
    last = after.remarks[-1]
    if last.kind is Kind.REFUSED:
        return Preview(refused=str(last.data["reason"]))
    while after.unspread:
        after = spread(after)
    chosen = frozenset(chosen_steps(view, fact))
    touched = _touched(view, after, chosen)
    ways = [_runs(after, way) for way in _Way]
    effects = {
        index: _effect(view.steps[index], step, index in touched, [index in way for way in ways])
        for index, step in sorted(after.steps.items())
    }
    effects |= _effects_on_items(after, effects, chosen)
    effects |= _effects_on_fan_outs(after, effects)
    work = [index for index in effects if not _stands_for_items(after, index)]
    counted = Counter(effects[index] for index in work)
    return Preview(
        effects,
        {i: _next_attempt(after, i) for i in work if i in touched or effects[i] in RUNS},
        {effect: counted[effect] for effect in Effect if counted[effect]},
    )


def _next_attempt(after: RunView, index: int) -> int:
    """The number that the next attempt has: it may be prepared already, or have to wait."""
    current = after.current(index)
    return after.steps[index].attempt + (not current or not current.is_prepared)


def _touched(view: RunView, after: RunView, chosen: Collection[int]) -> frozenset[int]:
    """Who waits now for the rerun: the chosen, the revived, and who waited below them already."""
    renewed = {
        index
        for index, step in after.steps.items()
        if index in chosen
        or (step.status is Status.PENDING and view.steps[index].status is not Status.PENDING)
    }
    below = after.graph.descendants(*renewed)
    waiting = {index for index in below if after.steps[index].status is Status.PENDING}
    return frozenset(renewed | waiting)


def _effect(before: StepView, after: StepView, is_touched: bool, runs: list[bool]) -> Effect:
    if is_touched:
        if after.again is not None and after.status is not Status.PENDING:
            return Effect.ABORTED_FIRST
        if runs[0] and runs[1]:
            return Effect.WILL_RUN
        return Effect.MAY_RUN if any(runs) else Effect.SKIPPED
    if after.stale and not before.stale:
        return Effect.STALE
    return Effect.REUSED if after.status in _KEPT else Effect.UNCHANGED


def _stands_for_items(view: RunView, index: int) -> bool:
    return view.graph.nodes[index].is_fan_out and bool(view.graph.items.get(index))


def _effects_on_items(
    after: RunView, effects: Mapping[int, Effect], chosen: Collection[int]
) -> dict[int, Effect]:
    """The items of a list that is made anew are tried again, as far as the new list has them."""
    found: dict[int, Effect] = {}
    for fan_out in sorted(chosen):
        if not after.graph.nodes[fan_out].is_fan_out:
            continue
        effect = effects[fan_out]
        effect = Effect.WILL_RUN if effect is Effect.ABORTED_FIRST else effect
        for made_of in after.graph.members.get(fan_out, (fan_out,)):
            for item in after.graph.all_items(made_of):
                step = after.steps.get(item)
                if step is None or step.skipped_by is SkippedBy.LIST:
                    continue
                is_living = item in after.cancelled or step.status in ACTIVE
                found[item] = Effect.ABORTED_FIRST if is_living else effect
    return found


def _effects_on_fan_outs(after: RunView, effects: Mapping[int, Effect]) -> dict[int, Effect]:
    """A fan-out shows what becomes of its items, the gravest first."""
    order = list(Effect)
    return {
        index: min((effects[item] for item in after.graph.all_items(index)), key=order.index)
        for index in effects
        if _stands_for_items(after, index)
    }


class _Way(Enum):
    """How everything that is not known yet may go."""

    WELL = auto()
    NO_CONDITION_HOLDS = auto()
    BADLY = auto()


def _runs(view: RunView, way: _Way) -> frozenset[int]:
    """Which of the steps that wait would run."""
    stands: dict[int, Standing] = {}
    found = set()
    for index in view.graph.order:
        if index not in view.steps:
            continue
        step, node = view.steps[index], view.graph.nodes[index]
        if step.status in FINAL:
            stands[index] = standing(step, node)
            continue
        end = Standing.BAD if way is _Way.BADLY and not node.may_fail else Standing.GOOD
        if step.status is Status.PENDING:
            verdict = judge(_counted(view, step, stands), node)
            if verdict is Verdict.START:
                found.add(index)
                if node.when is not None and way is _Way.NO_CONDITION_HOLDS:
                    found.discard(index)
                    end = Standing.PASSED
            else:
                end = Standing.BAD if verdict is Verdict.SKIP_BAD else Standing.PASSED
        stands[index] = end
    return frozenset(found)


def _counted(view: RunView, step: StepView, stands: Mapping[int, Standing]) -> StepView:
    """The step with its parents counted by how they will stand in the end."""
    above = Counter(stands[parent] for parent in view.graph.parents[step.index] if parent in stands)
    return replace(step, open=0, good=above[Standing.GOOD], bad=above[Standing.BAD])


def expected_seconds(
    view: RunView, shown: Preview, usual: Mapping[int, float], now: datetime, slots: int = 0
) -> float | None:
    """How long until all that will run has run; None where nothing is known of it.

    It is the longest way there by the *usual* seconds of each step, with what is under way
    above; or, if that is more, all of the work shared by so many *slots*.
    """
    certain = {i for i, effect in shown.effects.items() if effect in RUNS - {Effect.MAY_RUN}}
    known = {index: usual[index] for index in certain & usual.keys()}
    if not known:
        return None
    ends: dict[int, float] = {}
    for index in view.graph.order:
        node = view.graph.nodes[index]
        if node.of is None:
            above = max((ends.get(one, 0.0) for one in view.graph.parents[index]), default=0.0)
            ends[index] = above + _still_takes(view, index, known, usual, now)
    last = max(ends[_outermost(view, index)] for index in known)
    return max(last, sum(known.values()) / slots if slots else 0.0)


def _outermost(view: RunView, index: int) -> int:
    return (index, *view.graph.above(index))[-1]


def _still_takes(
    view: RunView,
    index: int,
    known: Mapping[int, float],
    usual: Mapping[int, float],
    now: datetime,
) -> float:
    if items := [known[item] for item in view.graph.all_items(index) if item in known]:
        for_each = view.graph.nodes[index].for_each
        limit = for_each.max_parallel if for_each else None
        return max(*items, sum(items) / (limit or len(items)))
    step = view.steps.get(index)
    if index in known or step is None or step.status in FINAL:
        return known.get(index, 0.0)
    spent = (now - step.started_at).total_seconds() if step.started_at else 0.0
    return max(usual.get(index, 0.0) - spent, 0.0)
