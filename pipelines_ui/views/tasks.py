"""The list of tasks and one task: what it executes, what came of it, and its verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.actions.changing_tasks import change_task
from orchestrator.actions.tasks import (
    abort_task,
    clone_task,
    dequeue_task,
    enqueue_task,
    reset_task,
)
from orchestrator.domain.errors import Conflict, Invalid, PipelinesError
from orchestrator.domain.parameters import read_specs
from orchestrator.domain.states import DISPLAY_ORDER, FINAL, Status, TaskEvent, may_move
from orchestrator.queries.overview import queue_names
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import actor_of, can, require, visible_projects
from orchestrator.queries.samples import sample_summary
from orchestrator.queries.steps import artifact_address, artifact_dict
from orchestrator.queries.task_pages import log_tail, places_of
from orchestrator.queries.tasks import artifacts_of, find_task, tasks_for
from pipelines_ui.code import code_of, coloured
from pipelines_ui.pages import newest_first, page, render_page, topics_of
from pipelines_ui.parameter_form import fields_of, other_problems, read_form
from pipelines_ui.results import Results, results
from pipelines_ui.run_page import metrics_of

_NEVER = {Status.PENDING, Status.AWAITING, Status.CACHED, Status.SKIPPED, Status.PAUSED}
TASK_STATUSES = [status.value for status in DISPLAY_ORDER if status not in _NEVER]


@page
def task_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    slug = request.GET.get("project", "")
    filters = {
        name: request.GET.get(name, "").strip() for name in ("status", "queue", "kind", "search")
    }
    project = find_project(actor, slug) if slug else None
    rows = tasks_for(actor, project=project, filters=filters)
    tasks, older = newest_first(request, rows.defer("definition__body", "parameters", "outputs"))
    places = places_of(tasks)
    projects = list(visible_projects(actor))
    return render_page(
        request,
        "tasks/list.html",
        {
            "rows": [(task, places.get(task.pk)) for task in tasks],
            "older": older,
            "first_page": "before" not in request.GET,
            "projects": projects,
            "project": project,
            "queues": queue_names(),
            "statuses": TASK_STATUSES,
            "filters": filters,
            "filtered": bool(project or any(filters.values())),
            "topics": topics_of(projects),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def task_page(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task; posting changes the parameters of a draft."""
    actor = actor_of(request)
    task = find_task(actor, task_id)
    if task.is_template:
        return redirect("template", task.project.slug, task.slug)
    if request.method == "POST":
        require(actor, "operate", task.project)
        return _change(request, task)
    return _show(request, task)


def _change(request: HttpRequest, task: Any) -> HttpResponse:
    specs, _ = read_specs(task.specs)
    values, texts, problems = read_form(specs, request.POST)
    if not problems:
        try:
            change = {"parameters": values}
            change_task(actor=actor_of(request).name, task=task, change=change)
        except Invalid as error:
            problems = list(error.problems)
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("task", task.pk)
        else:
            messages.success(request, "The parameters are saved.")
            return redirect("task", task.pk)
    return _show(request, task, texts=texts, problems=problems)


def _show(
    request: HttpRequest, task: Any, *, texts: Any = None, problems: Any = ()
) -> HttpResponse:
    actor = actor_of(request)
    place = places_of([task]).get(task.pk)
    specs, _ = read_specs(task.specs)
    may_operate = can(actor, "operate", task.project)
    log, cut = log_tail(task) if task.fence else ("", False)
    code, language = (
        code_of(task.definition.kind, task.definition.body) if task.definition else ("", "text")
    )
    draft = task.status == Status.DRAFT and may_operate and place is None
    return render_page(
        request,
        "tasks/page.html",
        {
            "task": task,
            "place": place,
            "verbs": _verbs(task, place) if may_operate else [],
            "groups": fields_of(specs, task.parameters, texts=texts, problems=problems)
            if draft
            else None,
            "problems": other_problems(problems, specs),
            "results": _results(task),
            "metrics": metrics_of(sample_summary(task.pk, task.fence)) if task.fence else {},
            "task_execution": {"task": task.pk, "fence": task.fence},
            "attempt_url": f"/api/v1/tasks/{task.pk}/",
            "configuration": sorted(task.configuration.items()),
            "log": log,
            "log_cut": cut,
            "live": f"task:{task.pk} log:{task.pk}:{task.fence}",
            "code": coloured(code, language),
            "ended": Status(task.status) in FINAL,
        },
        status=422 if problems else 200,
    )


def _results(task: Any) -> Results:
    """What the task's last execution has left."""
    left = artifacts_of(task) if task.fence else ()
    artifacts = [{**artifact_dict(one, artifact_address(one)), "pk": one.pk} for one in left]
    return results(task.pk, task.fence, artifacts, task.parameters)


@require_POST
@page
def task_verb(request: HttpRequest, task_id: UUID, verb: str) -> HttpResponse:
    """Enqueue, dequeue, abort, reset or clone; a refusal is told on the task's page."""
    actor = actor_of(request)
    task = find_task(actor, task_id)
    require(actor, "operate", task.project)
    action = _ACTIONS.get(verb)
    if action is None:
        raise Http404(f'there is no verb "{verb}"')
    try:
        done = action(actor=actor.name, task=task)
    except PipelinesError as error:
        messages.error(request, error.message)
        return redirect("task", task.pk)
    return redirect("task", done.pk)


_ACTIONS: dict[str, Callable[..., Any]] = {
    "enqueue": enqueue_task,
    "dequeue": dequeue_task,
    "abort": abort_task,
    "reset": reset_task,
    "clone": clone_task,
}


def _verbs(task: Any, place: Any) -> list[tuple[str, str, str]]:
    """What may be asked for now: (verb, label, picture). A run's tasks follow their run."""
    status = Status(task.status)
    verbs = []
    if place is None:
        if may_move(status, TaskEvent.ENQUEUE):
            verbs.append(("enqueue", "Enqueue", "play"))
        if status is Status.QUEUED:
            verbs.append(("dequeue", "Take out of the queue", "stop"))
        if may_move(status, TaskEvent.RESET):
            verbs.append(("reset", "Reset to draft", "rerun"))
    if may_move(status, TaskEvent.ABORT) and status not in (Status.DRAFT, Status.ABORTING):
        verbs.append(("abort", "Abort", "stop"))
    if task.definition_id:
        verbs.append(("clone", "Clone", "copy"))
    return verbs
