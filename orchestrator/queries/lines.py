"""Questions about queues and the agents that serve them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from orchestrator.domain.errors import NotFound, shortened
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Line, Task


def live_agents(now: datetime | None = None) -> list[Agent]:
    """Give the agents whose lease lasts, by name."""
    now = now or timezone.now()
    return list(Agent.objects.filter(ended_at=None, lease_until__gt=now).order_by("name", "id"))


def queues() -> list[dict[str, Any]]:
    """Give every queue with what waits and runs in it and who serves it."""
    rows = Line.objects.filter(kind=Line.Kind.QUEUE).order_by("name")
    waiting = _tasks_by_queue(Status.QUEUED)
    running = _tasks_by_queue(Status.RUNNING, Status.ABORTING)
    serving: dict[str, list[str]] = {}
    for agent in live_agents():
        for queue in agent.queues if not agent.draining else ():
            serving.setdefault(queue, []).append(agent.name)
    return [
        {
            "name": row.name,
            "description": row.description,
            "limit": row.limit,
            "paused": row.paused,
            "waiting": waiting.get(row.name, 0),
            "running": running.get(row.name, 0),
            "agents": serving.get(row.name, []),
        }
        for row in rows
    ]


def queue(name: str) -> dict[str, Any]:
    """Give one queue."""
    for found in queues():
        if found["name"] == name:
            return found
    raise NotFound(f'there is no queue "{shortened(name)}"')


def agents() -> list[dict[str, Any]]:
    """Give the agents that have not left, with how many tasks each executes."""
    now = timezone.now()
    busy = dict(
        Task.objects.filter(status__in=(Status.RUNNING, Status.ABORTING), agent__isnull=False)
        .values_list("agent")
        .annotate(number=Count("pk"))
    )
    return [
        {
            "id": str(row.pk),
            "name": row.name,
            "host": row.host,
            "pid": row.pid,
            "queues": row.queues,
            "slots": row.slots,
            "running": busy.get(row.pk, 0),
            "version": row.version,
            "alive": row.lease_until > now,
            "draining": row.draining,
            "started_at": row.started_at,
            "lease_until": row.lease_until,
        }
        for row in Agent.objects.filter(ended_at=None).order_by("name", "id")
    ]


def _tasks_by_queue(*statuses: Status) -> dict[str, int]:
    rows = (
        Task.objects.filter(status__in=statuses, is_template=False, run=None)
        .values_list("queue")
        .annotate(number=Count("pk"))
    )
    return dict(rows)
