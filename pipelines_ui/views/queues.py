"""Queues and agents: what waits where and in which order, who serves it, and who is alive."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.actions.agents import drain_agent, undrain_agent
from orchestrator.actions.places import HIGHEST, LOWEST, move_to_front, set_priority
from orchestrator.actions.queues import change_queue, create_queue, delete_queue
from orchestrator.domain.errors import Conflict, Invalid, PipelinesError
from orchestrator.domain.names import LOCAL_QUEUE
from orchestrator.queries import lines
from orchestrator.queries.rights import actor_of, require_superuser
from pipelines_ui.pages import page, render_page

LIVE_TASKS = 45
LINE_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@page
def queues_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_superuser(actor)
        try:
            made = create_queue(
                actor=actor.name,
                name=request.POST.get("name", "").strip(),
                description=request.POST.get("description", "").strip(),
            )
            return redirect("queue", made.name)
        except (Conflict, Invalid) as error:
            errors = {"name": error.message}
    queues, agents = lines.queue_rows(actor), lines.agents(actor)
    shown = [task for agent in agents for task in agent["tasks"]]
    shown += [task for queue in queues for task in queue.line]
    context = {
        "queues": queues,
        "local_queue": LOCAL_QUEUE,
        "agents": agents,
        "gone": lines.gone_agents(),
        "topics": _topics(shown),
        "administers": actor.superuser,
        "errors": errors,
        "typed": request.POST if errors else {},
    }
    return render_page(request, "queues/page.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def queue_page(request: HttpRequest, name: str) -> HttpResponse:
    """One queue with its whole line; an administrator pauses, limits or deletes it here."""
    actor = actor_of(request)
    queue = lines.queue(name)
    errors: dict[str, str] = {}
    if request.method == "POST":
        require_superuser(actor)
        try:
            return _changed(request, actor.name, name)
        except Conflict as error:
            messages.error(request, error.message)
            return redirect("queue", name)
        except Invalid as error:
            errors = {problem.where: problem.message for problem in error.problems}
    first = request.GET.get("first", "1")
    first_place = int(first) if first.isdecimal() and len(first) < 9 else 1
    line = lines.line_of(actor, name, first=first_place, number=LINE_SHOWN)
    context = {
        "queue": queue,
        "local_queue": LOCAL_QUEUE,
        "line": line,
        "earlier": max(1, first_place - LINE_SHOWN) if first_place > 1 else None,
        "later": line[-1].place + 1 if line and line[-1].place < queue["waiting"] else None,
        "topics": _topics(line),
        "administers": actor.superuser,
        "lowest": LOWEST,
        "highest": HIGHEST,
        "errors": errors,
        "typed": request.POST if errors else queue,
    }
    return render_page(request, "queues/queue.html", context, status=422 if errors else 200)


def _changed(request: HttpRequest, actor: str, name: str) -> HttpResponse:
    form = request.POST
    match form.get("verb"):
        case "pause":
            change_queue(actor=actor, name=name, paused=True)
            messages.success(request, f'Nothing more starts in the queue "{name}".')
        case "resume":
            change_queue(actor=actor, name=name, paused=False)
            messages.success(request, f'The queue "{name}" goes on.')
        case "change":
            change_queue(
                actor=actor,
                name=name,
                limit=_whole(form.get("limit", ""), "limit"),
                description=form.get("description", "").strip(),
            )
            messages.success(request, "Saved.")
        case "delete":
            delete_queue(actor=actor, name=name)
            messages.success(request, f'The queue "{name}" is deleted.')
            return redirect("queues")
        case verb:
            raise Http404(f'a queue cannot be asked to "{str(verb)[:40]}"')
    return redirect("queues" if form.get("from") == "queues" else reverse("queue", args=[name]))


@require_POST
@page
def line_verb(request: HttpRequest, name: str, task_id: UUID, verb: str) -> HttpResponse:
    """Move a waiting task: to the front, or by its priority."""
    actor = actor_of(request)
    task = lines.find_waiting(actor, name, task_id)
    try:
        if verb == "front":
            move_to_front(actor=actor.name, task=task)
            messages.success(request, f'"{task.name}" stands at the front of "{name}".')
        elif verb == "priority":
            priority = _whole(request.POST.get("priority", ""), "priority") or 0
            set_priority(actor=actor.name, task=task, priority=priority)
            messages.success(request, f'"{task.name}" has priority {priority}.')
        else:
            raise Http404(f'a waiting task cannot be asked to "{verb[:40]}"')
    except PipelinesError as error:
        messages.error(request, error.message)
    from_queues = request.POST.get("from") == "queues"
    back = reverse("queues") if from_queues else reverse("queue", args=[name])
    # The reader stays where the task now is, with the keyboard, too.
    return redirect(f"{back}#task-{task_id}")


@require_POST
@page
def agent_verb(request: HttpRequest, agent_id: UUID, verb: str) -> HttpResponse:
    """Drain an agent, or let it take tasks again."""
    actor = actor_of(request)
    found = lines.agent(actor, agent_id)
    require_superuser(actor)
    action = {"drain": drain_agent, "undrain": undrain_agent}.get(verb)
    if action is None:
        raise Http404(f'an agent cannot be asked to "{verb[:40]}"')
    try:
        action(actor=actor.name, agent_id=agent_id)
        done = "takes nothing new" if verb == "drain" else "takes tasks again"
        messages.success(request, f"Agent {found['name']} {done}.")
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("queues")


def _whole(text: str, where: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 9:
        raise Invalid.at(where, "bad_value", "write a whole number")
    return int(text)


def _topics(shown: list[Any]) -> str:
    """The lines are poked when something joins them; that a task began or ended, its own says."""
    tasks = islice((task for task in shown if task.visible), LIVE_TASKS)
    return " ".join(["lines", *(f"task:{task.id}" for task in tasks)])
