"""Queues and agents: what waits where, who serves it, and who is alive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from orchestrator.queries.rights import actor_of
from orchestrator.queries.task_pages import agent_rows, gone_agents, queue_rows
from pipelines_ui.pages import page, render_page


@page
def queues_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render_page(
        request,
        "queues/page.html",
        {"queues": queue_rows(actor), "agents": agent_rows(actor), "gone": gone_agents()},
    )
