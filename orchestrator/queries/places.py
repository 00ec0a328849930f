"""Questions about the places of runs: of a pipeline's line, and why a run waits in one."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from orchestrator.domain.states import GOING, Status
from orchestrator.models import Line, Pipeline, Run

NAMED: Final = 3


def line_of_pipeline(pipeline: Pipeline) -> dict[str, Any]:
    """How many runs of a pipeline may go on at a time, and how it stands now."""
    line = Line.objects.filter(kind=Line.Kind.PIPELINE, name=str(pipeline.pk)).first()
    runs = Run.objects.filter(pipeline=pipeline)
    return {
        "limit": line.limit if line else None,
        "paused": line.paused if line else False,
        "running": runs.filter(status__in=GOING).count(),
        "waiting": _waiting(line).count() if line else 0,
    }


def why_run_waits(run: Run) -> str:
    """Why a queued run has not started, in a sentence; nothing for any other."""
    if run.status != Status.QUEUED:
        return ""
    line = run.line
    if line is None:
        return "about to start"
    ahead = _waiting(line).filter(
        Q(task__priority__gt=run.task.priority) | Q(task__priority=run.task.priority, pk__lt=run.pk)
    )
    place = f"number {ahead.count() + 1} of {_waiting(line).count()} in line"
    if line.kind == Line.Kind.KEY:
        held = _held(Run.objects.filter(key=line.name))
        return f'another run with the key "{line.description}" goes on{held}; {place}'
    if line.paused:
        return f"the pipeline is paused: no run of it starts; {place}"
    held = _held(Run.objects.filter(pipeline=UUID(line.name)))
    return f"the pipeline runs {line.limit} at a time{held}; {place}"


def _waiting(line: Line) -> QuerySet[Run]:
    return Run.objects.filter(line=line, status=Status.QUEUED)


def _held(runs: QuerySet[Run]) -> str:
    """The runs that hold the places, by number."""
    going = runs.filter(status__in=GOING).select_related("pipeline").order_by("pk")
    rows = list(going.values_list("pipeline__slug", "number")[: NAMED + 1])
    if not rows:
        return ""
    named = [f"{slug} #{number}" for slug, number in rows[:NAMED]]
    more = " and more" if len(rows) > NAMED else ""
    return f", now {', '.join(named)}{more}"
