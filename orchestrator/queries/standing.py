"""The queues in which tasks wait, as they stand now: who serves them, who is served, who is next.

Asked for one task it costs the same however much waits; asked for many, its questions are as many
as for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from orchestrator.domain.states import Status
from orchestrator.models import Agent, Attempt, Line, Task
from orchestrator.queries.lines import BUSY, place_of, waiting_in
from orchestrator.queries.nested_runs import nested_runs, why_of_nested

MOST_PLACED: Final = 1
"""Up to so many tasks are placed by counting who is before them, more by reading the line."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A task that holds a slot: by the name of its step or its own, with its run."""

    task: UUID
    queue: str
    agent: UUID | None
    name: str
    project: UUID
    run: UUID | None = None
    run_name: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as it stands: who serves it, who is served, how many wait."""

    name: str
    exists: bool = False
    paused: bool = False
    limit: int | None = None
    slots: int = 0
    draining: Sequence[str] = ()
    waiting: int = 0
    holders: Sequence[Holder] = ()

    @property
    def running(self) -> int:
        """How many tasks of this queue run; its agents' slots may also hold those of others."""
        return sum(holder.queue == self.name for holder in self.holders)


@dataclass(frozen=True, slots=True)
class Lines:
    """The queues that are asked about, the places of those who wait in them, and what the
    nested runs among the tasks say of themselves."""

    queues: Mapping[str, Queue] = field(default_factory=dict)
    places: Mapping[UUID, int] = field(default_factory=dict)
    nested: Mapping[UUID, str] = field(default_factory=dict)


def lines_of(tasks: Collection[Task]) -> Lines:
    """Look at the queues of these waiting tasks: one question each for lines, agents and slots."""
    runs = nested_runs([task.pk for task in tasks if task.type == Task.CONTROLLER])
    nested = {pk: why_of_nested(run) for pk, run in runs.items()}
    tasks = [task for task in tasks if task.pk not in nested and task.status == Status.QUEUED]
    names = sorted({task.queue for task in tasks})
    if not names:
        return Lines(nested=nested)
    rows = {row.name: row for row in Line.objects.filter(kind=Line.Kind.QUEUE, name__in=names)}
    agents = list(Agent.objects.filter(lease_until__gt=Now(), ended_at=None).order_by("name"))
    places, waiting = _places(tasks, names)
    holders = _holders(names, [agent.pk for agent in agents])
    queues = {
        name: _queue(name, rows.get(name), agents, waiting.get(name, 0), holders) for name in names
    }
    return Lines(queues, places, nested)


def _queue(
    name: str,
    row: Line | None,
    agents: Iterable[Agent],
    waiting: int,
    holders: Iterable[Holder],
) -> Queue:
    serving = [agent for agent in agents if name in agent.queues]
    theirs = {agent.pk for agent in serving if not agent.draining}
    return Queue(
        name,
        exists=row is not None,
        paused=row is not None and row.paused,
        limit=row.limit if row else None,
        slots=sum(agent.slots for agent in serving if not agent.draining),
        draining=[agent.name for agent in serving if agent.draining],
        waiting=waiting,
        holders=[one for one in holders if one.queue == name or one.agent in theirs],
    )


def _places(
    tasks: Collection[Task], names: Sequence[str]
) -> tuple[dict[UUID, int], Mapping[str, int]]:
    if len(tasks) <= MOST_PLACED:
        places = {task.pk: place_of(task) for task in tasks if task.status == Status.QUEUED}
        return places, {name: waiting_in(name).count() for name in names}
    asked = {task.pk for task in tasks}
    found: dict[UUID, int] = {}
    counted: Counter[str] = Counter()
    for name in names:
        for pk in waiting_in(name).values_list("pk", flat=True).iterator(chunk_size=2000):
            counted[name] += 1
            if pk in asked:
                found[pk] = counted[name]
    return found, counted


def _holders(queues: Sequence[str], agents: Sequence[UUID]) -> list[Holder]:
    """What runs in these queues, or on these agents in whatever queue; the longest first."""
    busy = Task.objects.filter(status__in=BUSY, is_template=False).exclude(kind=Task.CONTROLLER)
    found = busy.filter(queue__in=queues) | busy.filter(agent__in=agents)
    rows = list(
        found.order_by("started_at", "id").values_list("pk", "queue", "agent", "name", "project")
    )
    attempts = Attempt.objects.filter(task__in=[row[0] for row in rows]).values_list(
        "task_id", "run_id", "run__pipeline__slug", "run__number", "step__path"
    )
    places = {
        task: (step, run, f"{pipeline} #{number}")
        for task, run, pipeline, number, step in (attempts if rows else ())
    }
    holders = []
    for pk, queue, agent, name, project in rows:
        step, run, run_name = places.get(pk, (name, None, ""))
        holders.append(Holder(pk, queue, agent, step, project, run, run_name))
    return holders
