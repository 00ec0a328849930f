"""Making a pipeline from a document, and editing its draft as text: save, publish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.pipelines import (
    StaleDraft,
    create_pipeline,
    document_problems,
    publish,
    save_draft,
)
from orchestrator.document_text import read_document, written_json
from orchestrator.domain.errors import Conflict, Invalid, PipelinesError, Problem
from orchestrator.queries.overview import editable_projects
from orchestrator.queries.pipelines import draft_of, find_pipeline, latest_version
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import actor_of, require
from pipelines_ui.document_text import posted_document
from pipelines_ui.pages import page, render_page

EXAMPLE = """\
schema: 1
parameters:
  - {name: rows, type: integer, default: 1000, minimum: 1, help: How many rows}
steps:
  - name: load
    template: load
    parameters: {General/rows: "${pipeline.rows}"}
  - name: train
    template: train
    parents: [load]
"""


@dataclass(slots=True)
class Written:
    """What the form holds, and what is wrong with it."""

    text: str
    problems: list[Problem] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def tell(self, error: PipelinesError) -> None:
        """Put an action's refusal where it belongs: beside a field, or with the problems."""
        if not isinstance(error, Invalid):
            self.errors["slug" if isinstance(error, Conflict) else "document"] = error.message
            return
        for problem in error.problems:
            if problem.where in ("name", "slug", "document", "project"):
                self.errors[problem.where] = problem.message
            else:
                self.problems.append(problem)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_pipeline(request: HttpRequest) -> HttpResponse:
    """A name, a project and a document; published at once when it has no problems and one asks."""
    projects = editable_projects(actor_of(request))
    written = Written(text=EXAMPLE)
    if request.method == "POST":
        made = _create(request, written)
        if made is not None:
            return made
    return render_page(
        request,
        "pipelines/new.html",
        {
            "projects": projects,
            "written": written,
            "typed": request.POST or {"project": request.GET.get("project", "")},
        },
        status=422 if request.method == "POST" else 200,
    )


def _create(request: HttpRequest, written: Written) -> HttpResponse | None:
    actor = actor_of(request)
    project = find_project(actor, request.POST.get("project", ""))
    require(actor, "edit", project)
    try:
        written.text = posted_document(request)
        document = read_document(written.text)
        if _errors(document_problems(document, project, actor=actor.name), written):
            return None
        pipeline = create_pipeline(
            actor=actor.name,
            project=project,
            slug=request.POST.get("slug", "").strip(),
            name=request.POST.get("name", "").strip(),
            description=request.POST.get("description", "").strip(),
            document=document,
        )
        if request.POST.get("publish"):
            publish(actor=actor.name, pipeline=pipeline, note=request.POST.get("note", "").strip())
    except PipelinesError as error:
        written.tell(error)
        return None
    messages.success(request, f"{pipeline.name} is made.")
    return redirect("edit_pipeline", project.slug, pipeline.slug)


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
        written.problems = document_problems(draft.document, pipeline.project, actor=actor.name)
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
        problems = document_problems(document, pipeline.project, actor=actor.name)
        publishing = request.POST.get("verb") == "publish"
        if publishing and _errors(problems, written):
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


def _errors(problems: list[Problem], written: Written) -> bool:
    written.problems = problems
    return any(problem.severity == "error" for problem in problems)
