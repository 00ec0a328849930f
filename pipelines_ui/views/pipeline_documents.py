"""A draft as text: save, publish."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.pipelines import (
    StaleDraft,
    document_problems,
    publish,
    save_draft,
)
from orchestrator.document_text import read_document, written_json
from orchestrator.domain.errors import PipelinesError
from orchestrator.queries.pipelines import draft_of, find_pipeline, latest_version
from orchestrator.queries.rights import actor_of, require
from pipelines_ui.document_text import Written, posted_document
from pipelines_ui.pages import page, render_page


@require_http_methods(["GET", "HEAD", "POST"])
@page
def pipeline_document(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The draft as text. Saving keeps a draft with problems; publishing does not."""
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    require(actor, "edit", pipeline.project)
    draft = draft_of(pipeline)
    written = Written(text=written_json(draft.document))
    if request.method == "POST":
        saved = _save(request, pipeline, written)
        if saved is not None:
            return saved
        draft = draft_of(pipeline)
    else:
        written.problems = document_problems(
            draft.document, pipeline.project, actor=actor.name, own=pipeline
        )
    return render_page(
        request,
        "pipelines/document.html",
        {
            "pipeline": pipeline,
            "draft": draft,
            # A form that came too late keeps the revision it was written against.
            "revision": request.POST.get("revision") or draft.revision,
            "latest": latest_version(pipeline),
            "written": written,
            "note": request.POST.get("note", ""),
        },
        status=422 if request.method == "POST" else 200,
    )


def _save(request: HttpRequest, pipeline: Any, written: Written) -> HttpResponse | None:
    actor = actor_of(request)
    revision = request.POST.get("revision", "")
    number = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
    try:
        written.text = posted_document(request)
        document = read_document(written.text)
        problems = document_problems(document, pipeline.project, actor=actor.name, own=pipeline)
        publishing = request.POST.get("verb") == "publish"
        if publishing and written.keep(problems):
            return None
        draft = save_draft(actor=actor.name, pipeline=pipeline, document=document, revision=number)
        if publishing:
            version = publish(
                actor=actor.name,
                pipeline=pipeline,
                revision=draft.revision,
                note=request.POST.get("note", "").strip(),
            )
            messages.success(request, f"Version {version.number} is published.")
            return redirect("pipeline", pipeline.project.slug, pipeline.slug)
    except StaleDraft as error:
        written.errors["document"] = f"{error.message} Your text is kept below."
        return None
    except PipelinesError as error:
        written.tell(error)
        return None
    messages.success(request, "The draft is saved.")
    return redirect("pipeline_document", pipeline.project.slug, pipeline.slug)
