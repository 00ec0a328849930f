"""The editor: a shell with landmarks, and what its scripts start from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from orchestrator.domain.document import SCHEMA
from orchestrator.queries.graphs import version_calls_script
from orchestrator.queries.pipelines import draft_of, find_pipeline, latest_version
from orchestrator.queries.rights import Actor, actor_of, can
from pipelines_ui.pages import page, uncached


@page
def editor(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The draft on a canvas; who may not edit gets the pipeline's page instead."""
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    if not can(actor, "edit", pipeline.project):
        return redirect("pipeline", pipeline.project.slug, pipeline.slug)
    latest = latest_version(pipeline)
    context = {
        "pipeline": pipeline,
        "latest": latest,
        "calls_script": latest is not None and version_calls_script(latest),
        "editor_data": _editor_data(actor, pipeline, latest),
    }
    return uncached(render(request, "pipelines/edit.html", context))


def _editor_data(actor: Actor, pipeline: Any, latest: Any) -> dict[str, Any]:
    """What the scripts know before they ask for anything."""
    draft = draft_of(pipeline)
    return {
        "pipeline": {
            "id": str(pipeline.pk),
            "project": pipeline.project.slug,
            "slug": pipeline.slug,
            "name": pipeline.name,
        },
        "draft": {
            "revision": draft.revision,
            "document": draft.document,
            "actor": draft.actor,
            "updated_at": draft.updated_at.isoformat(),
        },
        "latest": {"number": latest.number, "document": latest.document} if latest else None,
        "schema": SCHEMA,
        "may_run": can(actor, "operate", pipeline.project),
        "urls": _urls(pipeline),
        "user": actor.name,
    }


def _urls(pipeline: Any) -> dict[str, str]:
    """Where the editor goes and asks; an id in the REST addresses outlives a renamed slug."""
    api = f"/api/v1/pipelines/{pipeline.pk}/"
    places = {
        "page": "pipeline",
        "edit": "edit_pipeline",
        "document": "pipeline_document",
        "run_form": "run_form",
    }
    names = (pipeline.project.slug, pipeline.slug)
    verbs = ("draft", "validate", "publish", "versions", "export", "runs")
    asked = ("palette", "compare", "references", "read")
    return {
        **{key: reverse(name, args=names) for key, name in places.items()},
        "api": api,
        "pipeline": api,
        **{verb: f"{api}{verb}/" for verb in (*verbs, *asked)},
    }
