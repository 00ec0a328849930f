"""From how a process ended to how its task ended, and the sentence that says why."""

from __future__ import annotations

import os
import re
import signal

from orchestrator.agent.child import LOST, NEVER_STARTED, End, describe
from orchestrator.agent.forked import supervisor
from orchestrator.domain.states import TaskEvent
from orchestrator.store.execution import Result

ABORT = "abort"
FENCED = "fenced"
RELEASE = "release"

_TRACEBACK = "Traceback (most recent call last):"
_CHAINED = re.compile(r"(another exception occurred|direct cause of the following exception):\s*$")
_FIRST_LINES = re.compile(r"^\S", re.MULTILINE)
_LONGEST_REASON = 500


def judge(end: End, *, errors: str, timeout: float | None, lease: float) -> Result:
    """Name the event in the life of the task that this end is."""
    result = _judge(end, errors=errors, timeout=timeout, lease=lease)
    result.killed = bool(end.cause) and end.forced
    if end.survivors:
        result.confirmed = False
        result.reason += (
            f"; {len(end.survivors)} of its processes could not be ended "
            f"({describe(end.survivors)})"
        )
    return result


def _judge(end: End, *, errors: str, timeout: float | None, lease: float) -> Result:
    if end.event == supervisor.NOT_STARTED:
        return Result(
            TaskEvent.END_BADLY, f"its program cannot be started: {os.strerror(end.errno)}"
        )
    if end.event == NEVER_STARTED:
        return Result(TaskEvent.CANNOT_RUN, "its fork server was lost before the step had begun")
    if end.event == LOST:
        # A process that has hidden its marker would not have been found.
        return Result(
            TaskEvent.CANNOT_RUN,
            "its supervisor was killed; that nothing is left is not confirmed",
            confirmed=False,
        )
    if end.cause == ABORT:
        reason = "aborted"
        if end.forced and not end.survivors:
            reason += ": it did not end when asked to, and was killed"
        return Result(TaskEvent.CONFIRM_GONE, reason, exit_code=end.code)
    if end.cause == RELEASE:
        return Result(TaskEvent.RELEASE, "its agent stopped")
    if end.cause == supervisor.TIMEOUT:
        return Result(TaskEvent.END_BADLY, f"timed out after {timeout:g} s", exit_code=end.code)
    if end.cause:
        return Result(TaskEvent.CANNOT_RUN, f"its agent could not renew the lease of {lease:g} s")
    return _judge_own_end(end, errors)


def _judge_own_end(end: End, errors: str) -> Result:
    if end.signal is not None:
        return Result(TaskEvent.CANNOT_RUN, _ended_by(end.signal))
    if end.code == 0:
        return Result(TaskEvent.END_WELL, exit_code=0)
    traceback = last_traceback(errors)
    reason = f"exit code {end.code}"
    if traceback:
        reason += f": {_last_line(traceback)}"
    return Result(
        TaskEvent.END_BADLY, reason[:_LONGEST_REASON], exit_code=end.code, traceback=traceback
    )


def _ended_by(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    guess = " (out of memory?)" if number == signal.SIGKILL else ""
    return f"killed by {name}{guess}"


def last_traceback(errors: str) -> str:
    """The last Python traceback in a text, with those that led to it."""
    start = errors.rfind(_TRACEBACK)
    while start > 0 and _CHAINED.search(errors, max(start - 200, 0), start):
        start = errors.rfind(_TRACEBACK, 0, start)
    return errors[start:].rstrip() if start >= 0 else ""


def _last_line(traceback: str) -> str:
    last = traceback.rfind(_TRACEBACK) + len(_TRACEBACK)
    error = _FIRST_LINES.search(traceback, last)
    return traceback[error.start() :].splitlines()[0] if error else _TRACEBACK
