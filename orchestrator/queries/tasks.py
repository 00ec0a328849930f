"""Questions about tasks and runs: which ones somebody sees, and what a step may see of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, StrIndex
from django.db.models.lookups import GreaterThan

from orchestrator.domain.errors import NotFound, shortened
from orchestrator.models import Artifact, Attempt, Project, Run, Task
from orchestrator.queries.nested_runs import outermost_run
from orchestrator.queries.pipelines import find_pipeline
from orchestrator.queries.projects import as_uuid
from orchestrator.queries.rights import Actor, for_actor
from orchestrator.queries.runs import runs_with_names
from orchestrator.queries.templates import find_template

_PARTS = ("project", "definition", "agent", "template_version__template__project")


def tasks_for(
    actor: Actor,
    *,
    project: Project | None = None,
    template: bool | None = False,
    filters: Mapping[str, Any] | None = None,
    scripts: bool = False,
) -> QuerySet[Task]:
    """Give the tasks that somebody sees, newest first, with ``updated_at`` of each.

    The tasks of runs are left out, unless they are *scripts* and these are wanted.
    """
    whose = Q(run=None)
    if scripts:
        whose |= ~Q(run__driver=Run.Driver.GRAPH)
    found = for_actor(Task.objects.filter(whose), actor).select_related(*_PARTS)
    if project is not None:
        found = found.filter(project=project)
    if template is not None:
        found = found.filter(is_template=template)
    for name, value in (filters or {}).items():
        if value not in ("", None):
            found = _filtered(found, name, value)
    last = Coalesce("ended_at", "started_at", "queued_at", "created_at")
    return found.annotate(updated_at=last).order_by("-id")


def _filtered(found: QuerySet[Task], name: str, value: Any) -> QuerySet[Task]:
    if name == "search":
        return found.filter(Q(name__icontains=value) | Q(slug__icontains=value))
    if name == "name_contains":
        return found.filter(name__icontains=value)
    if name == "tags":
        for tag in value:
            # JSON lists cannot be searched alike on both databases; their text can. One keeps
            # other letters as they are, the other writes them as numbers.
            text = Cast("tags", TextField())
            places = [
                StrIndex(text, Value(json.dumps(tag, ensure_ascii=in_ascii)))
                for in_ascii in (False, True)
            ]
            found = found.filter(GreaterThan(places[0], 0) | GreaterThan(places[1], 0))
        return found
    return found.filter(**{f"{name}__in" if isinstance(value, list) else name: value})


def find_task(actor: Actor, reference: str | UUID) -> Task:
    """Find a task that somebody sees by its id, or a template by ``project/slug``."""
    key = as_uuid(reference)
    if key is None:
        return find_template(actor, reference)
    found = for_actor(Task.objects.filter(pk=key), actor).select_related(*_PARTS).first()
    if found is None:
        raise NotFound(f'there is no task "{shortened(str(reference))}"')
    return found


def find_task_for_attempt(own: UUID, reference: str | UUID) -> Task:
    """Find what an executing task may see: itself, its run's own task, the other tasks of its run
    and of runs that stand in one another with it, those of earlier runs whose values it was given.
    """
    key = as_uuid(reference)
    missing = NotFound(f'this step\'s run has no task "{shortened(str(reference))}"')
    if key is None:
        raise missing
    runs = Attempt.objects.filter(task=own).values("run")
    mine = Attempt.objects.filter(task=OuterRef("pk"), run__in=runs)
    named = Task.objects.filter(pk=key).select_related(*_PARTS)
    found = named.filter(Q(pk=own) | Q(pk__in=runs) | Q(Exists(mine))).first()
    if found is None and (_stand_together(own, key) or _was_given(own, key)):
        found = named.first()
    if found is None:
        raise missing
    return found


def _stand_together(own: UUID, key: UUID) -> bool:
    """Tell whether two tasks belong to runs that one run started, at whatever depth."""
    outermost = outermost_run(own)
    return outermost is not None and outermost == outermost_run(key)


def _was_given(own: UUID, key: UUID) -> bool:
    """Tell whether a task's run is a part that takes values from this task of an earlier run."""
    parts = Run.objects.filter(attempts__task=own).values_list("part", flat=True)
    given = [one for part in parts for one in part.get("given", {}).values()]
    return str(key) in {one["task"] for one in given}


def artifacts_of(task: Task, fence: int | None = None) -> QuerySet[Artifact]:
    """Give the artifacts of a task's execution, by default its last."""
    return Artifact.objects.filter(
        task=task, fence=task.fence if fence is None else fence
    ).order_by("name")


def find_artifact(task: Task, name: str, fence: int | None = None) -> Artifact:
    """Find one artifact by its name."""
    found = artifacts_of(task, fence).filter(name=name).first()
    if found is None:
        raise NotFound(f'task "{task.name}" has no artifact "{shortened(name)}"')
    return found


def runs_for(actor: Actor, *, filters: dict[str, Any] | None = None) -> QuerySet[Run]:
    """Give the runs that somebody sees, newest first."""
    found = for_actor(runs_with_names(), actor)
    for name, value in (filters or {}).items():
        if value not in (None, "", []):
            found = found.filter(**{name: value})
    return found.order_by("-task")


def find_run(actor: Actor, reference: UUID | tuple[str, str, int]) -> Run:
    """Find a run that somebody sees by its id or by project, pipeline and number."""
    missing = NotFound("there is no such run")
    if isinstance(reference, UUID):
        found = runs_for(actor, filters={"pk": reference}).first()
    else:
        project, slug, number = reference
        pipeline = find_pipeline(actor, f"{project}/{slug}")
        found = runs_for(actor, filters={"pipeline": pipeline, "number": number}).first()
    if found is None:
        raise missing
    return found


def find_attempt(run: Run, step: str, number: int) -> Attempt:
    """Find one attempt of a step of a run."""
    found = (
        Attempt.objects.select_related("task")
        .filter(run=run, step__path=step, number=number)
        .first()
    )
    if found is None:
        raise NotFound(f'step "{shortened(step)}" has no attempt {number}')
    return found
