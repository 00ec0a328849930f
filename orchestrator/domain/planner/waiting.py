"""What waits for the clock: a delay before a retry, a queue, a person, the whole run.

The moment stands in the step's ``due_at`` and why in ``due_why``; the run wakes at the first of
them. Other words than these belong to whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from orchestrator.domain.planner.approving import deadline_passed
from orchestrator.domain.planner.views import Withdrawal
from orchestrator.domain.planner.work import APPROVAL, NO_DUE, QUEUE_TIMEOUT, RETRY, Work
from orchestrator.domain.states import Status, StopReason

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def end_waits(work: Work) -> None:
    """Take up what is due now. A delay that is over is forgotten: what it held back may start."""
    for index, step in list(work.steps.items()):
        if step.due_at is None or step.due_at > work.now:
            continue
        if step.due_why == APPROVAL:
            deadline_passed(work, index)
        elif step.due_why in ("", RETRY, QUEUE_TIMEOUT):
            work.set_step(index, **NO_DUE)
        if step.due_why == QUEUE_TIMEOUT and step.status is Status.QUEUED:
            longest = in_words(work.node(index).queue_timeout or 0)
            work.withdrawn[index] = Withdrawal(f"it waited in its queue for {longest}")
    _end_run(work)


def _end_run(work: Work) -> None:
    view = work.view
    if view.status not in (Status.RUNNING, Status.PAUSED):
        return
    if view.deadline_at is not None and view.deadline_at <= work.now:
        longest = in_words(view.timeout or 0)
        reason = f"the run took longer than {longest}"
        work.set_run(status=Status.ABORTING, stop_reason=StopReason.DEADLINE, reason=reason)


def due_in_queue(work: Work, index: int) -> Mapping[str, Any]:
    """When a step that is queued now has waited too long for an agent."""
    longest = work.node(index).queue_timeout
    if longest is None:
        return NO_DUE
    return {"due_at": work.now + timedelta(seconds=longest), "due_why": QUEUE_TIMEOUT}


def deadline_from(now: datetime, timeout: float | None) -> datetime | None:
    """When a run that starts or goes on now has taken too long."""
    return None if timeout is None else now + timedelta(seconds=timeout)


def in_words(seconds: float) -> str:
    """A duration for a sentence: its two largest units."""
    rest, parts = round(seconds), []
    if rest < 1:
        return f"{seconds:g} s"
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
