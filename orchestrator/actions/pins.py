"""Pinning: which version of which template or pipeline each step of a document takes now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.models import Project, TemplateVersion
from orchestrator.pins import latest_of, path_of
from orchestrator.queries.catalog import projects_seen_by
from orchestrator.queries.nesting import named_pipeline, nestable_projects
from orchestrator.queries.templates import templates_by_name


def pins_of(project: Project, document: Mapping[str, Any], actor: str) -> dict[str, Any]:
    """Say for each step of a checked document what it takes, as of now.

    A step that clones has {"template", "version", "id"}, one that nests {"pipeline", "version",
    "pipeline_version"}; "latest" says that each run looks again.
    """
    return _template_pins(project, document, actor) | _pipeline_pins(project, document, actor)


def _template_pins(project: Project, document: Mapping[str, Any], actor: str) -> dict[str, Any]:
    steps = [step for step in document.get("steps", ()) if step.get("template")]
    names = (step["template"] for step in steps)
    templates = templates_by_name(project, names, among=projects_seen_by(actor))
    rows = TemplateVersion.objects.filter(template__in=set(templates.values()))
    numbers: dict[Any, dict[int, int]] = {}
    for template, number, key in rows.values_list("template_id", "number", "pk"):
        numbers.setdefault(template, {})[number] = key
    pins = {}
    for step in steps:
        named = templates[step["template"]]
        asked = step.get("version")
        number = asked if isinstance(asked, int) else max(numbers[named.pk])
        pins[step["name"]] = {
            "template": f"{named.project.slug}/{named.slug}",
            "version": number,
            "id": numbers[named.pk][number],
            **_following(step),
        }
    return pins


def _pipeline_pins(project: Project, document: Mapping[str, Any], actor: str) -> dict[str, Any]:
    steps = [step for step in document.get("steps", ()) if step.get("pipeline")]
    if not steps:
        return {}
    among = nestable_projects(actor)
    named = {
        name: named_pipeline(project, name, among=among)
        for name in {step["pipeline"] for step in steps}
    }
    pins = {}
    for step in steps:
        pipeline = named[step["pipeline"]]
        assert pipeline is not None
        asked = step.get("version")
        version = latest_of(pipeline, asked if isinstance(asked, int) else None)
        pins[step["name"]] = {
            "pipeline": path_of(pipeline),
            "version": version.number,
            "pipeline_version": version.pk,
            **_following(step),
        }
    return pins


def _following(step: Mapping[str, Any]) -> dict[str, bool]:
    return {"latest": True} if step.get("version") == "latest" else {}
