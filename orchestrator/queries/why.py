"""Why something is not running, in a sentence; computed when read, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models.functions import Now

from orchestrator.domain.graph import Graph, Trigger
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Agent, Attempt, Line, Run, Step, Task

NAMED_PARENTS = 3


@dataclass(frozen=True)
class Lines:
    """The queues as they stand: who waits, who serves, what is paused."""

    waiting: Mapping[str, Sequence[str]] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()


def lines_of(queues: Iterable[str]) -> Lines:
    """Look at the queues that are asked about, with one question each for tasks, agents, lines."""
    names = sorted(set(queues))
    if not names:
        return Lines()
    waiting: dict[str, list[str]] = {name: [] for name in names}
    rows = Task.objects.filter(status=Status.QUEUED, queue__in=names)
    for pk, queue in rows.order_by("-priority", "queued_at", "id").values_list("id", "queue"):
        waiting[queue].append(str(pk))
    alive = Agent.objects.filter(lease_until__gt=Now(), ended_at=None, draining=False)
    served = {queue for queues in alive.values_list("queues", flat=True) for queue in queues}
    paused = Line.objects.filter(kind=Line.Kind.QUEUE, paused=True, name__in=names)
    return Lines(waiting, frozenset(served), frozenset(paused.values_list("name", flat=True)))


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
    if status is Status.PENDING:
        return _why_pending(run, graph, step, statuses)
    if status is Status.QUEUED:
        return _why_queued(attempt.task if attempt else None, lines)
    if status is Status.ABORTING:
        return _why_aborting(attempt)
    if status is Status.AWAITING:
        return "a person must answer"
    if status in (Status.COMPLETED, Status.CACHED, Status.RUNNING):
        return ""
    return step.reason or status.value


def _why_pending(run: Run, graph: Graph, step: Step, statuses: Mapping[int, str]) -> str:
    if step.due_at is not None:
        tried = "is tried again" if step.due_why in ("retry", "") else f"waits ({step.due_why})"
        return f"{tried} at {clock_time(step.due_at)}"
    if run.status == Status.PAUSED:
        return "the run is paused"
    if run.status == Status.ABORTING:
        return "the run is being aborted"
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


def _why_queued(task: Task | None, lines: Lines) -> str:
    if task is None:
        return "about to be queued"
    if task.queue not in lines.served:
        return f'no agent serves the queue "{task.queue}"'
    if task.queue in lines.paused:
        return f'the queue "{task.queue}" is paused'
    waiting = lines.waiting.get(task.queue, ())
    if str(task.pk) not in waiting:
        return f'an agent of the queue "{task.queue}" is about to start it'
    place = waiting.index(str(task.pk)) + 1
    return f'number {place} of {len(waiting)} in the queue "{task.queue}"'


def _why_aborting(attempt: Attempt | None) -> str:
    task = attempt.task if attempt else None
    if attempt is None or task is None:
        return "asked to end; not yet confirmed"
    agent = attempt.agent or (task.agent.name if task.agent else "")
    asked = f" at {clock_time(task.abort_requested_at)}" if task.abort_requested_at else ""
    who = f"agent {agent}" if agent else "its agent"
    return f"asked to end{asked}; {who} has not confirmed yet"


def named(names: Sequence[str]) -> str:
    """Write a list for a sentence: the first few by name, the others counted."""
    shown = [f'"{name}"' for name in names[:NAMED_PARENTS]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def clock_time(at: datetime) -> str:
    """A time of day for a sentence."""
    return f"{at:%H:%M:%S} UTC"
