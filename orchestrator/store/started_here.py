"""Tasks that run in a process which no agent started: a user's shell, a script's own steps.

Such a task has no agent; its process is the agent and keeps the lease by itself. As with agents,
losing a compare-and-set is an answer: the task is somebody else's, or its lease was over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from orchestrator.domain.states import Status, TaskEvent, tasks_that_may
from orchestrator.models import Task
from orchestrator.store.execution import after
from orchestrator.store.tasks import move_task

_HELD = tasks_that_may(TaskEvent.END_WELL)


def start(task: Task, process: Mapping[str, Any], lease: float, **values: Any) -> bool:
    """Let a process have a draft, or a task that waits for one; False: somebody was first.

    Raises IllegalMove for a task that is neither.
    """
    is_queued = task.status == Status.QUEUED
    return move_task(
        task,
        TaskEvent.CLAIM if is_queued else TaskEvent.START_HERE,
        process=dict(process),
        agent=None,
        lease_until=after(lease),
        started_at=Now(),
        ended_at=None,
        progress=None,
        **values,
    )


def renew(task_id: UUID, fence: int, lease: float) -> Task | None:
    """Prolong the lease of a task whose process is there; nothing when it is over."""
    if not _held(task_id, fence).update(lease_until=after(lease)):
        return None
    return _held(task_id, fence).first()


def tell_delivered(task: Task, grace: float) -> bool:
    """Keep when the process heard that it is to end, and how long it has; True: it was news."""
    untold = _held(task.pk, task.fence).filter(status=Status.ABORTING, abort_delivered_at=None)
    return bool(untold.update(abort_delivered_at=Now(), kill_at=after(grace)))


def leave(task: Task) -> bool:
    """Make a running task a draft again, for another machine to run; False: it does not run."""
    return move_task(
        task,
        TaskEvent.DEQUEUE,
        process={},
        lease_until=None,
        started_at=None,
        queued_at=None,
        published_at=None,
        progress=None,
    )


def _held(task_id: UUID, fence: int) -> QuerySet[Task]:
    return Task.objects.filter(pk=task_id, fence=fence, agent=None, status__in=_HELD)
