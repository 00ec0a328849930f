"""The place of a waiting task in its line: moved to the front, or by its priority."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from orchestrator import announce, dispatch
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.models import Task
from orchestrator.store import lines

LOWEST: Final = -1000
HIGHEST: Final = 1000
_HIGHEST_STORED: Final = 32_767


@transaction.atomic
def move_to_front(*, actor: str, task: Task) -> Task:
    """Let a waiting task start before all others of its queue."""
    lines.lock_queue(task.queue)
    # Read under the lock: somebody else may just have moved another one to the front.
    priority = lines.priority_before_all(task)
    if priority > _HIGHEST_STORED:
        raise Conflict("too much stands at the front already; change the priority of another task")
    return _placed(actor, "task.to_front", task, priority)


@transaction.atomic
def set_priority(*, actor: str, task: Task, priority: int) -> Task:
    """Change the priority of a waiting task: higher goes first, then the older one."""
    if not LOWEST <= priority <= HIGHEST:
        message = f"a priority is a whole number from {LOWEST} to {HIGHEST}"
        raise Invalid.at("priority", "bad_value", message)
    lines.lock_queue(task.queue)
    return _placed(actor, "task.priority", task, priority)


def _placed(actor: str, action: str, task: Task, priority: int) -> Task:
    if not lines.set_priority(task, priority):
        raise Conflict("the task does not wait in the queue any more")
    lines.recall(task.queue)
    dispatch.ask_for_line(task.queue)
    record(actor, action, task.pk, task.project, priority=priority, queue=task.queue)
    announce.poke("lines", f"task:{task.pk}")
    task.refresh_from_db()
    return task
