"""Words that people add to things."""

from __future__ import annotations

from orchestrator import announce
from orchestrator.models import Task


def comment_on_task(*, task: Task, comment: str) -> Task:
    """Set a task's comment, whatever its status."""
    Task.objects.filter(pk=task.pk).update(comment=comment)
    announce.poke(f"task:{task.pk}")
    return task
