"""Queues and agents: what waits where, who serves it, and who is alive."""

from __future__ import annotations

from itertools import islice

from django.http import HttpRequest, HttpResponse

from orchestrator.queries.rights import actor_of
from orchestrator.queries.task_pages import agent_rows, gone_agents, queue_rows
from pipelines_ui.pages import page, render_page

LIVE_TASKS = 45


@page
def queues_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    queues, agents = queue_rows(actor), agent_rows(actor)
    shown = [task for agent in agents for task in agent["tasks"]]
    shown += [task for queue in queues for task in queue.line]
    # The lines are poked when something joins them; that a task began or ended, its own topic says.
    tasks = islice((task for task in shown if task.visible), LIVE_TASKS)
    topics = " ".join(["lines", *(f"task:{task.id}" for task in tasks)])
    return render_page(
        request,
        "queues/page.html",
        {"queues": queues, "agents": agents, "gone": gone_agents(), "topics": topics},
    )
