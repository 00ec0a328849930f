"""Questions of the pages about tasks: their places in runs and queues, their last output."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from orchestrator.models import Attempt, LogFile, LogPiece, Task
from orchestrator.queries.log_blocks import shown, without_colours
from orchestrator.queries.logs import log_pieces

TAIL_BYTES = 32_768


def places_of(tasks: Iterable[Task]) -> dict[UUID, Attempt]:
    """The attempt that each task was made for; those that belong to no run are missing."""
    rows = Attempt.objects.filter(task__in=[task.pk for task in tasks]).select_related(
        "step", "run__project", "run__pipeline"
    )
    return {row.task_id: row for row in rows if row.task_id is not None}


def log_tail(task: Task) -> tuple[str, bool]:
    """The end of a task's last output as a terminal shows it, and whether there is more before."""
    pieces = LogPiece.objects.filter(task=task, fence=task.fence).order_by("-n")
    piece = pieces.values("byte_from", "text").first()
    file = LogFile.objects.filter(task=task, fence=task.fence).order_by("-n").first()
    end = max(
        piece["byte_from"] + len(piece["text"].encode()) if piece else 0,
        file.byte_from + file.bytes if file else 0,
    )
    start = max(0, end - TAIL_BYTES)
    answer = log_pieces(task.pk, task.fence, start, TAIL_BYTES * 2)
    text = "".join(one["text"] for one in answer["pieces"])
    return without_colours(shown(text)), start > 0
