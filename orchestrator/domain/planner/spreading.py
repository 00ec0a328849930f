"""Telling the children, and the fan-outs: they count their parents and items by how they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestrator.domain.planner.fanning import told_of_item
from orchestrator.domain.planner.views import RunView, Standing, StepView, standing
from orchestrator.domain.states import FINAL, Status


def missing_children(view: RunView) -> frozenset[int]:
    """The steps that must be loaded before `spread` can tell everybody."""
    return frozenset(
        child for index in view.unspread for child in _told(view, index) if child not in view.steps
    )


def missing_causes(view: RunView) -> frozenset[int]:
    """The steps that must be loaded so that `plan` can say why another is skipped."""
    return frozenset(
        step.cause
        for step in view.steps.values()
        if step.status is Status.PENDING and step.cause is not None
    ) - frozenset(view.steps)


def _told(view: RunView, index: int) -> tuple[int, ...]:
    of = view.graph.nodes[index].of
    children = view.graph.children[index]
    return children if of is None else (*children, of)


def spread(view: RunView) -> RunView:
    """Let children and fan-outs count anew the parents and items that stand differently now.

    An item that is tried again opens its fan-out, whose children are told the next time.
    """
    steps = dict(view.steps)
    waiting = dict(view.unspread)
    left = {}
    for index, was in view.unspread.items():
        del waiting[index]
        if any(one not in steps for one in _told(view, index)):
            left[index] = was
            continue
        stands = standing(steps[index], view.graph.nodes[index])
        for child in view.graph.children[index]:
            steps[child] = _recounted(steps[child], steps[index], was, stands)
        of = view.graph.nodes[index].of
        if of is not None:
            before = standing(steps[of], view.graph.nodes[of])
            steps[of] = replace(steps[of], **told_of_item(steps[of], was, stands))
            if steps[of].status not in FINAL and before is not Standing.OPEN and of not in waiting:
                left.setdefault(of, before)
    return replace(view, steps=steps, unspread=left)


_COUNT = {Standing.OPEN: "open", Standing.GOOD: "good", Standing.BAD: "bad"}


def _recounted(child: StepView, parent: StepView, was: Standing, stands: Standing) -> StepView:
    counts: dict[str, Any] = {}
    if was in _COUNT:
        counts[_COUNT[was]] = getattr(child, _COUNT[was]) - 1
    if stands in _COUNT:
        counts[_COUNT[stands]] = getattr(child, _COUNT[stands]) + 1
    hopeless = child.status is Status.PENDING and stands in (Standing.BAD, Standing.PASSED)
    if hopeless and child.cause is None:
        # The first cause is kept: the step far above that all of this goes back to.
        counts["cause"] = parent.index if parent.cause is None else parent.cause
    return replace(child, **counts)
