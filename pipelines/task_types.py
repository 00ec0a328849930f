"""What kinds of tasks there are, and the words for how a task stands.

A status is one of ours; it equals the word that ClearML has for it, too, so that scripts that
compare with either go on working.
"""

from __future__ import annotations

from enum import Enum

# What ClearML does not tell apart: a task whose agent was lost has failed there, one that is being
# ended runs.
_OTHER_WORDS = {
    "draft": "created",
    "running": "in_progress",
    "aborting": "in_progress",
    "aborted": "stopped",
    "crashed": "failed",
}


def _is_same(one: str, other: str) -> bool:
    return one == other or _OTHER_WORDS.get(one) == other or _OTHER_WORDS.get(other) == one


class TaskTypes(str, Enum):  # noqa: UP042 - StrEnum came with Python 3.11
    """What a task is for."""

    training = "training"
    testing = "testing"
    inference = "inference"
    data_processing = "data_processing"
    application = "application"
    monitor = "monitor"
    controller = "controller"
    optimizer = "optimizer"
    service = "service"
    qc = "qc"
    custom = "custom"

    def __str__(self) -> str:
        return str(self.value)


class TaskStatus(str):
    """How a task stands; equal to each word that means it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _is_same(str.__str__(self), str.__str__(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)


class TaskStatusEnum(TaskStatus, Enum):
    """The statuses by ClearML's names."""

    created = "created"
    queued = "queued"
    in_progress = "in_progress"
    stopped = "stopped"
    published = "published"
    publishing = "publishing"
    closed = "closed"
    failed = "failed"
    completed = "completed"
    unknown = "unknown"

    __eq__ = TaskStatus.__eq__
    __ne__ = TaskStatus.__ne__
    __hash__ = TaskStatus.__hash__

    def __str__(self) -> str:
        return str(self.value)


def our_words(status: str) -> tuple[str, ...]:
    """Give the statuses of ours that a word means."""
    word = str.__str__(status)
    ours = tuple(mine for mine, theirs in _OTHER_WORDS.items() if theirs == word)
    return (word, *ours) if word == "failed" or not ours else ours
