"""What a turn takes into account (facts) and what the planner says should happen (decisions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orchestrator.domain.states import Status


class SkippedBy(StrEnum):
    """Why a step was passed over; decides how its children see it."""

    NOTHING = ""
    BAD_PARENT = "bad parent"
    PASSED_PARENT = "passed parent"
    ABORT = "abort"
    CALLBACK = "callback"
    CONDITION = "condition"
    LIST = "list"
    PERSON = "person"


class Verb(StrEnum):
    """How a step may be ended by hand."""

    SKIP = "skip"
    COMPLETE = "complete"
    FAIL = "fail"


# Facts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskStands:
    """How the task of an attempt stands now; *by_call*: a call after its good end made it bad."""

    step: int
    attempt: int
    status: Status
    reason: str = ""
    exit_code: int | None = None
    agent: str = ""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    traceback: str = ""
    by_call: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """A step reported how far it is, 0 to 1."""

    step: int
    attempt: int
    value: float


@dataclass(frozen=True, slots=True)
class Reopened:
    """The nested run that an attempt is has been reopened after its end."""

    step: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Launched:
    """The step's task was made and enqueued; *inputs* are the steps it took values of."""

    step: int
    task: str
    queued_at: datetime
    inputs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TakenFromCache:
    """Instead of executing the step the result of an equal earlier *task* was taken."""

    step: int
    task: str
    inputs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CouldNotLaunch:
    """A step's parameters could not be resolved, its queue does not exist, a hook failed."""

    step: int
    reason: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The launch of a step waits for the answer to a call."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A call of an attempt needs no more waiting for: it was answered, or failed."""

    step: int
    attempt: int


@dataclass(frozen=True, slots=True)
class SpreadOut:
    """The list of a fan-out is known: so many items."""

    step: int
    count: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """How the items of a fan-out ended: so many each way, and the first that ended badly."""

    step: int
    ends: Mapping[tuple[Status, SkippedBy], int] = field(default_factory=dict)
    good: int = 0
    bad: int = 0
    first: int | None = None
    first_reason: str = ""


@dataclass(frozen=True, slots=True)
class ScriptStands:
    """How the task of the script that drives the run stands now; *by_agent*: an agent has, or
    had, it, so that another one can take it up; *has_code*: it can be executed at all, or it ran
    where somebody had started it."""

    status: Status
    reason: str = ""
    by_agent: bool = True
    has_code: bool = True
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AbortRun:
    """Somebody wants the run to end, or something does, and says why."""

    signal: int
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AbortSteps:
    """Somebody wants these steps to end."""

    signal: int
    steps: tuple[int, ...]
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Rerun:
    """Somebody wants new attempts: of *steps*, with *below* also of everything downstream of
    them; or of what failed, of what is stale, of everything.

    *overrides* are by step index, *queue* is for all. With *reset* the new attempts start from
    the document again, without what earlier reruns have overridden; without *cache* none of them
    takes the result of an equal task.
    """

    signal: int
    steps: tuple[int, ...] = ()
    below: bool = False
    failed: bool = False
    stale: bool = False
    everything: bool = False
    overrides: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    queue: str = ""
    reset: bool = False
    cache: bool = True
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Somebody says how a step ends, and why; one that is completed or failed may give values."""

    signal: int
    step: int
    verb: Verb
    reason: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Awaits:
    """The step asks a person; *inputs* are the steps that it took values of."""

    step: int
    inputs: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody answers the attempt of a step that waits for it."""

    signal: int
    step: int
    attempt: int
    approved: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody wants nothing new to start."""

    signal: int
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Somebody wants a paused run to go on."""

    signal: int
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PauseAt:
    """Somebody says before which steps the run pauses, by name."""

    signal: int
    steps: tuple[str, ...] = ()
    actor: str = ""


Stands = TaskStands | Progressed | Reopened | Gathered | ScriptStands
Ask = AbortRun | AbortSteps | Rerun | ByHand | Answer | Pause | Resume | PauseAt
Fact = (
    Stands | Launched | TakenFromCache | Awaits | SpreadOut | CouldNotLaunch | Held | Answered | Ask
)


# Decisions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Launch:
    """Make a task for the step and enqueue it."""

    step: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Pass the step over; *cause* is the step on which it depended in vain."""

    step: int
    by: SkippedBy
    reason: str
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the living attempt of the step."""

    step: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """End the living attempt of the step if nobody has claimed it."""

    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Nobody needs to answer any more: the step is aborted."""

    step: int


@dataclass(frozen=True, slots=True)
class PauseBefore:
    """Pause the run: the step that is to be launched is one before which it stops."""

    step: int


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Let an item wait: its fan-out has as many at work as it may."""

    step: int


@dataclass(frozen=True, slots=True)
class Gather:
    """All items of the fan-out have ended: say how."""

    step: int


@dataclass(frozen=True, slots=True)
class Halt:
    """The fan-out is being aborted with its run."""

    step: int


@dataclass(frozen=True, slots=True)
class EndScript:
    """End the task of the script that drives the run."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing can move any more: the run ends so."""

    status: Status
    reason: str = ""


Ending = Cancel | Withdraw | Dismiss | Halt | EndScript
Decision = Launch | Skip | HoldBack | Gather | Ending | PauseBefore | Finish
