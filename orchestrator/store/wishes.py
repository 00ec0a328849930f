"""What people ask of a run, as signals say it and as the planner takes it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    Answer,
    Ask,
    ByHand,
    Pause,
    PauseAt,
    Rerun,
    Resume,
    Verb,
)
from orchestrator.models import Signal

WHOLE_RUN = frozenset({"abort", "rerun", "resume", Verb.COMPLETE, Verb.FAIL})
"""The kinds of signals that may concern every step."""

Reader = Callable[[int, Mapping[str, Any], str], Ask]


def wish_of(signal: Signal) -> Ask | None:
    """What a signal asks for, as a fact; None: it is not a person's wish."""
    read = _READERS.get(signal.kind)
    return read(signal.pk, signal.data, signal.actor) if read else None


def rerun_of(number: int, data: Mapping[str, Any], actor: str) -> Rerun:
    overrides = {int(step): values for step, values in data.get("overrides", {}).items()}
    rest = {name: value for name, value in data.items() if name not in ("steps", "overrides")}
    return Rerun(
        number, steps=tuple(data.get("steps", ())), overrides=overrides, actor=actor, **rest
    )


def _abort(number: int, data: Mapping[str, Any], actor: str) -> AbortRun:
    return AbortRun(number, actor, data.get("reason", ""))


def _abort_steps(number: int, data: Mapping[str, Any], actor: str) -> AbortSteps:
    return AbortSteps(number, tuple(data["steps"]), actor)


def _answer(number: int, data: Mapping[str, Any], actor: str) -> Answer:
    return Answer(number, actor=actor, **data)


def _pause(number: int, data: Mapping[str, Any], actor: str) -> Pause:
    return Pause(number, actor)


def _resume(number: int, data: Mapping[str, Any], actor: str) -> Resume:
    return Resume(number, actor)


def _pause_at(number: int, data: Mapping[str, Any], actor: str) -> PauseAt:
    return PauseAt(number, tuple(data["steps"]), actor)


def _by_hand(verb: Verb) -> Reader:
    def read(number: int, data: Mapping[str, Any], actor: str) -> ByHand:
        return ByHand(number, data["step"], verb, data["reason"], data.get("outputs", {}), actor)

    return read


_READERS: Mapping[str, Reader] = {
    "abort": _abort,
    "abort_steps": _abort_steps,
    "rerun": rerun_of,
    "answer": _answer,
    "pause": _pause,
    "resume": _resume,
    "pause_at": _pause_at,
    **{verb.value: _by_hand(verb) for verb in Verb},
}
