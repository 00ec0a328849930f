"""Pins: the version of a template or pipeline that each step of a version, or of a run, takes.

A step that clones has {"template", "version", "id"}, one that nests {"pipeline", "version",
"pipeline_version"}; "latest" says that each run looks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orchestrator.domain.errors import Invalid, NotFound
from orchestrator.models import Pipeline, PipelineVersion, TemplateVersion

DEEPEST: Final = 10
"""So many runs may stand in one another."""

Pins = Mapping[str, Mapping[str, Any]]


def path_of(pipeline: Pipeline) -> str:
    """How any document may name a pipeline."""
    return f"{pipeline.project.slug}/{pipeline.slug}"


def latest_of(pipeline: Pipeline, number: int | None = None) -> PipelineVersion:
    """The latest version of a published pipeline, or the one of that number."""
    found = version_of(pipeline, number)
    if found is None:
        raise NotFound(f'there is no version {number or ""} of "{path_of(pipeline)}"')
    return found


def version_of(pipeline: Pipeline, number: int | None = None) -> PipelineVersion | None:
    """The same, or nothing; without the document, which may be long."""
    rows = pipeline.versions.filter(number__isnull=False).defer("document")
    rows = rows.select_related("pipeline__project")
    if number is not None:
        return rows.filter(number=number).first()
    return rows.order_by("-number").first()


def pins_for_run(version: PipelineVersion) -> dict[str, Any]:
    """Give a version's pins, those of ``version: latest`` as they are now."""
    pins: dict[str, Any] = {name: dict(pin) for name, pin in version.pins.items()}
    following = [pin for pin in pins.values() if pin.get("latest")]
    _renew_templates([pin for pin in following if "id" in pin])
    _renew_pipelines([pin for pin in following if "pipeline_version" in pin])
    return pins


def _renew_templates(pins: Sequence[dict[str, Any]]) -> None:
    if not pins:
        return
    pinned = TemplateVersion.objects.in_bulk([pin["id"] for pin in pins])
    rows = TemplateVersion.objects.filter(template__in={row.template_id for row in pinned.values()})
    newest = {row.template_id: row for row in rows.order_by("number")}
    for pin in pins:
        row = newest[pinned[pin["id"]].template_id]
        pin.update(version=row.number, id=row.pk)


def _renew_pipelines(pins: Sequence[dict[str, Any]]) -> None:
    for pin in pins:
        pinned = PipelineVersion.objects.select_related("pipeline").get(pk=pin["pipeline_version"])
        row = latest_of(pinned.pipeline)
        pin.update(version=row.number, pipeline_version=row.pk)


def specs_of(pin: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters that a pinned template or pipeline declares."""
    specs: list[dict[str, Any]]
    if "pipeline_version" in pin:
        documents = PipelineVersion.objects.values_list("document", flat=True)
        specs = documents.get(pk=pin["pipeline_version"]).get("parameters") or []
    else:
        specs = TemplateVersion.objects.values_list("specs", flat=True).get(pk=pin["id"])
    return specs


def versions_below(pins: Pins) -> dict[str, PipelineVersion]:
    """The versions that steps nest, by the step's name; those that follow the latest, as now."""
    nested = {name: pin for name, pin in pins.items() if "pipeline_version" in pin}
    if not nested:
        return {}
    rows = PipelineVersion.objects.defer("document").select_related("pipeline__project")
    found = rows.in_bulk({pin["pipeline_version"] for pin in nested.values()})
    below = {}
    for name, pin in nested.items():
        version = found[pin["pipeline_version"]]
        below[name] = (version_of(version.pipeline) or version) if pin.get("latest") else version
    return below


def check_nesting(version: PipelineVersion, pins: Pins, above: Sequence[PipelineVersion]) -> None:
    """Refuse a run that would never end, or would go too deep: Invalid with the way there.

    *above* are the versions of the runs that it stands in, the outermost first. Every version
    below is looked at as it would run now; those that follow the latest are looked at again when
    their run is made.
    """
    way = (*above, version)
    _check_way(way, "")
    _check_below(pins, way, set())


def _check_below(pins: Pins, way: tuple[PipelineVersion, ...], fine: set[tuple[int, int]]) -> None:
    for step, below in versions_below(pins).items():
        inner = (*way, below)
        # What has been looked at from this depth already has nothing new to say.
        if (below.pk, len(inner)) in fine:
            continue
        _check_way(inner, step)
        _check_below(below.pins, inner, fine)
        fine.add((below.pk, len(inner)))


def _check_way(way: Sequence[PipelineVersion], step: str) -> None:
    *above, last = way
    where = f"steps.{step}.pipeline" if step else "pipeline"
    if last in above:
        names = " → ".join(f'"{path_of(one.pipeline)}"' for one in way[above.index(last) :])
        message = f"pipelines run each other in a circle: {names}"
        raise Invalid.at(where, "cycle", message, step=step or None)
    if len(way) > DEEPEST:
        names = " → ".join(f'"{path_of(one.pipeline)}"' for one in way)
        message = f"runs stand in one another at most {DEEPEST} deep: {names}"
        raise Invalid.at(where, "cap_exceeded", message, step=step or None)
