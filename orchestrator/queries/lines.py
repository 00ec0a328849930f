"""Questions about queues, what waits in them and in which order, and the agents that serve them.

Queues and agents are everybody's; what they hold belongs to projects. A task of a project that
one does not see is counted and has its place, but neither name nor id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from orchestrator.domain.errors import NotFound, shortened
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Attempt, Line, Task
from orchestrator.queries.rights import (
    Actor,
    allowed_projects,
    for_actor,
    require,
    visible_projects,
)

WAITING_SHOWN: Final = 10
LEFT_SHOWN: Final = 5
BUSY: Final = (Status.RUNNING, Status.ABORTING)
MOST_LISTED: Final = 500
_REMEMBERED: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LineTask:
    """A task in a line or in a slot; of a project that one does not see only that it is there."""

    place: int
    priority: int
    since: datetime | None
    status: str
    id: UUID | None = None
    name: str = ""
    project: str = ""
    may_move: bool = False
    run: str = ""
    run_url: str = ""
    step: str = ""

    @property
    def step_url(self) -> str:
        return f"{self.run_url}?step={quote(self.step, safe='')}" if self.step else ""

    @property
    def visible(self) -> bool:
        return self.id is not None


@dataclass(slots=True)
class QueueRow:
    """A queue with who serves it, what waits in it (in order) and how much runs."""

    name: str
    description: str
    limit: int | None
    paused: bool
    waiting: int
    running: int
    agents: list[str]
    draining: list[str]
    slots: int
    line: list[LineTask] = field(default_factory=list)

    @property
    def unserved(self) -> bool:
        return not self.agents

    @property
    def more(self) -> int:
        """How many wait behind those that are shown."""
        return self.waiting - len(self.line)


def waiting_in(queue: str) -> QuerySet[Task]:
    """What waits in a queue, the first one first."""
    waiting = Task.objects.filter(status=Status.QUEUED, queue=queue, is_template=False)
    return waiting.exclude(kind=Task.CONTROLLER).order_by("-priority", "queued_at", "id")


def live_agents(now: datetime | None = None) -> list[Agent]:
    """Give the agents whose lease lasts, by name."""
    now = now or timezone.now()
    return list(Agent.objects.filter(ended_at=None, lease_until__gt=now).order_by("name", "id"))


def queues() -> list[dict[str, Any]]:
    """Give every queue with how much waits and runs in it and who serves it."""
    rows = Line.objects.filter(kind=Line.Kind.QUEUE).order_by("name")
    waiting = _tasks_by_queue(Status.QUEUED)
    running = _tasks_by_queue(*BUSY)
    alive = live_agents()
    return [
        {
            "name": row.name,
            "description": row.description,
            "limit": row.limit,
            "paused": row.paused,
            "waiting": waiting.get(row.name, 0),
            "running": running.get(row.name, 0),
            "agents": [one.name for one in alive if row.name in one.queues and not one.draining],
            "draining": [one.name for one in alive if row.name in one.queues and one.draining],
            "slots": sum(one.slots for one in alive if row.name in one.queues and not one.draining),
        }
        for row in rows
    ]


def queue_names() -> list[str]:
    """The names of all queues."""
    names = Line.objects.filter(kind=Line.Kind.QUEUE).order_by("name")
    return list(names.values_list("name", flat=True))


def queue(name: str) -> dict[str, Any]:
    """Give one queue."""
    for found in queues():
        if found["name"] == name:
            return found
    raise NotFound(f'there is no queue "{shortened(name)}"')


def queue_rows(actor: Actor) -> list[QueueRow]:
    """Every queue; the first of those who wait in each."""
    rows = [QueueRow(**found) for found in queues()]
    lines = {row.name: list(_values(waiting_in(row.name), WAITING_SHOWN)) for row in rows}
    shown = _Shown(actor, [values for line in lines.values() for values in line])
    for row in rows:
        row.line = [shown(values, place) for place, values in enumerate(lines[row.name], start=1)]
    return rows


def line_of(actor: Actor, name: str, *, first: int = 1, number: int = 50) -> list[LineTask]:
    """A part of a queue's line, from the place *first* on."""
    start = max(first, 1) - 1
    values = list(_values(waiting_in(name)[start:], min(number, MOST_LISTED)))
    shown = _Shown(actor, values)
    return [shown(one, place) for place, one in enumerate(values, start=start + 1)]


def find_waiting(actor: Actor, name: str, task_id: UUID) -> Task:
    """Find a task that waits in a queue and that somebody may move in it."""
    rows = for_actor(waiting_in(name), actor).select_related("project")
    found = rows.filter(pk=task_id).first()
    if found is None:
        raise NotFound(f'no task of that id waits in the queue "{shortened(name)}"')
    require(actor, "operate", found.project)
    return found


def place_of(task: Task) -> int:
    """The place of a waiting task in its line, counted from 1."""
    older = Q(queued_at__lt=task.queued_at) if task.queued_at else Q(queued_at__isnull=False)
    twins = Q(queued_at=task.queued_at, pk__lt=task.pk)
    ahead = Q(priority__gt=task.priority) | Q(priority=task.priority) & (older | twins)
    return 1 + waiting_in(task.queue).filter(ahead).count()


def line_task(actor: Actor, task: Task) -> LineTask:
    """One waiting task as its line shows it."""
    values = list(_values(Task.objects.filter(pk=task.pk), 1))
    return _Shown(actor, values)(values[0], place_of(task))


def agents(actor: Actor, *, gone: bool = False) -> list[dict[str, Any]]:
    """Give the agents that have not left, with what each executes; *gone*: those who left, too."""
    now = timezone.now()
    rows = Agent.objects.filter(ended_at=None)
    if gone:
        rows = rows | Agent.objects.filter(ended_at__gt=now - _REMEMBERED)
    held: dict[UUID, list[tuple[Any, ...]]] = {}
    busy = Task.objects.filter(status__in=BUSY, agent__isnull=False).order_by("started_at", "id")
    for values in _values(busy):
        held.setdefault(values[_AGENT], []).append(values)
    shown = _Shown(actor, [values for tasks in held.values() for values in tasks])
    return [
        {
            "id": str(row.pk),
            "name": row.name,
            "host": row.host,
            "pid": row.pid,
            "queues": row.queues,
            "slots": row.slots,
            "running": len(held.get(row.pk, ())),
            "load": row.load,
            "version": row.version,
            "state": _state(row, now, len(held.get(row.pk, ()))),
            "alive": row.ended_at is None and row.lease_until > now,
            "draining": row.draining,
            "started_at": row.started_at,
            "lease_until": row.lease_until,
            "ended_at": row.ended_at,
            "tasks": [shown(one, n) for n, one in enumerate(held.get(row.pk, ()), start=1)],
        }
        for row in rows.order_by("name", "id")
    ]


def agent(actor: Actor, agent_id: UUID) -> dict[str, Any]:
    """Give one agent, also one that has left lately."""
    for found in agents(actor, gone=True):
        if found["id"] == str(agent_id):
            return found
    raise NotFound("there is no such agent")


def gone_agents() -> list[Agent]:
    """The agents that left last."""
    return list(Agent.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:LEFT_SHOWN])


def _state(row: Agent, now: datetime, running: int) -> str:
    """How an agent is, in a word."""
    if row.ended_at is not None:
        return "left"
    if row.lease_until <= now:
        return "lost"
    if not row.draining:
        return "serving"
    return "draining" if running else "drained"


_COLUMNS: Final = (
    "id",
    "agent",
    "name",
    "project_id",
    "project__slug",
    "priority",
    "status",
    "queued_at",
    "started_at",
)
_AGENT: Final = _COLUMNS.index("agent")


def _values(rows: QuerySet[Task], number: int | None = None) -> Iterable[tuple[Any, ...]]:
    return rows.values_list(*_COLUMNS)[:number] if number else rows.values_list(*_COLUMNS)


class _Shown:
    """Makes rows into what an actor may see of them: two or three questions for all of them."""

    def __init__(self, actor: Actor, rows: Collection[tuple[Any, ...]]) -> None:
        self._seen = set(visible_projects(actor).values_list("pk", flat=True)) if rows else set()
        self._operated = allowed_projects(actor, "operate") if rows else set()
        named = [row[0] for row in rows if row[_COLUMNS.index("project_id")] in self._seen]
        self._places = _runs_of(named)

    def __call__(self, row: tuple[Any, ...], place: int) -> LineTask:
        values = dict(zip(_COLUMNS, row, strict=True))
        waits = values["status"] == Status.QUEUED
        since = values["queued_at"] if waits else values["started_at"]
        if values["project_id"] not in self._seen:
            return LineTask(place, values["priority"], since, values["status"])
        run, run_url, step = self._places.get(values["id"], ("", "", ""))
        return LineTask(
            place,
            values["priority"],
            since,
            values["status"],
            id=values["id"],
            name=values["name"],
            project=values["project__slug"],
            may_move=waits and values["project_id"] in self._operated,
            run=run,
            run_url=run_url,
            step=step,
        )


def _runs_of(tasks: Collection[UUID]) -> dict[UUID, tuple[str, str, str]]:
    """The run (its path and its page) and the step that each task was made for."""
    if not tasks:
        return {}
    rows = Attempt.objects.filter(task__in=tasks).values_list(
        "task_id", "run__project__slug", "run__pipeline__slug", "run__number", "step__path"
    )
    return {
        task: (f"{pipeline} #{number}", f"/runs/{quote(project)}/{quote(pipeline)}/{number}/", step)
        for task, project, pipeline, number, step in rows
    }


def _tasks_by_queue(*statuses: Status) -> dict[str, int]:
    rows = (
        Task.objects.filter(status__in=statuses, is_template=False)
        .exclude(kind=Task.CONTROLLER)
        .values_list("queue")
        .annotate(number=Count("pk"))
    )
    return dict(rows)
