"""Queues: which tasks get a place, and which messages must be sent again."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from orchestrator.domain.states import Status
from orchestrator.models import Agent, Line, Run, Task
from orchestrator.store.rows import fetch

PLACES_WITHOUT_AGENT = 2
"""Tasks published to a queue that nobody serves, so that its first agent finds some at once."""

_SOMEBODY = (
    f'SELECT 1 FROM "{Task._meta.db_table}" task WHERE status = %s AND queue = %s '
    f'AND published_at IS NULL AND NOT EXISTS (SELECT 1 FROM "{Run._meta.db_table}" run '
    "WHERE run.task_id = task.id) LIMIT 1"
)

Place = tuple[uuid.UUID, int, str]


def live_slots(queue: str) -> int:
    """How many tasks the live agents of a queue can execute at a time."""
    agents = Agent.objects.filter(lease_until__gt=Now(), draining=False, ended_at__isnull=True)
    # A list is looked into here: JSON columns cannot be searched alike on both databases.
    return sum(a.slots for a in agents.only("slots", "queues") if queue in a.queues)


def give_places(queue: str) -> list[Place]:
    """Mark the next tasks of a queue as published; they are those that must be sent.

    In order of priority, then age; up to the queue's limit, and to twice the slots of its live
    agents, so that what waits can still be reordered.
    """
    line = Line.objects.select_for_update().filter(kind=Line.Kind.QUEUE, name=queue).first()
    if line is None or line.paused:
        return []
    published = Task.objects.filter(
        status=Status.QUEUED, queue=queue, published_at__isnull=False
    ).count()
    room = max(2 * live_slots(queue), PLACES_WITHOUT_AGENT) - published
    if line.limit is not None:
        busy = Task.objects.filter(
            queue=queue, status__in=(Status.RUNNING, Status.ABORTING), lease_until__isnull=False
        ).count()
        room = min(room, line.limit - busy - published)
    if room <= 0:
        return []
    chosen = list(
        _waiting(queue)
        .order_by("-priority", "queued_at", "id")
        .values_list("id", "fence", "queue")[:room]
    )
    Task.objects.filter(pk__in=[place[0] for place in chosen]).update(published_at=Now())
    return chosen


def _waiting(queue: str) -> QuerySet[Task]:
    # Runs are controller tasks; those of graphs are moved by their own turn, never by an agent.
    return Task.objects.filter(
        status=Status.QUEUED, queue=queue, published_at__isnull=True, run__isnull=True
    )


def take_back(places: list[Place]) -> None:
    """Forget that these were published: their messages could not be sent."""
    for task_id, fence, _ in places:
        Task.objects.filter(pk=task_id, fence=fence, status=Status.QUEUED).update(published_at=None)


def queues_that_wait() -> list[str]:
    """The queues in which tasks wait for a place."""
    unpublished = Task.objects.filter(
        status=Status.QUEUED, published_at__isnull=True, run__isnull=True
    )
    return list(unpublished.order_by("queue").values_list("queue", flat=True).distinct())


def somebody_waits(queue: str) -> bool:
    """True when tasks wait in the queue for a place."""
    return bool(fetch(_SOMEBODY, [Status.QUEUED.value, queue]))


def unclaimed(older_than: float) -> dict[str, list[Place]]:
    """Published tasks that no agent has claimed for so many seconds, by queue."""
    late = Q(published_at__lt=Now() - timedelta(seconds=older_than))
    found: dict[str, list[Place]] = {}
    for place in Task.objects.filter(late, status=Status.QUEUED).values_list(
        "id", "fence", "queue"
    ):
        found.setdefault(place[2], []).append(place)
    return found


def mark_published(places: list[Place]) -> None:
    """Note that these messages were sent again just now."""
    Task.objects.filter(pk__in=[place[0] for place in places], status=Status.QUEUED).update(
        published_at=Now()
    )
