"""Making a pipeline: from nothing, a sample, another pipeline, a past run, or a document."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.pipelines import create_pipeline, document_problems, publish
from orchestrator.document_text import read_document
from orchestrator.domain.document.copying import copied
from orchestrator.domain.errors import Invalid, NotFound, PipelinesError
from orchestrator.graphs import document_of
from orchestrator.queries.overview import editable_projects, listed_runs, pipeline_paths, run_of
from orchestrator.queries.pipelines import draft_of, find_pipeline
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, actor_of, require
from pipelines_ui.document_text import Written, posted_document
from pipelines_ui.pages import page, render_page

SAMPLES: Final = "sample/"
RUNS_OFFERED: Final = 50
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


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_pipeline(request: HttpRequest) -> HttpResponse:
    """A name, a project, and what to begin with; then on to the editor."""
    actor = actor_of(request)
    written = Written(text=EXAMPLE)
    if request.method == "POST":
        made = _create(request, written)
        if made is not None:
            return made
    paths = pipeline_paths(actor)
    asked = request.POST or request.GET
    return render_page(
        request,
        "pipelines/new.html",
        {
            "projects": editable_projects(actor),
            "samples": [path for path in paths if path.startswith(SAMPLES)],
            "pipelines": [path for path in paths if not path.startswith(SAMPLES)],
            "runs": listed_runs(actor).order_by("-created_at")[:RUNS_OFFERED],
            "start": asked.get("start") or _start_of(asked),
            "written": written,
            "typed": {"like": "", "pipeline": asked.get("like", ""), **asked.dict()},
        },
        status=422 if request.method == "POST" else 200,
    )


def _start_of(asked: Any) -> str:
    """What an address asks for: ``?like=project/pipeline`` or ``?run=project/pipeline/3``."""
    if asked.get("run"):
        return "run"
    if asked.get("like"):
        return "sample" if asked["like"].startswith(SAMPLES) else "pipeline"
    return "text" if asked.get("document") else "empty"


def _create(request: HttpRequest, written: Written) -> HttpResponse | None:
    actor = actor_of(request)
    project = find_project(actor, request.POST.get("project", ""))
    require(actor, "edit", project)
    start = request.POST.get("start", "text")
    try:
        document = _document(request, actor, project.slug, start, written)
        if start == "text" and written.keep(document_problems(document, project, actor=actor.name)):
            return None
        pipeline = create_pipeline(
            actor=actor.name,
            project=project,
            slug=request.POST.get("slug", "").strip(),
            name=request.POST.get("name", "").strip(),
            description=request.POST.get("description", "").strip(),
            document=document,
        )
        if start == "text" and request.POST.get("publish"):
            publish(actor=actor.name, pipeline=pipeline, note=request.POST.get("note", "").strip())
    except PipelinesError as error:
        written.tell(error)
        return None
    messages.success(request, f"{pipeline.name} is made.")
    return redirect("edit_pipeline", project.slug, pipeline.slug)


def _document(
    request: HttpRequest, actor: Actor, project: str, start: str, written: Written
) -> dict[str, Any] | None:
    """What the pipeline begins with; None is an empty canvas."""
    match start:
        case "empty":
            return None
        case "sample" | "pipeline":
            return _like_pipeline(actor, request.POST.get(start, ""), project, start)
        case "run":
            return _like_run(actor, request.POST.get("run", ""), project)
        case "text":
            written.text = posted_document(request)
            return read_document(written.text)
        case _:
            raise Invalid.at("start", "bad_value", f'a pipeline cannot start from "{start}"')


def _like_pipeline(actor: Actor, path: str, into: str, field: str) -> dict[str, Any]:
    try:
        other = find_pipeline(actor, path.strip())
    except NotFound as error:
        raise Invalid.at(field, "not_found", error.message) from error
    document = draft_of(other).document
    return copied(document, project=other.project.slug, into=into)


def _like_run(actor: Actor, path: str, into: str) -> dict[str, Any]:
    pipeline, _, number = path.strip().rpartition("/")
    try:
        if not number.isdecimal() or len(number) > 9:
            raise NotFound(f'there is no run "{path}": write project/pipeline/number')
        run = run_of(find_pipeline(actor, pipeline), int(number))
    except NotFound as error:
        raise Invalid.at("run", "not_found", error.message) from error
    if run.version is None:
        raise Invalid.at("run", "bad_value", f"run {path} has no document: a script drives it")
    document = document_of(run.version.pk, run.version.content_hash)
    return copied(document, project=run.project.slug, into=into, values=run.parameters)
