"""Frames of changes as they travel: superseded values left out, encoded once for all sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

# A change of these kinds is superseded by a later one of the same thing that says as much.
_THING = {
    "run_status": (),
    "step_status": ("step",),
    "reason": ("step",),
    "progress": ("step",),
    "stale": ("step",),
    "attempt_status": ("step", "number"),
}


def merged(changes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The changes that still matter when all are applied together, in their order.

    Dropping one is safe because its every value is written again by a later one. A step that
    became pending has lost its progress as well, which only another such change repeats.
    """
    kept: list[Mapping[str, Any]] = []
    later: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for change in reversed(list(changes)):
        thing = _THING.get(change["kind"])
        if thing is None:
            kept.append(change)
            continue
        key = (change["kind"], *(change["data"].get(name) for name in thing))
        if key in later and _supersedes(later[key]["data"], change["data"]):
            continue
        later[key] = change
        kept.append(change)
    return kept[::-1]


def _supersedes(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
    if earlier.get("status") == "pending" != later.get("status"):
        return False
    return earlier.keys() <= later.keys()


def encoded(message: Mapping[str, Any]) -> str:
    """A message as text, without spaces that nobody reads."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)


def changes_frame(topic: str, frame: Mapping[str, Any]) -> str:
    """The changes of one window as text."""
    return encoded(
        {
            "topic": topic,
            "from": frame["from"],
            "to": frame["to"],
            "changes": merged(frame["changes"]),
        }
    )


def poke_frame(topic: str) -> str:
    """Says: fetch again what you show of this."""
    return encoded({"topic": topic, "poke": True})


def draft_frame(topic: str, revision: int, by: str) -> str:
    """Says: somebody has saved the draft, and this is its revision now."""
    return encoded({"topic": topic, "poke": True, "revision": revision, "by": by})


def others_frame(topic: str, names: Iterable[str]) -> str:
    """Says who else has this open; one entry a page, so that the same person may be named twice."""
    return encoded({"topic": topic, "others": [{"name": name} for name in names]})


def resync_frame(topic: str) -> str:
    """Says: fetch the snapshot, too much has happened."""
    return encoded({"topic": topic, "resync": True})
