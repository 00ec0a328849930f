"""Launching steps: is its condition met, then what its kind asks for, a module for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from orchestrator.domain.conditions import condition_of
from orchestrator.domain.decisions import CouldNotLaunch, Skip, SkippedBy
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.fan_outs import asks_for_item
from orchestrator.domain.graph import Kind, Node
from orchestrator.domain.planner import AttemptView
from orchestrator.models import Attempt, Run
from orchestrator.store.approvals import ask_people
from orchestrator.store.launch_fan_outs import launch_fan_outs
from orchestrator.store.launch_tasks import launch_tasks
from orchestrator.store.launches import Launches
from orchestrator.store.nesting import launch_nested
from orchestrator.store.values import RunValues

_LAUNCHERS = {
    Kind.GROUP: launch_fan_outs,
    Kind.TASK: launch_tasks,
    Kind.PIPELINE: launch_nested,
    Kind.APPROVAL: ask_people,
}


def launch(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    now: datetime,
    fresh: Mapping[str, Attempt],
    done: Launches,
) -> None:
    """Start each node as its kind asks for, if its condition holds.

    *attempts* has the prepared attempt of a step that is tried again. A step whose condition or
    parameters cannot be resolved, or whose queue does not exist, is not launched: the fact says
    why. *fresh* are attempts that got their results in this turn; what comes of it is noted in
    *done*.
    """
    values = RunValues(run, nodes, attempts, fresh)
    wanted: dict[Kind, list[Node]] = defaultdict(list)
    for node in nodes:
        if _is_wanted(node, values, done):
            wanted[Kind.GROUP if node.is_fan_out else node.kind].append(node)
    for kind, of_kind in wanted.items():
        _LAUNCHERS[kind](run, of_kind, attempts, values, done, now)


def _is_wanted(node: Node, values: RunValues, done: Launches) -> bool:
    if node.when is None or (node.is_fan_out and asks_for_item(node.when)):
        return True
    look_up = values.seen_by(node).look_up
    try:
        condition = condition_of(node.when)
        if condition.holds(look_up):
            return True
        reason = condition.why_not(look_up)
    except PipelinesError as error:
        done.facts.append(CouldNotLaunch(node.index, error.message))
        return False
    done.skips.append(Skip(node.index, SkippedBy.CONDITION, reason))
    return False
