"""Launching fan-outs: their lists are resolved; the turn then makes a step of each item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from orchestrator.domain.decisions import CouldNotLaunch
from orchestrator.domain.errors import CapExceeded, PipelinesError
from orchestrator.domain.fan_outs import checked_list, steps_of_each
from orchestrator.domain.graph import Node
from orchestrator.domain.names import CAPS
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import resolve
from orchestrator.models import Run
from orchestrator.store.launches import Launches
from orchestrator.store.values import RunValues

MOST_STEPS = CAPS.steps + CAPS.fan_out
"""So many steps a run may come to have."""


def launch_fan_outs(
    run: Run,
    nodes: Sequence[Node],
    _attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
    _now: datetime,
) -> None:
    """Find out what each fan-out is to be spread out over, and note it in *done*."""
    room = MOST_STEPS - run.steps_total
    for node in nodes:
        # A step of a group whose own step was done by hand has no list to go by.
        listed = node.for_each.list if node.for_each and node.within is None else ()
        each = steps_of_each(values.graph, node.index)
        try:
            found = checked_list(resolve(listed, values.seen_by(node).look_up).value, each)
            known = len(values.graph.items.get(node.index, ()))
            room -= max(len(found) - known, 0) * each
            if room < 0:
                raise CapExceeded("steps of a run", MOST_STEPS, MOST_STEPS - room)
        except PipelinesError as error:
            done.facts.append(CouldNotLaunch(node.index, error.message))
            continue
        done.lists[node.index] = found
