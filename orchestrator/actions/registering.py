"""Pipelines that a script declares: registered with the script that drives their runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from orchestrator import announce
from orchestrator.actions.audit import record
from orchestrator.actions.pipelines import (
    checked_pins,
    create_pipeline,
    locked_draft,
    locked_pipeline,
    save_draft,
    storable,
)
from orchestrator.actions.projects import lock_project
from orchestrator.actions.templates import check_queue, definition_for
from orchestrator.domain.document import content_hash, normalise
from orchestrator.domain.errors import Invalid, shortened
from orchestrator.domain.names import SERVICES_QUEUE, slugify
from orchestrator.models import Pipeline, PipelineVersion, Project

FIRST_LABEL: Final = "1.0.0"
LONGEST_LABEL: Final = 64
DRIVERS: Final = (PipelineVersion.Driver.CONTROLLER.value, PipelineVersion.Driver.SCRIPT.value)

_LAST_NUMBER = re.compile(r"(\d+)$")


@transaction.atomic
def register_pipeline(  # noqa: PLR0913 - a registered pipeline has that many parts
    *,
    actor: str,
    project: Project,
    name: str,
    document: Mapping[str, Any],
    driver: str,
    script: Mapping[str, Any] | None = None,
    queue: str = SERVICES_QUEUE,
    label: str | None = None,
    tags: Sequence[str] = (),
) -> tuple[PipelineVersion, bool]:
    """Make the pipeline's next version, or give one that is the same; whether it is new.

    Without a label the newest version is taken if nothing has changed since, and a new one has
    the newest label, counted up. Raises Invalid naming all that is wrong with the document.
    """
    label = _checked_label(label)
    definition = None if script is None else definition_for("python", script)
    kept = storable(document)
    pipeline = _pipeline(actor, project, name, kept, tags)
    tidy = normalise(kept)
    wanted: dict[str, Any] = {
        "driver": driver,
        "script": definition,
        "script_queue": check_queue(queue),
        "document": tidy,
        "pins": checked_pins(pipeline, kept, actor, driven=True),
    }
    newest = pipeline.versions.exclude(number=None).order_by("-number")
    rows = newest[:1] if label is None else newest.filter(label=label)
    for version in rows:
        if all(getattr(version, field) == value for field, value in wanted.items()):
            return version, False
    before = newest.first()
    _let_draft_follow(actor, pipeline, before, kept)
    version = PipelineVersion.objects.create(
        pipeline=pipeline,
        number=(pipeline.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1,
        label=_next_label(pipeline) if label is None else label,
        content_hash=content_hash(tidy),
        author=actor,
        **wanted,
    )
    where = f"{project.slug}/{pipeline.slug}"
    record(actor, "pipeline.register", where, project, version=version.number)
    announce.poke(f"pipeline:{pipeline.pk}", f"project:{project.pk}")
    return version, True


def _pipeline(
    actor: str, project: Project, name: str, document: Mapping[str, Any], tags: Sequence[str]
) -> Pipeline:
    """The pipeline of that name, that nobody else registers meanwhile; made if there is none."""
    slug = slugify(name, otherwise="pipeline")
    # Of two scripts that are the first, the one that comes second finds what the other has made.
    lock_project(project)
    found = Pipeline.objects.filter(project=project, slug=slug).first()
    if found is not None:
        return locked_pipeline(found)
    return create_pipeline(
        actor=actor, project=project, slug=slug, name=name, document=document, tags=list(tags)
    )


def _let_draft_follow(
    actor: str, pipeline: Pipeline, before: PipelineVersion | None, document: Mapping[str, Any]
) -> None:
    """Show the new document as the draft, unless somebody has changed the draft."""
    draft = locked_draft(pipeline)
    if before is not None and normalise(draft.document) == before.document:
        save_draft(actor=actor, pipeline=pipeline, document=document, revision=draft.revision)


def _checked_label(label: str | None) -> str | None:
    if label is None or not label.strip():
        return None
    if len(label) > LONGEST_LABEL:
        message = f'"{shortened(label)}" has more than {LONGEST_LABEL} characters'
        raise Invalid.at("label", "bad_value", message)
    return label.strip()


def _next_label(pipeline: Pipeline) -> str:
    labelled = pipeline.versions.exclude(number=None).exclude(label="").order_by("-number")
    newest = labelled.values_list("label", flat=True).first()
    return FIRST_LABEL if newest is None else next_label(newest)


def next_label(label: str) -> str:
    """Count a label up in its last number: 1.0.1 → 1.0.2, 23 → 24, 1.0-beta → 1.0-beta1."""
    found = _LAST_NUMBER.search(label)
    if found is None:
        return f"{label[: LONGEST_LABEL - 1]}1"
    return f"{label[: found.start()]}{int(found[1]) + 1}"[:LONGEST_LABEL]
