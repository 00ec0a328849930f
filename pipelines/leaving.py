"""Leaving a script's task to another machine: into a queue, or as a template for pipelines."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from pipelines.task_moves import TaskMoves


def leave(
    task: TaskMoves, queue: Optional[str], *, clone: bool, exit_process: bool
) -> Optional[TaskMoves]:
    """End what this process does of a task; with *exit_process* end the process, too."""
    from pipelines import finding
    from pipelines.task_start import session_of

    session = session_of(task._context)
    left: TaskMoves = task
    if clone:
        session.send_all()
        from pipelines.task import Task

        left = finding.clone(Task, task.id, None, None, None, None)
        if queue is not None:
            finding.enqueue(left.id, queue)
        session.say(f"{left.name} ({left.id}) " + _where(queue))
        if exit_process:
            session.end("completed", reason="")
    elif queue is not None:
        session.end("queued", queue=queue)
        session.say(f"{task.id} " + _where(queue))
    else:
        session.end("draft")
        kept = finding.context_of_others().api.send("POST", task._path("keep/"), {})
        session.say(f"kept as template {kept['template']}, version {kept['version']}")
    if exit_process:
        sys.exit(0)
    return left


def _where(queue: Optional[str]) -> str:
    return "is a draft" if queue is None else f"waits in the queue {queue!r}"
