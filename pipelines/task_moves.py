"""What becomes of a task: waited for, ended, made a draft again, left to another machine."""

from __future__ import annotations

import time

from pipelines.errors import PipelinesError, WaitTimeout
from pipelines.own_end import let_own_end_come_first
from pipelines.task_core import TaskCore
from pipelines.task_types import TaskStatus, TaskStatusEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Callable, Optional

_SHORTEST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0
_GOOD = (TaskStatusEnum.completed, TaskStatusEnum.stopped, TaskStatusEnum.closed)
_BAD = (TaskStatusEnum.failed,)
_FINAL = ("completed", "failed", "crashed", "aborted")
_FINAL_OF_STEPS = (*_FINAL, "cached", "skipped")


class TaskMoves(TaskCore):
    """The moves of a task from one status to another."""

    def wait_for_status(
        self,
        status: Iterable[str] = _GOOD,
        raise_on_status: Optional[Iterable[str]] = _BAD,
        check_interval_sec: float = 60.0,
        timeout: Optional[float] = None,
    ) -> None:
        """Return when the task stands as wanted; the server is asked each second at least.

        One that was lost with its agent, and that its run tries again, is waited for on: then this
        is the task of the new attempt.
        Raises RuntimeError when it comes to stand as in *raise_on_status*, or ends in another way
        than is waited for; WaitTimeout after *timeout* seconds.
        """
        wanted, unwanted = _words(status), _words(raise_on_status or ())
        end = None if timeout is None else time.monotonic() + timeout
        pause = _SHORTEST_PAUSE_SECONDS
        while True:
            self.reload()
            now = TaskStatus(self._details()["status"])
            if now == TaskStatusEnum.stopped and not self._is_own:
                let_own_end_come_first()
            if not self._is_tried_again():
                if any(now == word for word in unwanted):
                    raise RuntimeError(f"Task {self.id} has status: {now}.{self._why()}")
                if any(now == word for word in wanted):
                    return
                if str(now) in _FINAL:
                    raise RuntimeError(
                        f"Task {self.id} has ended and is {now}, which was not waited for."
                        f"{self._why()}"
                    )
            if end is not None and time.monotonic() >= end:
                raise WaitTimeout(f"task {self.id} is {now} after {timeout:g} seconds")
            time.sleep(min(pause, max(check_interval_sec, 0.0)))
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)

    def mark_started(self, force: bool = False) -> None:
        """Let a draft run here, in this process, which keeps it alive until it is marked ended.

        The task of this process runs already.
        """
        if self._is_own:
            return
        if force and self._now()["status"] in _FINAL:
            self.reset(force=True)
        from pipelines.task_start import start_other

        self._context = start_other(self)

    def mark_completed(
        self,
        ignore_errors: bool = True,
        status_message: Optional[str] = None,
        force: bool = False,
    ) -> None:
        """End the task that runs in this process, as completed."""
        self._end("completed", status_message)

    def mark_failed(
        self,
        ignore_errors: bool = True,
        status_reason: Optional[str] = None,
        status_message: Optional[str] = None,
        force: bool = False,
    ) -> None:
        """End the task that runs in this process, as failed."""
        self._end("failed", status_message or status_reason or "the script says so")

    def mark_stopped(self, force: bool = False, status_message: Optional[str] = None) -> None:
        """End the task, as aborted: this process's at once, another as an abort on its page."""
        if self._is_own and not self._context.has_agent:
            self._end("aborted", status_message)
        else:
            self.abort()

    def mark_stop_request(self, force: bool = False, status_message: Optional[str] = None) -> None:
        """Ask for its end."""
        self.abort()

    def abort(self) -> None:
        """Ask for its end; it is over when whatever runs it has confirmed that."""
        self._about = self._api.send("POST", self._path("abort/"), {}) or {}

    def close(self) -> None:
        """End the task that was begun in this shell, as completed; elsewhere only send its reports.

        Another task can be begun then.
        """
        from pipelines.http import PATIENCE_SECONDS

        if self._is_own and not self._context.has_agent:
            self._end("completed", None)
        elif self._is_own:
            self._flush(PATIENCE_SECONDS)

    def reset(self, set_started_on_success: bool = False, force: bool = False) -> None:
        """Make an ended task a draft again; *force* aborts one that has not ended first."""
        if force and self._now()["status"] not in (*_FINAL, "draft"):
            self.abort()
            self.wait_for_status(_FINAL, raise_on_status=None)
        self._about = self._api.send("POST", self._path("reset/"), {}) or {}
        if set_started_on_success:
            self.mark_started()

    def delete(
        self,
        delete_artifacts_and_models: bool = True,
        skip_models_used_by_other_tasks: bool = True,
        raise_on_error: bool = False,
        callback: Optional[Callable[..., Any]] = None,
    ) -> bool:
        """Delete the task and what it left; False, or what the server says, when it may not."""
        try:
            self._api.send("DELETE", self._path())
        except PipelinesError:
            if raise_on_error:
                raise
            return False
        return True

    def execute_remotely(
        self,
        queue_name: Optional[str] = None,
        clone: bool = False,
        exit_process: bool = True,
    ) -> Optional[TaskCore]:
        """Leave the rest of the script to an agent; executed by one, do nothing.

        With a queue the task is put into it, and this process ends here. Without one it becomes a
        draft and is kept as a template: this is how a script registers itself for pipelines. With
        *clone* a copy of it is left to the agent, and given back.
        """
        if self._context.has_agent:
            return None
        self._must_be_own("leave elsewhere")
        if not clone and not exit_process:
            raise ValueError(
                "execute_remotely: a task that goes on elsewhere cannot go on here, too; "
                "give clone=True, or let the process end"
            )
        from pipelines.leaving import leave

        return leave(self, queue_name, clone=clone, exit_process=exit_process)

    def register_abort_callback(
        self,
        callback_function: Optional[Callable[[], object]],
        callback_execution_timeout: float = 30.0,
    ) -> None:
        """Have a function called, in a thread of its own, when this task is asked to end.

        The process ends when it has returned, after its timeout, or when the step's grace is
        over, whichever comes first. There is one callback at a time; None takes it away.
        """
        self._must_be_own("register an abort callback for")
        seconds = float(callback_execution_timeout)
        if not self._context.has_agent:
            from pipelines.task_start import session_of

            session_of(self._context).on_abort(callback_function, seconds)
            return
        from pipelines import aborting

        if callback_function is None:
            aborting.forget()
        else:
            aborting.register(callback_function, seconds, lambda: self._flush(2.0))

    def _end(self, status: str, message: Optional[str]) -> None:
        if not self._is_own:
            raise PipelinesError(
                f"this process cannot end task {self.id} as {status}: it is another's; abort it"
            )
        if self._context.has_agent:
            raise PipelinesError(
                f"an agent executes this task; to end it as {status} end the script, "
                "with an exception to have it failed"
            )
        from pipelines.task_start import session_of

        session_of(self._context).end(status, reason=message or "")
        self._about = {}

    def _is_tried_again(self) -> bool:
        """True when it was lost and its run tries it again; this is that attempt's task then."""
        about = self._details()
        place = about.get("step")
        if about["status"] != "crashed" or not place:
            return False
        from pipelines.http import in_path

        path = f"runs/{in_path(place['run'])}/steps/{in_path(place['step'])}/"
        step = self._api.get(path)
        newest = step["attempts"][-1]
        if newest["number"] == place["attempt"]:
            # Its run may not have taken up yet that it was lost.
            return step["status"] not in _FINAL_OF_STEPS
        if newest["task"]:
            self.id, self._about, self._own_parameters = newest["task"], {}, None
        return True

    def _why(self) -> str:
        reason = (self._details().get("outcome") or {}).get("reason")
        return f" {reason}" if reason else ""


def _words(given: Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
