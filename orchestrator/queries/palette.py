"""What an editor offers to put on the canvas: templates, and whatever else a step can be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from orchestrator.domain.changes import iso
from orchestrator.domain.document import SCHEMA, TemplateInfo
from orchestrator.domain.parameters import read_specs
from orchestrator.models import Pipeline, Project, Task
from orchestrator.queries.catalog import name_in, numbers_of, template_facts
from orchestrator.queries.pipelines import pipelines_for
from orchestrator.queries.rights import Actor
from orchestrator.queries.templates import templates_for

MOST_OFFERED: Final = 500
FUNCTION_STEP: Final = "function step"
"""The tag of a template that a script has kept of a function."""
# Of so many tasks of the project it is looked which templates were used last.
TASKS_LOOKED_AT: Final = 2_000


def supported_kinds() -> frozenset[str]:
    """The kinds of steps that the engine can execute, as the schema says."""
    kind = SCHEMA["properties"]["steps"]["items"]["properties"]["kind"]
    return frozenset(kind.get("x-supported-values", kind["enum"]))


def palette(
    actor: Actor,
    pipeline: Pipeline,
    *,
    search: str = "",
    project: Project | None = None,
    tag: str = "",
    kinds: Collection[str] | None = None,
) -> list[dict[str, Any]]:
    """What may become a step of this pipeline and fits; its own project's first, then by name.

    What scripts have kept of their functions comes last: it is there for who looks for it.
    """
    offered = supported_kinds() if kinds is None else kinds
    items = _templates(actor, pipeline, project) if "task" in offered else []
    if "pipeline" in offered:
        items += _pipelines(actor, pipeline, project)
    if "approval" in offered and project is None:
        items.append({"kind": "approval", "title": "Approval", "project": "", "tags": []})
    words = search.casefold().split()
    fitting = [item for item in items if _fits(item, words, tag)]
    own = pipeline.project.slug
    fitting.sort(key=lambda item: _rank(item, own))
    return fitting[:MOST_OFFERED]


def _rank(item: dict[str, Any], own: str) -> tuple[bool, bool, str]:
    return FUNCTION_STEP in item["tags"], item["project"] != own, item["title"].casefold()


def _templates(actor: Actor, pipeline: Pipeline, project: Project | None) -> list[dict[str, Any]]:
    rows = list(templates_for(actor, project=project))
    numbers = numbers_of(rows)
    used = _last_used(pipeline.project)
    items = []
    for row in rows:
        if not (versions := numbers.get(row.pk)):
            continue
        specs, _ = read_specs(row.specs)
        facts = template_facts(row, pipeline.project, TemplateInfo(specs, versions[-1], versions))
        items.append({"kind": "task", **facts, "last_used": iso(used.get(row.pk))})
    return items


def _pipelines(actor: Actor, pipeline: Pipeline, project: Project | None) -> list[dict[str, Any]]:
    rows = pipelines_for(actor, project=project).exclude(pk=pipeline.pk)
    return [
        {
            "kind": "pipeline",
            "pipeline": name_in(pipeline.project, row.project.slug, row.slug),
            "name": f"{row.project.slug}/{row.slug}",
            "slug": row.slug,
            "title": row.name,
            "description": row.description,
            "project": row.project.slug,
            "tags": row.tags,
            "version": number,
            "page": f"/pipelines/{row.project.slug}/{row.slug}/",
        }
        for row in rows
        if (number := row.latest_number)  # type: ignore[attr-defined]
    ]


def _last_used(project: Project) -> dict[Any, datetime]:
    """When each template was last made a task of in this project, as far as one looks back."""
    tasks = Task.objects.filter(project=project, is_template=False).order_by("-id")
    recent = tasks.values_list("template_version__template_id", "created_at")[:TASKS_LOOKED_AT]
    used: dict[Any, datetime] = {}
    for template, at in recent:
        if template is not None:
            used.setdefault(template, at)
    return used


def _fits(item: dict[str, Any], words: Iterable[str], tag: str) -> bool:
    if tag and tag not in item["tags"]:
        return False
    said = [item["title"], item.get("name", ""), item.get("description", ""), *item["tags"]]
    text = " ".join(map(str, said)).casefold()
    return all(word in text for word in words)
