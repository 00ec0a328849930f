"""Queues: which tasks get a place, and which messages must be sent again."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Now

from orchestrator.domain.names import LOCAL_QUEUE
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Attempt, Line, Run, Task
from orchestrator.store.rows import Columns, fetch, marks, now_sql

PLACES_WITHOUT_AGENT = 2
"""Tasks published to a queue that nobody serves, so that its first agent finds some at once."""

_TASK = f'"{Task._meta.db_table}"'
# The tasks of graphs' runs are moved by their own turn, never by an agent.
# Statuses stand in the text, as the partial indexes of tasks are found by it.
_WAITS = (
    "task.status = 'queued' AND task.published_at IS NULL AND NOT task.held "
    f"AND task.kind <> '{Task.CONTROLLER}'"
)
_SOMEBODY = f"SELECT 1 FROM {_TASK} task WHERE {_WAITS} AND queue = %s LIMIT 1"
_LOCK = f"SELECT 1 FROM \"{Line._meta.db_table}\" WHERE kind = 'queue' AND name = %s FOR UPDATE"
_LINES = (
    f"SELECT name, \"limit\", paused OR name = '{LOCAL_QUEUE}', "
    f"(SELECT COUNT(*) FROM {_TASK} task WHERE queue = line.name "
    "AND status = 'queued' AND published_at IS NOT NULL), "
    f"(SELECT COUNT(*) FROM {_TASK} task WHERE queue = line.name "
    "AND status IN ('running', 'aborting') AND agent_id IS NOT NULL), "
    f"EXISTS (SELECT 1 FROM {_TASK} task WHERE {_WAITS} AND queue = line.name) "
    f"FROM \"{Line._meta.db_table}\" line WHERE kind = 'queue' AND name IN "
)
_SERVING = Columns(Agent, "id", "slots", "queues")
_PLACES = Columns(Task, "id", "fence", "priority", "queued_at")

Place = tuple[uuid.UUID, int, str]


class Standing(NamedTuple):
    """How it stands in a queue: what is allowed, given out and waiting."""

    limit: int | None
    paused: bool
    published: int
    busy: int
    somebody_waits: bool

    def room(self, slots: int) -> int:
        """How many more tasks may be published, if its live agents have so many slots."""
        if self.paused:
            return 0
        room = max(2 * slots, PLACES_WITHOUT_AGENT) - self.published
        return room if self.limit is None else min(room, self.limit - self.busy - self.published)

    def room_at_once(self, slots: int) -> int:
        """How many may be published as they are queued, because nobody waits before them.

        A queue with a limit never lets any: its places are given under its own lock only.
        """
        if self.limit is not None or self.somebody_waits:
            return 0
        return max(self.room(slots), 0)


def stand(queues: Collection[str]) -> dict[str, Standing]:
    """How it stands in each of these queues; one that does not exist is not among them."""
    names = sorted(queues)
    rows = fetch(_LINES + marks(len(names)), names) if names else []
    return {name: Standing(*standing) for name, *standing in rows}


def live_slots(queues: Collection[str]) -> dict[str, int]:
    """How many tasks the live agents of each queue can execute at a time."""
    rows = fetch(
        f"SELECT {_SERVING.select} FROM {_SERVING.table} "
        f"WHERE lease_until > {now_sql()} AND NOT draining AND ended_at IS NULL"
    )
    # A list is looked into here: JSON columns cannot be searched alike on both databases.
    agents = [_SERVING.read(row) for row in rows]
    return {
        queue: sum(agent.slots for agent in agents if queue in agent.queues) for queue in queues
    }


def give_places(queue: str) -> list[Place]:
    """Mark the next tasks of a queue as published; they are those that must be sent.

    In order of priority, then age; up to the queue's limit, and to twice the slots of its live
    agents, so that what waits can still be reordered.
    """
    _lock(queue)
    standing = stand([queue]).get(queue)
    room = standing.room(live_slots([queue])[queue]) if standing else 0
    if room <= 0:
        return []
    chosen = fetch(
        f"UPDATE {_TASK} SET published_at = {now_sql()} WHERE status = 'queued' AND id IN "
        f"(SELECT id FROM {_TASK} task WHERE {_WAITS} AND queue = %s "
        "ORDER BY priority DESC, queued_at, id LIMIT %s) "
        f"RETURNING {_PLACES.names}",
        [queue, room],
    )
    places = [_PLACES.read(row) for row in chosen]
    places.sort(key=lambda task: (-task.priority, task.queued_at, task.id))
    return [(task.id, task.fence, queue) for task in places]


def _lock(queue: str) -> None:
    # A statement of its own: one that waits for the lock would count as it was before.
    if connection.features.has_select_for_update:
        fetch(_LOCK, [queue])


def in_line(queue: str) -> QuerySet[Task]:
    """Everything that waits in a queue, the first one first."""
    waiting = Task.objects.filter(status=Status.QUEUED, queue=queue, is_template=False)
    waiting = waiting.exclude(kind=Task.CONTROLLER)
    return waiting.order_by("-priority", "queued_at", "id")


def lock_queue(name: str) -> Line | None:
    """The queue's row; nobody gives out places in it until this transaction ends."""
    return Line.objects.select_for_update().filter(kind=Line.Kind.QUEUE, name=name).first()


def recall(queue: str) -> int:
    """Take back the places that no agent has claimed yet; call with the queue locked.

    The broker hands messages out in the order of their coming, so what it holds already would
    stay ahead of any new order. With a new fence its messages mean nothing: the agent that gets
    one loses the claim and takes the next. At most twice the live slots are recalled.
    """
    unclaimed_places = in_line(queue).filter(published_at__isnull=False).order_by()
    return unclaimed_places.update(published_at=None, fence=F("fence") + 1)


def set_priority(task: Task, priority: int) -> bool:
    """Change the place of a task that still waits; False: it does not any more."""
    waiting = in_line(task.queue).filter(pk=task.pk).order_by()
    return bool(waiting.update(priority=priority))


def priority_before_all(task: Task) -> int:
    """The priority with which a task goes before all others in its line."""
    others = in_line(task.queue).exclude(pk=task.pk).order_by()
    highest = others.aggregate(highest=Max("priority"))["highest"]
    return task.priority if highest is None else max(task.priority, highest + 1)


def take_back(places: list[Place]) -> None:
    """Forget that these were published: their messages could not be sent."""
    for task_id, fence, _ in places:
        Task.objects.filter(pk=task_id, fence=fence, status=Status.QUEUED).update(published_at=None)


def give_back(task_id: uuid.UUID, fence: int) -> str:
    """Take back one place that an agent does not want; the answer is its queue, or nothing."""
    rows = Task.objects.filter(pk=task_id, fence=fence, status=Status.QUEUED)
    rows.update(published_at=None)
    return rows.values_list("queue", flat=True).first() or ""


def queues_that_wait() -> list[str]:
    """The queues in which tasks wait for a place."""
    unpublished = Task.objects.filter(status=Status.QUEUED, published_at__isnull=True, held=False)
    unpublished = unpublished.exclude(kind=Task.CONTROLLER).exclude(queue=LOCAL_QUEUE)
    return list(unpublished.order_by("queue").values_list("queue", flat=True).distinct())


def somebody_waits(queue: str) -> bool:
    """True when tasks wait in the queue for a place."""
    return bool(fetch(_SOMEBODY, [queue]))


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


def hold(run: Run) -> None:
    """Give no more places to the tasks of a run that is paused; what was sent may still start."""
    _of_run(run).filter(held=False).update(held=True)


def let_go(run: Run) -> set[str]:
    """Let the tasks of a run that goes on have places again; the answer is their queues."""
    held = _of_run(run).filter(held=True)
    queues = set(held.values_list("queue", flat=True).distinct())
    held.update(held=False)
    return queues


def _of_run(run: Run) -> QuerySet[Task]:
    """What waits of a run: the tasks that its turns make, and where a script drives it that
    script and what it has put into a queue by hand, whatever its parent is."""
    waiting = Task.objects.filter(status=Status.QUEUED)
    made = Q(parent=run.pk, run__isnull=True)
    if run.driver == Run.Driver.GRAPH:
        return waiting.filter(made)
    by_hand = Attempt.objects.filter(run=run.pk, origin=Attempt.Origin.SCRIPT).values("task")
    return waiting.filter(made | Q(pk=run.pk) | Q(pk__in=by_hand, run__isnull=True))
