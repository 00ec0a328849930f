"""The run's own task, as its script and its steps can reach it."""

from __future__ import annotations

from pipelines.context import StepContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from pipelines.task import Task

_tasks: dict[str, Task] = {}


def task_of_the_run() -> Task:
    """Give the task of the run that this process drives, or is a step of.

    Raises ValueError outside of a run.
    """
    from pipelines.automation import server

    task = server.current_task()
    if task is None:
        raise ValueError("Could not locate parent Pipeline Task: this process is not of a run")
    about = server.about_task(server.own_api(task), task.id)
    run_id: Optional[str] = (about.get("step") or {}).get("run")
    if run_id is None:
        return task
    return _as_own(task, str(run_id))


def _as_own(task: Task, run_id: str) -> Task:
    """Give the run's task, which takes reports from this process as its own does."""
    if run_id not in _tasks:
        import tempfile

        from pipelines.task import Task

        context = StepContext(
            directory=tempfile.mkdtemp(prefix="pipelines-"),
            task_id=run_id,
            api_url=task._context.api_url,
            token=task._context.token,
        )
        _tasks[run_id] = Task(run_id, context, {})
    return _tasks[run_id]
