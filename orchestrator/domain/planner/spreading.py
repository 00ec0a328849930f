"""Telling the children: each step counts its parents by how they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestrator.domain.planner.views import RunView, Standing, StepView, standing
from orchestrator.domain.states import Status


def missing_children(view: RunView) -> frozenset[int]:
    """The steps that must be loaded before `spread` can tell everybody."""
    return frozenset(
        child
        for index in view.unspread
        for child in view.graph.children[index]
        if child not in view.steps
    )


def missing_causes(view: RunView) -> frozenset[int]:
    """The steps that must be loaded so that `plan` can say why another is skipped."""
    return frozenset(
        step.cause
        for step in view.steps.values()
        if step.status is Status.PENDING and step.cause is not None
    ) - frozenset(view.steps)


def spread(view: RunView) -> RunView:
    """Let children count anew the parents that stand differently now."""
    steps = dict(view.steps)
    left = {}
    for index, was in view.unspread.items():
        children = view.graph.children[index]
        if any(child not in steps for child in children):
            left[index] = was
            continue
        parent = steps[index]
        stands = standing(parent, view.graph.nodes[index])
        for child in children:
            steps[child] = _recounted(steps[child], parent, was, stands)
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
