"""Pipelines out of files: made, or given the file's document as their draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from orchestrator.actions.pipelines import change_pipeline, create_pipeline, save_draft
from orchestrator.models import Pipeline, Project
from orchestrator.queries.pipelines import draft_of, pipeline_in

# What a file may say of a pipeline beside its document.
ABOUT = ("name", "description", "tags")


@transaction.atomic
def apply_file(
    *,
    actor: str,
    project: Project,
    slug: str,
    document: Mapping[str, Any],
    about: Mapping[str, Any],
) -> tuple[Pipeline, bool]:
    """Make a pipeline, or give the one of that slug the document as its draft; say if it is new.

    What the file does not say of a known pipeline stays as it is.
    """
    said = {key: about[key] for key in ABOUT if about.get(key)}
    known = pipeline_in(project, slug)
    if known is None:
        return create_pipeline(
            actor=actor, project=project, slug=slug, document=document, **said
        ), True
    save_draft(actor=actor, pipeline=known, document=document, revision=draft_of(known).revision)
    if any(getattr(known, key) != value for key, value in said.items()):
        change_pipeline(actor=actor, pipeline=known, **said)
    return known, False
