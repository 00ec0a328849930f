"""Every rule on status: the words, the legal moves as tables, and how a run ends.

The tables are data; tests walk them whole and the documentation's diagram is drawn from them.
A status is written to a row only by compare-and-set (see ``orchestrator.store``), and only to
what :func:`move` answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from orchestrator.domain.errors import IllegalMove


class Status(StrEnum):
    """The status of a task, a step, an attempt or a run."""

    DRAFT = "draft"
    PENDING = "pending"
    AWAITING = "awaiting"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    ABORTING = "aborting"
    COMPLETED = "completed"
    CACHED = "cached"
    SKIPPED = "skipped"
    FAILED = "failed"
    CRASHED = "crashed"
    ABORTED = "aborted"


LETTERS: Final[Mapping[Status, str]] = {
    Status.DRAFT: "d",
    Status.PENDING: "p",
    Status.AWAITING: "w",
    Status.QUEUED: "q",
    Status.RUNNING: "r",
    Status.PAUSED: "u",
    Status.ABORTING: "g",
    Status.COMPLETED: "c",
    Status.CACHED: "h",
    Status.SKIPPED: "s",
    Status.FAILED: "f",
    Status.CRASHED: "x",
    Status.ABORTED: "a",
}
"""One letter a status: the alphabet of snapshots."""

MEANINGS: Final[Mapping[Status, str]] = {
    Status.DRAFT: "prepared, not asked to run",
    Status.PENDING: "waits; the reason is always shown",
    Status.AWAITING: "a person must answer",
    Status.QUEUED: "stands in a queue for an agent",
    Status.RUNNING: "an agent is executing it",
    Status.PAUSED: "nothing new is started until it is resumed",
    Status.ABORTING: "asked to end, not yet confirmed",
    Status.COMPLETED: "ended well",
    Status.CACHED: "not executed: an equal earlier result was taken",
    Status.SKIPPED: "not executed; the reason is always shown",
    Status.FAILED: "it ran and failed",
    Status.CRASHED: "it could not run to an end",
    Status.ABORTED: "ended because somebody asked",
}

FINAL: Final = frozenset(
    {
        Status.COMPLETED,
        Status.CACHED,
        Status.SKIPPED,
        Status.FAILED,
        Status.CRASHED,
        Status.ABORTED,
    }
)
ENDED_BADLY: Final = frozenset({Status.FAILED, Status.CRASHED, Status.ABORTED})
ACTIVE: Final = frozenset({Status.QUEUED, Status.RUNNING, Status.ABORTING})
GOING: Final = frozenset({Status.RUNNING, Status.PAUSED, Status.ABORTING})
"""The statuses of a run that has begun and has not ended."""

DISPLAY_ORDER: Final = (
    Status.FAILED,
    Status.CRASHED,
    Status.ABORTED,
    Status.ABORTING,
    Status.AWAITING,
    Status.PAUSED,
    Status.RUNNING,
    Status.QUEUED,
    Status.PENDING,
    Status.DRAFT,
    Status.COMPLETED,
    Status.CACHED,
    Status.SKIPPED,
)


class TaskEvent(StrEnum):
    """What may happen to a task."""

    ENQUEUE = "enqueue"
    START_HERE = "start here"
    CLAIM = "claim"
    END_WELL = "ends well"
    END_BADLY = "ends badly"
    CANNOT_RUN = "cannot run on"
    ABORT = "abort asked"
    CONFIRM_GONE = "confirmed gone"
    LEASE_OVER = "lease over"
    DEQUEUE = "dequeue"
    RELEASE = "released by its agent"
    RESET = "reset"
    REOPEN = "reopen"
    TAKE_UP = "take up"


class StepEvent(StrEnum):
    """What may happen to a step, apart from folding the end of its attempt."""

    LAUNCH = "launch"
    HIT_CACHE = "cache hit"
    SKIP = "skip"
    GATE = "gate"
    ABORT = "abort"
    COMPLETE_BY_HAND = "completed by hand"
    FAIL_BY_HAND = "failed by hand"
    APPROVE = "approved"
    REJECT = "rejected"
    RERUN = "rerun, retry"
    SPREAD = "spread out"
    REOPEN = "an item is tried again"


TASK_MOVES: Final[Mapping[Status, Mapping[TaskEvent, Status]]] = {
    Status.DRAFT: {
        TaskEvent.ENQUEUE: Status.QUEUED,
        TaskEvent.START_HERE: Status.RUNNING,
        TaskEvent.ABORT: Status.ABORTED,
    },
    Status.QUEUED: {
        TaskEvent.CLAIM: Status.RUNNING,
        TaskEvent.ABORT: Status.ABORTED,
        TaskEvent.LEASE_OVER: Status.QUEUED,
        TaskEvent.DEQUEUE: Status.DRAFT,
    },
    Status.RUNNING: {
        TaskEvent.END_WELL: Status.COMPLETED,
        TaskEvent.END_BADLY: Status.FAILED,
        TaskEvent.CANNOT_RUN: Status.CRASHED,
        TaskEvent.ABORT: Status.ABORTING,
        TaskEvent.LEASE_OVER: Status.CRASHED,
        TaskEvent.DEQUEUE: Status.DRAFT,
        TaskEvent.RELEASE: Status.QUEUED,
    },
    Status.ABORTING: {
        TaskEvent.END_WELL: Status.COMPLETED,
        TaskEvent.END_BADLY: Status.ABORTED,
        TaskEvent.CANNOT_RUN: Status.ABORTED,
        TaskEvent.ABORT: Status.ABORTING,
        TaskEvent.CONFIRM_GONE: Status.ABORTED,
        TaskEvent.LEASE_OVER: Status.ABORTED,
    },
    **{
        final: {
            TaskEvent.RESET: Status.DRAFT,
            TaskEvent.REOPEN: Status.RUNNING,
            TaskEvent.TAKE_UP: Status.QUEUED,
        }
        for final in (Status.COMPLETED, Status.FAILED, Status.CRASHED, Status.ABORTED)
    },
}
"""Moves of a task. A final status is left only together with a new fence."""

STEP_MOVES: Final[Mapping[Status, Mapping[StepEvent, Status]]] = {
    Status.PENDING: {
        StepEvent.LAUNCH: Status.QUEUED,
        StepEvent.HIT_CACHE: Status.CACHED,
        StepEvent.SKIP: Status.SKIPPED,
        StepEvent.GATE: Status.AWAITING,
        StepEvent.ABORT: Status.SKIPPED,
        StepEvent.COMPLETE_BY_HAND: Status.COMPLETED,
        StepEvent.FAIL_BY_HAND: Status.FAILED,
        StepEvent.SPREAD: Status.RUNNING,
    },
    Status.AWAITING: {
        StepEvent.SKIP: Status.SKIPPED,
        StepEvent.ABORT: Status.ABORTED,
        StepEvent.APPROVE: Status.COMPLETED,
        StepEvent.REJECT: Status.FAILED,
        StepEvent.COMPLETE_BY_HAND: Status.COMPLETED,
        StepEvent.FAIL_BY_HAND: Status.FAILED,
    },
    Status.QUEUED: {
        StepEvent.SKIP: Status.SKIPPED,
        StepEvent.ABORT: Status.ABORTED,
    },
    Status.RUNNING: {StepEvent.ABORT: Status.ABORTING},
    Status.ABORTING: {StepEvent.ABORT: Status.ABORTING},
    **{
        final: {
            StepEvent.COMPLETE_BY_HAND: Status.COMPLETED,
            StepEvent.FAIL_BY_HAND: Status.FAILED,
            StepEvent.RERUN: Status.PENDING,
            StepEvent.REOPEN: Status.RUNNING,
        }
        for final in sorted(FINAL)
    },
}
"""Moves of a step. One with a living attempt follows it (:data:`FOLDABLE`), a fan-out that has
been spread out its items."""

FOLDABLE: Final[Mapping[Status, frozenset[Status]]] = {
    Status.QUEUED: frozenset(
        {
            Status.QUEUED,
            Status.RUNNING,
            Status.ABORTING,
            Status.COMPLETED,
            Status.FAILED,
            Status.CRASHED,
            Status.ABORTED,
        }
    ),
    Status.RUNNING: frozenset(
        {
            Status.QUEUED,
            Status.RUNNING,
            Status.ABORTING,
            Status.COMPLETED,
            Status.FAILED,
            Status.CRASHED,
            Status.ABORTED,
        }
    ),
    Status.ABORTING: frozenset(
        {
            Status.ABORTING,
            Status.COMPLETED,
            Status.FAILED,
            Status.CRASHED,
            Status.ABORTED,
        }
    ),
}
"""The statuses of its attempt's task that a step with a living attempt may take over."""


class Driver(StrEnum):
    """What brings a run forward: its graph alone, a script that answers for the steps of a graph
    that it has registered, or a script that adds the steps as it goes."""

    GRAPH = "graph"
    CONTROLLER = "controller"
    SCRIPT = "script"


class StopReason(StrEnum):
    """Why a run was told to stop before its steps were done."""

    NONE = ""
    ABORT = "abort"
    DEADLINE = "deadline"
    FAILURE = "failure"


def is_final(status: Status) -> bool:
    """True when nothing more happens to it unless somebody asks."""
    return status in FINAL


def move(status: Status, event: TaskEvent) -> Status:
    """The status of a task after *event*; raises IllegalMove naming both."""
    try:
        return TASK_MOVES[status][event]
    except KeyError:
        raise IllegalMove("task", status, event) from None


def move_step(status: Status, event: StepEvent) -> Status:
    """The status of a step after *event*; raises IllegalMove naming both."""
    try:
        return STEP_MOVES[status][event]
    except KeyError:
        raise IllegalMove("step", status, event) from None


def may_move(status: Status, event: TaskEvent) -> bool:
    """True when the table has this move."""
    return event in TASK_MOVES.get(status, {})


def tasks_that_may(event: TaskEvent) -> tuple[Status, ...]:
    """The statuses from which *event* is legal: the left side of a compare-and-set."""
    return tuple(status for status, moves in TASK_MOVES.items() if event in moves)


def outcome(
    statuses: Iterable[Status],
    *,
    stop_reason: StopReason = StopReason.NONE,
    script_outcome: Status | None = None,
) -> Status:
    """How a run ends none of whose steps can move any more.

    *statuses* are those of the steps that count: steps that may fail are left out by the caller.
    *script_outcome* is given for runs that a script drives; it then decides.
    """
    if script_outcome is not None:
        return script_outcome
    if stop_reason in (StopReason.DEADLINE, StopReason.FAILURE):
        return Status.FAILED
    seen = set(statuses)
    if seen & {Status.FAILED, Status.CRASHED}:
        return Status.FAILED
    if stop_reason is StopReason.ABORT or Status.ABORTED in seen:
        return Status.ABORTED
    return Status.COMPLETED
