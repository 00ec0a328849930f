"""What has happened to a run, as numbered values, and how they fold into what a browser shows.

A change carries new values, never differences, and names steps by index; so frames may overlap
or be applied twice. ``static/js/run/apply_change.js`` is the twin of :func:`apply`; both are
checked against the scenario files in ``tests/scenarios/changes``.

A view is plain JSON::

    {"number": n, "run": {...}, "steps": {"0": {...}}, "attempts": {"0.1": {...}}}
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from orchestrator.domain.states import Status

JSON = dict[str, Any]


class Kind(StrEnum):
    """The kinds of change. Closed: a new kind is a new version of the protocol."""

    RUN_CREATED = "run_created"
    RUN_STATUS = "run_status"
    STEPS_ADDED = "steps_added"
    STEP_STATUS = "step_status"
    ATTEMPT_ADDED = "attempt_added"
    ATTEMPT_STATUS = "attempt_status"
    REASON = "reason"
    PROGRESS = "progress"
    PARAMETERS_RESOLVED = "parameters_resolved"
    ARTIFACT_ADDED = "artifact_added"
    CALLED = "called"
    ANSWERED = "answered"
    ASKED = "asked"
    REFUSED = "refused"
    STALE = "stale"
    LIMIT_REACHED = "limit_reached"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class News:
    """A change that has no number yet."""

    kind: Kind
    data: JSON = field(default_factory=dict)
    actor: str = ""


def iso(moment: datetime | None) -> str | None:
    """A moment as changes and REST write it: UTC, with microseconds and a Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def empty_view() -> JSON:
    """The view of a run of which nothing is known."""
    return {"number": 0, "run": {}, "steps": {}, "attempts": {}}


def new_step() -> JSON:
    """A step of which only its existence is known."""
    return {
        "status": Status.PENDING.value,
        "reason": "",
        "stale": False,
        "attempt": 0,
        "progress": None,
        "started_at": None,
        "ended_at": None,
    }


def fold(view: JSON, changes: Iterable[Mapping[str, Any]]) -> JSON:
    """The view after *changes*; those it already contains are passed over."""
    after = copy.deepcopy(view)
    for change in changes:
        if change["n"] > after["number"]:
            _apply(after, change["kind"], change["data"])
            after["number"] = change["n"]
    return after


def apply(view: JSON, change: Mapping[str, Any]) -> JSON:
    """The view after one change."""
    return fold(view, (change,))


def _apply(view: JSON, kind: str, data: Mapping[str, Any]) -> None:
    match kind:
        case Kind.RUN_CREATED:
            view["run"] = {
                "reason": "",
                "stop_reason": "",
                "started_at": None,
                "ended_at": None,
                **data,
            }
        case Kind.RUN_STATUS:
            view["run"].update(data)
        case Kind.STEPS_ADDED:
            for index in range(data["first"], data["first"] + data["count"]):
                view["steps"].setdefault(str(index), new_step())
        case Kind.STEP_STATUS:
            step = _step(view, data)
            step.update(_without(data, "step"))
            if step["status"] == Status.PENDING:
                step["progress"] = None
        case Kind.REASON | Kind.STALE:
            _step(view, data).update(_without(data, "step"))
        case Kind.PROGRESS:
            _step(view, data)["progress"] = data["value"]
        case Kind.ATTEMPT_ADDED | Kind.ATTEMPT_STATUS:
            _attempt(view, data).update(_without(data, "step", "number"))
        case Kind.PARAMETERS_RESOLVED:
            _attempt(view, data)["parameters"] = data["parameters"]
        case Kind.ARTIFACT_ADDED:
            artifacts = _attempt(view, data)["artifacts"]
            artifacts[data["name"]] = _without(data, "step", "number", "name")
        case _:
            # The others tell a story and change nothing that is shown as state.
            Kind(kind)


def _step(view: JSON, data: Mapping[str, Any]) -> JSON:
    step: JSON = view["steps"].setdefault(str(data["step"]), new_step())
    return step


def _attempt(view: JSON, data: Mapping[str, Any]) -> JSON:
    attempt: JSON = view["attempts"].setdefault(
        f"{data['step']}.{data['number']}",
        {
            "status": Status.PENDING.value,
            "reason": "",
            "origin": "first",
            "round": 1,
            "task": None,
            "exit_code": None,
            "agent": "",
            "queued_at": None,
            "started_at": None,
            "ended_at": None,
            "parameters": {},
            "artifacts": {},
        },
    )
    return attempt


def _without(data: Mapping[str, Any], *keys: str) -> JSON:
    return {key: value for key, value in data.items() if key not in keys}
