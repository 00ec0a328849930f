"""Questions about the places of runs: of a pipeline's line, and why a run waits in one."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from orchestrator.domain.states import GOING, Driver, Status
from orchestrator.models import Agent, Line, Pipeline, Run, Task

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
        return "about to start" if run.driver == Driver.GRAPH else why_script_waits(run.task)
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


def why_script_waits(task: Task) -> str:
    said = f'its script waits in queue "{task.queue}"'
    queue = Line.objects.filter(kind=Line.Kind.QUEUE, name=task.queue).first()
    if queue is None:
        return f"{said}, which is not there any more"
    if queue.paused:
        return f"{said}, which is paused"
    agents = Agent.objects.filter(lease_until__gt=Now(), ended_at=None, draining=False)
    # A list is looked into here: JSON columns cannot be searched alike on both databases.
    if not any(task.queue in agent.queues for agent in agents):
        return f"{said}, which no agent serves"
    return said


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
