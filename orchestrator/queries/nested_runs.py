"""Runs in runs, both ways: what a step's nested run is, and which step a nested run is of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Run
from orchestrator.queries.places import why_run_waits
from orchestrator.queries.rights import Actor, visible_projects

_HEAVY = ("pins", "options", "part", "outputs", "parameters", "tally", "uncounted")


def nested_runs(tasks: Collection[UUID]) -> dict[UUID, Run]:
    """Those of these tasks that are runs, with what it takes to name them."""
    if not tasks:
        return {}
    rows = Run.objects.filter(pk__in=tasks).select_related("project", "pipeline", "line", "task")
    return {run.pk: run for run in rows.defer(*_HEAVY)}


def nested_facts(run: Run) -> dict[str, Any]:
    """What a step says of the run that it is."""
    return {
        "run": str(run.pk),
        "number": run.number,
        "project": run.project.slug,
        "pipeline": run.pipeline.slug,
        "title": f"{run.pipeline.name} #{run.number}",
        "status": run.status,
        "reason": run.reason,
        "url": page_of(run),
    }


def page_of(run: Run, step: str = "") -> str:
    """The page of a run, with a step chosen."""
    path = f"/runs/{quote(run.project.slug)}/{quote(run.pipeline.slug)}/{run.number}/"
    return f"{path}?step={quote(step, safe='')}" if step else path


def parent_of(run: Run) -> dict[str, Any] | None:
    """Which attempt of which run a nested run is; by ids, as others may not see that run."""
    attempt = run.parent_attempt
    if attempt is None:
        return None
    return {"run": str(attempt.run_id), "step": attempt.step.path, "attempt": attempt.number}


def outermost_run(task: UUID) -> UUID | None:
    """The run that, over however many levels, made a task; nothing for a task by itself."""
    above = Attempt.objects.filter(task=task).values_list("run", "run__parent_attempt")
    found = above.first()
    while found is not None and found[1] is not None:
        found = (
            Attempt.objects.filter(pk=found[1]).values_list("run", "run__parent_attempt").first()
        )
    return found[0] if found else None


def parents_seen(actor: Actor, runs: Iterable[Run]) -> dict[UUID, dict[str, Any]]:
    """Where these runs are nested, as far as somebody sees it: with names and addresses."""
    by_attempt = {run.parent_attempt_id: run.pk for run in runs if run.parent_attempt_id}
    if not by_attempt:
        return {}
    rows = Attempt.objects.filter(
        pk__in=by_attempt, run__project__in=visible_projects(actor)
    ).select_related("step", "run__project", "run__pipeline")
    wanted = rows.only(
        "step__path",
        "number",
        "run__number",
        "run__status",
        "run__parent_attempt",
        "run__project__slug",
        "run__pipeline__slug",
        "run__pipeline__name",
    )
    return {
        by_attempt[attempt.pk]: {
            "row": attempt.run,
            "step": attempt.step.path,
            "title": f"{attempt.run.pipeline.name} #{attempt.run.number}",
            "url": page_of(attempt.run, attempt.step.path),
        }
        for attempt in wanted
    }


def with_parents(actor: Actor, runs: list[Run]) -> list[Run]:
    """Runs of a list, each with ``parent_seen``: where it is nested, if somebody sees that."""
    parents = parents_seen(actor, runs)
    for run in runs:
        run.parent_seen = parents.get(run.pk)  # type: ignore[attr-defined]
    return runs


def way_up(actor: Actor, run: Run) -> list[dict[str, Any]]:
    """The runs that a run is nested in, the outermost first, as far up as somebody sees."""
    way: list[dict[str, Any]] = []
    while parent := parents_seen(actor, [run]).get(run.pk):
        way.insert(0, parent)
        run = parent["row"]
    return way


def why_of_nested(run: Run) -> str:
    """What a step says whose run waits or rests; nothing while it goes on."""
    name = f"its run {run.pipeline.slug} #{run.number}"
    match run.status:
        case Status.QUEUED:
            return f"{name} waits: {why_run_waits(run)}"
        case Status.PAUSED:
            return f"{name} is paused"
        case Status.ABORTING:
            return f"asked to end; {name} has not confirmed yet"
    return ""
