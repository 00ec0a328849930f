"""Pins: which version of which template or pipeline each step of a version takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.models import PipelineVersion, Project, TemplateVersion
from orchestrator.queries.catalog import projects_seen_by
from orchestrator.queries.nesting import latest_of, named_pipeline, nestable_projects, path_of
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


def pins_for_run(version: PipelineVersion) -> dict[str, Any]:
    """Give a version's pins, those of ``version: latest`` as they are now."""
    pins: dict[str, Any] = {name: dict(pin) for name, pin in version.pins.items()}
    following = [pin for pin in pins.values() if pin.get("latest")]
    _renew_templates([pin for pin in following if "id" in pin])
    _renew_pipelines([pin for pin in following if "pipeline_version" in pin])
    return pins


def _renew_templates(pins: list[dict[str, Any]]) -> None:
    if not pins:
        return
    pinned = TemplateVersion.objects.in_bulk([pin["id"] for pin in pins])
    rows = TemplateVersion.objects.filter(template__in={row.template_id for row in pinned.values()})
    newest = {row.template_id: row for row in rows.order_by("number")}
    for pin in pins:
        row = newest[pinned[pin["id"]].template_id]
        pin.update(version=row.number, id=row.pk)


def _renew_pipelines(pins: list[dict[str, Any]]) -> None:
    for pin in pins:
        pinned = PipelineVersion.objects.select_related("pipeline").get(pk=pin["pipeline_version"])
        row = latest_of(pinned.pipeline)
        pin.update(version=row.number, pipeline_version=row.pk)


def specs_of(pin: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters that a pinned template or pipeline declares."""
    if "pipeline_version" in pin:
        document = PipelineVersion.objects.values_list("document", flat=True)
        return document.get(pk=pin["pipeline_version"]).get("parameters") or []
    specs: list[dict[str, Any]] = TemplateVersion.objects.values_list("specs", flat=True).get(
        pk=pin["id"]
    )
    return specs
