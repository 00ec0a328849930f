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
    if queue is not None:
        finding.about_queue(queue)
    left: TaskMoves = task
    if clone:
        from pipelines.task import Task

        session.send_all()
        left = finding.clone(Task, task.id, None, None, None, None)
        if queue is not None:
            # Not by the script itself: the copy is no step of it, it goes on with the same.
            api = finding.context_of_others().api
            api.send("POST", left._path("enqueue/"), {"queue": queue}, once=True)
        session.say(f"{left.name} ({left.id}) " + _where(queue))
        if exit_process:
            session.end("completed", reason="")
    elif queue is not None:
        session.end("queued", queue=queue)
        session.say(f"{task.id} " + _where(queue))
    else:
        session.end("draft")
        kept = finding.context_of_others().api.send("POST", task._path("keep/"), _as_before(task))
        session.say(f"kept as template {kept['template']}, version {kept['version']}")
    if exit_process:
        sys.exit(0)
    return left


def _as_before(task: TaskMoves) -> dict[str, str]:
    """Let a script that was registered under its name before be that template's next version."""
    from pipelines.finding import rows

    about = task._now()
    known = rows(about["project"], None, None, {"template": "true", "name": about["name"]}, limit=1)
    return {"slug": known[0]["slug"]} if known else {}


def _where(queue: Optional[str]) -> str:
    return "is a draft" if queue is None else f"waits in the queue {queue!r}"
