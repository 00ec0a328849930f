"""Whom a controller speaks to the server as: its own task's token, or the person's in a shell."""

from __future__ import annotations

from pipelines.context import StepContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.http import Api
    from pipelines.task import Task


def is_under_agent() -> bool:
    """Whether an agent has started this process."""
    return StepContext.from_environment() is not None


def current_task() -> Optional[Task]:
    """Give the task that this process executes, if it executes one."""
    from pipelines.task import Task

    return Task.current_task()


def own_api(task: Task) -> Api:
    """Give the server, seen with the token of a task that this process executes."""
    return task._context.api


def api() -> Api:
    """Give the server: as the task under an agent, else as the person who has logged in."""
    if is_under_agent():
        task = current_task()
        assert task is not None
        return own_api(task)
    from pipelines.access import api_for

    return api_for()


def about_task(api: Api, task_id: str) -> dict[str, Any]:
    """Ask what there is to know of a task."""
    from pipelines.http import in_path

    return dict(api.get(f"tasks/{in_path(task_id)}/"))


def is_asked_to_end(task: Task) -> bool:
    """Whether a task that was begun in this process is to be aborted."""
    if is_under_agent():
        return False
    from pipelines.task_start import session_of

    try:
        return session_of(task._context).abort_asked
    except KeyError:
        return False
