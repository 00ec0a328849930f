"""Whom a controller speaks to the server as: its own task's token, or the person's in a shell."""

from __future__ import annotations

import threading
import time

from pipelines.context import StepContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.http import Api
    from pipelines.session import Session
    from pipelines.task import Task

_LOOK_SECONDS = 0.05


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
    session = _session_of(task)
    return session is not None and session.abort_asked


def ask_to_end(task: Task) -> None:
    """Let the main thread be interrupted if it was begun in this process; an agent does it else."""
    session = _session_of(task)
    if session is not None:
        session.ask_to_end()


def leave_by_itself(task: Task) -> None:
    """Say that the script is on its way to its end: what it hears of an abort is its own."""
    session = _session_of(task)
    if session is not None:
        session.leaves_by_itself()


def end_if_asked(task: Task) -> None:
    """Wait for the interrupt that the main thread is sure to get, if it is."""
    session = _session_of(task)
    is_main = threading.current_thread() is threading.main_thread()
    while session is not None and is_main and session.is_to_interrupt:
        time.sleep(_LOOK_SECONDS)


def _session_of(task: Task) -> Optional[Session]:
    if is_under_agent():
        return None
    from pipelines.task_start import session_of

    try:
        return session_of(task._context)
    except KeyError:
        return None
