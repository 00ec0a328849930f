"""Why something is not running, in a sentence; computed when read, never stored.

Asked for one step it costs the same however much waits; asked for a table, its questions are as
many as for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models.functions import Now

from orchestrator.domain.graph import Graph, Trigger
from orchestrator.domain.states import ACTIVE, FINAL, Status
from orchestrator.models import Agent, Attempt, Line, Run, Step, Task
from orchestrator.queries.lines import BUSY, place_of, waiting_in
from orchestrator.queries.nested_runs import CONTROLLER, nested_runs, why_of_nested

NAMED: Final = 3
"""How many parents or holders a sentence names; the others are counted."""

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
    runs = nested_runs([task.pk for task in tasks if task.kind == CONTROLLER])
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
    busy = Task.objects.filter(status__in=BUSY, is_template=False, run=None)
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


def why_not_running(
    run: Run,
    graph: Graph,
    step: Step,
    attempt: Attempt | None,
    lines: Lines,
    statuses: Mapping[int, str],
) -> str:
    """Say why a step is not running; nothing for one that runs or that ended well."""
    status = Status(step.status)
    if attempt and attempt.task_id and status in ACTIVE and attempt.task_id in lines.nested:
        return lines.nested[attempt.task_id]
    if status is Status.PENDING:
        return _why_pending(run, graph, step, statuses)
    if status is Status.QUEUED:
        return _why_queued(run, attempt.task if attempt else None, lines)
    if status is Status.ABORTING:
        again = "" if step.again is None else "; it is tried again when that has ended"
        return _why_aborting(attempt) + again
    if status is Status.AWAITING:
        return "a person must answer"
    if status in (Status.COMPLETED, Status.CACHED, Status.RUNNING):
        return ""
    return step.reason or status.value


def _why_pending(run: Run, graph: Graph, step: Step, statuses: Mapping[int, str]) -> str:
    if run.status == Status.ABORTING:
        return "the run is being aborted"
    if step.due_at is not None:
        tried = "is tried again" if step.due_why in ("retry", "") else f"waits ({step.due_why})"
        return f"{tried} at {clock_time(step.due_at)}"
    if run.status == Status.PAUSED:
        return "the run is paused"
    if run.status == Status.DRAFT:
        return "the run is a draft: it has not been enqueued"
    node = graph.nodes[step.node] if step.node < len(graph) else None
    parents = graph.parents[step.node] if node else ()
    open_parents = [i for i in parents if Status(statuses.get(i, Status.PENDING)) not in FINAL]
    if node and open_parents:
        names = named([graph.nodes[i].name for i in open_parents])
        if node.trigger in (Trigger.ANY_FAILED, Trigger.ANY_SUCCEEDED):
            what = "failed" if node.trigger is Trigger.ANY_FAILED else "completed"
            return f"waits until one of its parents has {what}: {names}"
        return f"waits for {names}"
    if run.status == Status.QUEUED:
        return "the run has not started yet"
    return step.reason or "about to be queued"


def _why_queued(run: Run, task: Task | None, lines: Lines) -> str:
    """What holds it back first comes first; its place in the line comes with it."""
    if run.status == Status.ABORTING:
        return "the run is being aborted"
    queue = lines.queues.get(task.queue) if task else None
    if task is None or queue is None:
        return "about to be queued"
    place = lines.places.get(task.pk)
    line = f"number {place} of {queue.waiting} in line" if place else ""
    if not queue.exists:
        return f'the queue "{queue.name}" is not there any more'
    if queue.paused:
        return _joined(f'the queue "{queue.name}" is paused', line)
    if not queue.slots:
        if not queue.draining:
            return f'no agent serves the queue "{queue.name}"'
        return f'the agents of the queue "{queue.name}" are draining: {_and(queue.draining)}'
    if place is None:
        return f'an agent of the queue "{queue.name}" is about to start it'
    if queue.limit is not None and queue.running >= queue.limit:
        held = _held_by(run, [one for one in queue.holders if one.queue == queue.name])
        places = "its place is" if queue.limit == 1 else "its places are"
        reached = f'the queue "{queue.name}" runs {queue.limit} at a time; {places} {held}'
        return _joined(reached, line)
    if len(queue.holders) >= queue.slots:
        only = queue.slots == 1
        slots, are = ("the only slot", "is") if only else (f"all {queue.slots} slots", "are")
        held = _held_by(run, queue.holders)
        return _joined(f'{slots} of the queue "{queue.name}" {are} {held}', line)
    return f'number {place} of {queue.waiting} in the queue "{queue.name}"'


def _joined(reason: str, line: str) -> str:
    return f"{reason}; {line}" if line else reason


def _held_by(run: Run, holders: Sequence[Holder]) -> str:
    """Who holds the slots; what belongs to another project is counted only."""
    ours = [holder for holder in holders if holder.project == run.project_id]
    # What one can see from here comes first: the steps of this run.
    ours.sort(key=lambda holder: holder.run != run.pk)
    shown = [_holder(run, holder) for holder in ours[:NAMED]]
    if more := len(ours) - len(shown):
        shown.append(f"{more} more")
    if foreign := len(holders) - len(ours):
        shown.append(f"{foreign} of other projects" if foreign > 1 else "one of another project")
    return f"held by {_and(shown)}"


def _holder(run: Run, holder: Holder) -> str:
    if holder.run is None:
        return f'the task "{holder.name}"'
    return f'"{holder.name}"' if holder.run == run.pk else f'"{holder.name}" of {holder.run_name}'


def _why_aborting(attempt: Attempt | None) -> str:
    task = attempt.task if attempt else None
    if attempt is None or task is None:
        return "asked to end; not yet confirmed"
    agent = attempt.agent or (task.agent.name if task.agent else "")
    asked = f" at {clock_time(task.abort_requested_at)}" if task.abort_requested_at else ""
    who = f"agent {agent}" if agent else "its agent"
    if task.kill_at is None:
        return f"asked to end{asked}; {who} has not answered yet"
    return f"asked to end{asked}; {who} ends it, at {clock_time(task.kill_at)} by force"


def named(names: Sequence[str]) -> str:
    """Write a list for a sentence: the first few by name, the others counted."""
    shown = [f'"{name}"' for name in names[:NAMED]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return _and(shown)


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def clock_time(at: datetime) -> str:
    """A time of day for a sentence."""
    return f"{at:%H:%M:%S} UTC"
