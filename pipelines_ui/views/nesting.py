"""Limits of a pipeline's runs, and a run that becomes a step: the forms for both."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.actions.places_of_runs import change_line
from orchestrator.actions.runs_as_steps import add_as_step
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.queries.overview import editable_pipelines
from orchestrator.queries.pipelines import find_pipeline
from orchestrator.queries.rights import actor_of, require
from orchestrator.queries.tasks import find_run
from pipelines_ui.pages import page, render_page


@require_POST
@page
def pipeline_places(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """Change how many runs go on at a time, pause the pipeline or let it go on."""
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    require(actor, "edit", pipeline.project)
    try:
        change_line(actor=actor.name, pipeline=pipeline, **_wanted(request))
    except Invalid as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Saved. What goes on is left alone.")
    return redirect("pipeline", project, slug)


def _wanted(request: HttpRequest) -> dict[str, object]:
    verb = request.POST.get("verb", "")
    if verb in ("pause", "resume"):
        return {"paused": verb == "pause"}
    text = request.POST.get("limit", "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid.at("limit", "bad_value", "a limit is a whole number, or nothing for none")
    return {"limit": int(text) if text else None}


@require_http_methods(["GET", "POST"])
@page
def run_as_step(request: HttpRequest, project: str, pipeline: str, number: int) -> HttpResponse:
    """Choose the pipeline whose draft gets a step that runs what this run ran."""
    actor = actor_of(request)
    run = find_run(actor, (project, pipeline, number))
    require(actor, "operate", run.project)
    error = ""
    if request.method == "POST":
        target = find_pipeline(actor, request.POST.get("pipeline", ""))
        require(actor, "edit", target.project)
        try:
            _, step = add_as_step(actor=actor.name, run=run, pipeline=target)
        except Conflict as conflict:
            error = conflict.message
        else:
            messages.success(request, f'Step "{step}" was added to the draft.')
            edit = reverse("edit_pipeline", args=[target.project.slug, target.slug])
            return redirect(edit)
    context = {"run": run, "pipelines": editable_pipelines(actor), "error": error}
    return render_page(request, "runs/as_step.html", context, status=409 if error else 200)
