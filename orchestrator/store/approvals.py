"""Launching approval steps: what is shown to the person is resolved, then the step waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from orchestrator.domain.decisions import Awaits, CouldNotLaunch
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.graph import Node
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import resolve
from orchestrator.models import Run
from orchestrator.store.launches import Launches
from orchestrator.store.values import RunValues


def ask_people(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
    now: datetime,
) -> None:
    """Let each node wait for an answer, with the values that its question shows."""
    for node in nodes:
        seen = values.seen_by(node)
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt and attempt.is_prepared else {}
        try:
            shown = resolve(
                {**node.parameters, **overrides.get("parameters", {})}, values.seen_by(node).look_up
            )
        except PipelinesError as error:
            done.facts.append(CouldNotLaunch(node.index, error.message))
            continue
        taken = seen.taken(shown.used)
        done.facts.append(Awaits(node.index, values.indexes(taken)))
        done.rows[node.index] = {"resolved": shown.value, "inputs": taken}
