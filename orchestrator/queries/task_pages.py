"""Questions of the pages about tasks: their places in runs and queues, their last output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orchestrator.domain.states import Status
from orchestrator.models import Agent, Attempt, LogFile, LogPiece, Task
from orchestrator.queries.lines import agents, queues
from orchestrator.queries.logs import log_pieces
from orchestrator.queries.rights import Actor, visible_projects

TAIL_BYTES = 32_768
WAITING_SHOWN = 20


def places_of(tasks: Iterable[Task]) -> dict[UUID, Attempt]:
    """The attempt that each task was made for; those that belong to no run are missing."""
    rows = Attempt.objects.filter(task__in=[task.pk for task in tasks]).select_related(
        "step", "run__project", "run__pipeline"
    )
    return {row.task_id: row for row in rows if row.task_id is not None}


def log_tail(task: Task) -> tuple[str, bool]:
    """The end of a task's last output, and whether something stands before it."""
    pieces = LogPiece.objects.filter(task=task, fence=task.fence).order_by("-n")
    piece = pieces.values("byte_from", "text").first()
    file = LogFile.objects.filter(task=task, fence=task.fence).order_by("-n").first()
    end = max(
        piece["byte_from"] + len(piece["text"].encode()) if piece else 0,
        file.byte_from + file.bytes if file else 0,
    )
    start = max(0, end - TAIL_BYTES)
    answer = log_pieces(task.pk, task.fence, start, TAIL_BYTES * 2)
    return "".join(one["text"] for one in answer["pieces"]), start > 0


@dataclass(frozen=True, slots=True)
class LineTask:
    """A task in a line; of a project that one does not see only that it is there."""

    id: UUID
    place: int
    name: str
    project: str
    priority: int
    since: Any
    visible: bool


@dataclass(slots=True)
class QueueRow:
    """A queue with who serves it, what waits in it (in order) and what runs."""

    name: str
    description: str
    limit: int | None
    paused: bool
    waiting: int
    running: int
    agents: list[str]
    line: list[LineTask] = field(default_factory=list)

    @property
    def unserved(self) -> bool:
        return not self.agents


def queue_rows(actor: Actor) -> list[QueueRow]:
    """Every queue; the first of those who wait in each."""
    seen = set(visible_projects(actor).values_list("pk", flat=True))
    rows = [QueueRow(**queue) for queue in queues()]
    by_name = {row.name: row for row in rows}
    waiting = Task.objects.filter(status=Status.QUEUED, is_template=False, run=None)
    ordered = waiting.order_by("queue", "-priority", "queued_at", "id")
    places: dict[str, int] = {}
    values = ordered.values_list(
        "id", "queue", "name", "project_id", "project__slug", "priority", "queued_at"
    )
    for pk, queue, name, project_id, slug, priority, since in values.iterator(chunk_size=2000):
        place = places[queue] = places.get(queue, 0) + 1
        row = by_name.get(queue)
        if row is None or place > WAITING_SHOWN:
            continue
        visible = project_id in seen
        row.line.append(
            LineTask(
                pk,
                place,
                name if visible else "",
                slug if visible else "",
                priority,
                since,
                visible,
            )
        )
    return rows


def agent_rows(actor: Actor) -> list[dict[str, Any]]:
    """The agents that have not left, each with what it executes that one may see."""
    seen = set(visible_projects(actor).values_list("pk", flat=True))
    busy: dict[str, list[LineTask]] = {}
    running = Task.objects.filter(status__in=(Status.RUNNING, Status.ABORTING), agent__isnull=False)
    values = running.order_by("started_at").values_list(
        "id", "agent", "name", "project_id", "project__slug", "priority", "started_at"
    )
    for pk, agent, name, project_id, slug, priority, since in values:
        visible = project_id in seen
        tasks = busy.setdefault(str(agent), [])
        tasks.append(
            LineTask(
                pk,
                len(tasks) + 1,
                name if visible else "",
                slug if visible else "",
                priority,
                since,
                visible,
            )
        )
    # A lease is renewed all the time; its end is the only trace of when that was last done.
    return [
        {**row, "tasks": busy.get(row["id"], []), "free": max(row["slots"] - row["running"], 0)}
        for row in agents()
    ]


def gone_agents(number: int = 5) -> list[Agent]:
    """The agents that left last."""
    return list(Agent.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:number])
