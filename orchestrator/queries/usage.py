"""Where a template is used, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from orchestrator.models import Pipeline, PipelineVersion, Task
from orchestrator.queries.rights import Actor, for_actor

LOOKED_AT = 500
TASKS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Use:
    """The steps of a pipeline's latest version that are pinned to a template."""

    pipeline: Pipeline
    steps: tuple[str, ...]
    version: int
    behind: bool


def uses_of(actor: Actor, template: Task) -> list[Use]:
    """The pipelines that somebody sees whose latest version uses this template."""
    newest = PipelineVersion.objects.filter(
        pipeline=OuterRef("pipeline"), number__isnull=False
    ).order_by("-number")
    versions = (
        for_actor(PipelineVersion.objects.all(), actor, path="pipeline__project")
        .filter(number=Subquery(newest.values("number")[:1]))
        .select_related("pipeline__project")
        .defer("document")
        .order_by("pipeline__project__slug", "pipeline__slug")
    )
    latest = max(template.versions.values_list("pk", "number"), key=lambda row: row[1])[0]
    numbers = dict(template.versions.values_list("pk", "number"))
    return list(_uses(versions[:LOOKED_AT], numbers, latest))


def _uses(
    versions: QuerySet[PipelineVersion], numbers: Mapping[int, int], latest: int
) -> Iterator[Use]:
    for version in versions:
        pins: dict[str, Any] = {
            name: pin for name, pin in version.pins.items() if pin.get("id") in numbers
        }
        if pins:
            oldest = min((pin["id"] for pin in pins.values()), key=lambda pk: numbers[pk])
            yield Use(
                version.pipeline, tuple(pins), version=numbers[oldest], behind=oldest != latest
            )


def made_from(template: Task) -> list[Task]:
    """The last tasks that were cloned from a template."""
    rows = Task.objects.filter(template_version__template=template, is_template=False)
    named = rows.select_related("project", "template_version").annotate(
        version_number=F("template_version__number")
    )
    return list(named.order_by("-pk")[:TASKS_SHOWN])
