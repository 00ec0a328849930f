"""What it takes to steer by hand: outputs that are wanted, pauses, what may still start."""

from __future__ import annotations

from typing import Any

from orchestrator.domain.references import What, references_in
from orchestrator.domain.states import FINAL, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Attempt, Run, Task
from orchestrator.queries.graphs import document_of_run

MAY_BE_SKIPPED = frozenset({Status.PENDING, Status.AWAITING, Status.QUEUED})
MAY_BE_ENDED = FINAL | {Status.PENDING, Status.AWAITING}


def outputs_wanted(run: Run, step: str) -> dict[str, Any]:
    """The names of the outputs that others refer to or that it gave, with the last values known."""
    nodes = graph_of_run(run).nodes
    sources: list[Any] = [(node.parameters, node.queue, node.when) for node in nodes]
    sources.append(document_of_run(run).get("outputs") or {})
    named = {
        reference.path[0]: None
        for reference in references_in(sources)
        if reference.step == step and reference.what is What.OUTPUTS
    }
    return {**named, **_last_outputs(run, step)}


def pauses_of(run: Run) -> frozenset[str]:
    """Before which steps the run pauses: as it was asked to, else as its document says."""
    asked = run.options.get("pause_at")
    return graph_of_run(run).options.pause_at if asked is None else frozenset(asked)


def may_still_start(run: Run) -> int:
    """How many tasks of a paused run an agent has been told of."""
    told = Task.objects.filter(parent=run.pk, status=Status.QUEUED, published_at__isnull=False)
    return told.count() if run.status == Status.PAUSED else 0


def _last_outputs(run: Run, step: str) -> dict[str, Any]:
    """What the step gave last, in this run or else in an earlier one of the pipeline."""
    given = Attempt.objects.filter(step__path=step, status=Status.COMPLETED).exclude(outputs={})
    for rows in (given.filter(run=run), given.filter(run__pipeline=run.pipeline_id)):
        found: dict[str, Any] | None = (
            rows.order_by("-id").values_list("outputs", flat=True).first()
        )
        if found:
            return found
    return {}
