"""Hooks and the calls made of them: which are due when, and what their answers mean.

A call is a question to somebody outside the rules: a piece of Python that runs as a task of its
own, a webhook, or the script that drives the run. It is asked once per attempt and answered at
least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from orchestrator.domain.errors import PipelinesError, shortened
from orchestrator.domain.graph import SCRIPT, asks_script

DEFAULT_TIMEOUT: Final = 600.0
"""How long an answer is waited for when the hook does not say, in seconds."""

FUNCTION: Final = "hook"
"""What a hook in Python defines."""

PYTHON: Final = "python"
WEBHOOK: Final = "webhook"


class CallKind(StrEnum):
    """When somebody is called; the first two hold the launch, the next three what follows."""

    PRE = "pre"
    CREATED = "created"
    RETRY = "retry"
    COMPLETED = "completed"
    POST = "post"
    STATUS = "status"
    ENDED = "ended"


BEFORE: Final = (CallKind.PRE, CallKind.CREATED)
AFTER: Final = (CallKind.COMPLETED, CallKind.POST)
HOLDING: Final = (*BEFORE, CallKind.RETRY, *AFTER)
ASKED: Final = frozenset({*BEFORE, CallKind.RETRY})
"""Those whose answers matter."""
OF_STEP: Final = frozenset({CallKind.PRE, CallKind.RETRY, CallKind.POST})
"""Those that a step has for itself; the others are the run's, for all of its steps."""
TOLD: Final = frozenset({CallKind.STATUS, CallKind.ENDED})
"""Those that hold nothing: nobody waits for an answer."""


class CallState(StrEnum):
    """How a call stands. One that was *replied* to is taken up by the run's next turn."""

    OPEN = "open"
    REPLIED = "replied"
    ANSWERED = "answered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Hook:
    """Whom to call: Python code, an address or the run's script; how long to wait, in seconds."""

    kind: str
    code: str = ""
    url: str = ""
    timeout: float = DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True)
class CallView:
    """A call of an attempt; *place* is that of its hook, *draft* the task that waits for it."""

    kind: CallKind
    place: int = 0
    state: CallState = CallState.OPEN
    answer: Any = None
    reason: str = ""
    traceback: str = ""
    draft: str = ""
    by: str = PYTHON

    @property
    def who(self) -> str:
        """What is waited for, in words."""
        return in_words(self.kind, self.by)


@dataclass(frozen=True, slots=True)
class NewCall:
    """Somebody is to be called: of a step's attempt, or of the run when there is no step."""

    kind: CallKind
    place: int = 0
    step: int | None = None
    attempt: int | None = None
    status: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Said:
    """What those who were called before a launch want: other parameters, or that it is skipped."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    skip: str | None = None


class BadAnswer(PipelinesError):
    """A hook answered what nobody understands."""

    code = "bad_answer"


def hooks_in(said: Mapping[str, Any], kind: CallKind) -> tuple[Hook, ...]:
    """The hooks of a kind in what a step or a pipeline says of hooks."""
    return tuple(hook_from(one) for one in said.get(kind.value) or ())


def hook_from(said: Mapping[str, Any]) -> Hook:
    """A hook as a document says it."""
    return Hook(**{key: value for key, value in said.items() if _is_meant(key, value)})


def _is_meant(key: str, value: Any) -> bool:
    return value is not None and not key.startswith("x-")


def declared(
    of_run: Mapping[str, Any], of_step: Mapping[str, Any], kind: CallKind
) -> Sequence[Mapping[str, Any]]:
    """The hooks of a kind that are called for a step, by their places.

    Some kinds are declared by itself, others by its run; its moves are told to both.
    """
    if kind is CallKind.STATUS:
        return (*(of_run.get(kind.value) or ()), *(of_step.get(kind.value) or ()))
    return (of_step if kind in OF_STEP else of_run).get(kind.value) or ()


def hooks_of(of_run: Mapping[str, Any], of_step: Mapping[str, Any], kind: CallKind) -> int:
    """How many are called for a step."""
    return len(declared(of_run, of_step, kind))


def calls_script(of_run: Mapping[str, Any], of_step: Mapping[str, Any]) -> bool:
    """True when something about the step is asked of the run's script."""
    return asks_script(of_run) or asks_script(of_step)


def in_words(kind: str, by: str) -> str:
    """Who is called, as reasons name it."""
    return f"its {kind} {'callback' if by == SCRIPT else 'hook'}"


def first_open(
    kinds: Iterable[tuple[CallKind, int]], calls: Sequence[CallView]
) -> tuple[CallKind, int] | CallView | None:
    """The first of the calls that are due (kinds with how many hooks each has) that is not
    answered yet: not even asked (its kind and place), or open, or failed. None: all are answered.
    """
    known = {(call.kind, call.place): call for call in calls}
    for kind, count in kinds:
        for place in range(count):
            call = known.get((kind, place))
            if call is None:
                return kind, place
            if call.state is not CallState.ANSWERED:
                return call
    return None


def said_before(calls: Iterable[CallView], kind: CallKind) -> Said:
    """What the answers of a kind come to, in their order; raises BadAnswer."""
    parameters: dict[str, Any] = {}
    for call in sorted(calls, key=lambda call: call.place):
        if call.kind is not kind or call.state is not CallState.ANSWERED:
            continue
        said = read_answer(kind, call.answer, call.who)
        if said.skip is not None:
            return said
        parameters.update(said.parameters)
    return Said(parameters)


def read_answer(kind: CallKind, answer: Any, who: str = "") -> Said:
    """What an answer means: nothing, false, {"skip": …} or, before the task is made,
    {"parameters": {…}}. Raises BadAnswer, naming *who* answered."""
    who = who or in_words(kind, PYTHON)
    match answer:
        case None | True:
            return Said()
        case False:
            return Said(skip=f"{who} said no")
        case {"skip": False, **rest}:
            return read_answer(kind, rest or None, who)
        case {"skip": True, **rest} if not rest:
            return Said(skip=f"{who} said no")
        case {"skip": str() as reason, **rest} if not rest:
            return Said(skip=reason or f"{who} said no")
        case {"parameters": dict() as parameters, **rest} if not rest and kind is CallKind.PRE:
            return Said(parameters)
        case dict() if not answer:
            return Said()
    may = 'nothing, false or {"skip": "why"}'
    if kind is CallKind.PRE:
        may = 'nothing, false, {"skip": "why"} or {"parameters": {…}}'
    raise BadAnswer(f"{who} answered {shortened(repr(answer), 80)}; it may answer {may}")
