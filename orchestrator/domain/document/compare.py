"""What differs between two documents: by step and field, and outside of the steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.document.canonical import normalise
from orchestrator.domain.document.reading import named_parents, steps_by_name

Edge = tuple[str, str]

# Their order says nothing.
_SETS = frozenset({"parents", "tags"})
# Told as a whole: nobody reads where each step has been moved to.
_WHOLES = frozenset({"layout", "notes"})
# Lists of things that have names.
_NAMED = frozenset({"parameters", "groups"})
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of steps, the ways to what has changed in those that stayed, edges, and the rest."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    edges_added: list[Edge] = field(default_factory=list)
    edges_removed: list[Edge] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape."""
        return {
            "same": self == Difference(),
            "steps": {"added": self.added, "removed": self.removed, "changed": self.changed},
            "edges": {
                "added": [list(edge) for edge in self.edges_added],
                "removed": [list(edge) for edge in self.edges_removed],
            },
            "other": self.other,
        }


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Compare two documents, whatever is wrong with either; a renamed step is another step."""
    old, new = normalise(before), normalise(after)
    old_steps, new_steps = steps_by_name(old), steps_by_name(new)
    old_edges, new_edges = _edges(old_steps), _edges(new_steps)
    stayed = [name for name in new_steps if name in old_steps]
    changed = {name: list(_ways(old_steps[name], new_steps[name])) for name in stayed}
    return Difference(
        added=[name for name in new_steps if name not in old_steps],
        removed=[name for name in old_steps if name not in new_steps],
        changed={name: ways for name, ways in changed.items() if ways},
        edges_added=[edge for edge in new_edges if edge not in old_edges],
        edges_removed=[edge for edge in old_edges if edge not in new_edges],
        other=list(_ways(_rest(old), _rest(new))),
    )


def _edges(steps: Mapping[str, Mapping[str, Any]]) -> dict[Edge, None]:
    return {(parent, name): None for name, step in steps.items() for parent in named_parents(step)}


def _rest(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is not steps; parameters and groups by their names."""
    rest = {key: value for key, value in document.items() if key != "steps"}
    for key in _NAMED & rest.keys():
        rest[key] = _by_name(rest[key])
    return rest


def _by_name(things: Any) -> Any:
    if not _is_list(things) or not all(isinstance(one, dict) for one in things):
        return things
    named = {one["name"]: one for one in things if isinstance(one.get("name"), str)}
    return named if len(named) == len(things) else things


def _ways(old: Any, new: Any, way: str = "") -> Iterator[str]:
    """Go through the ways to what differs, as far down as both sides are objects."""
    if isinstance(old, dict) and isinstance(new, dict) and way not in _WHOLES:
        for key in dict.fromkeys((*old, *new)):
            inner = f"{way}.{key}" if way else key
            yield from _ways(old.get(key, _NOTHING), new.get(key, _NOTHING), inner)
    elif _comparable(old, way) != _comparable(new, way):
        yield way


def _comparable(value: Any, way: str) -> Any:
    if way in _SETS and _is_list(value) and all(isinstance(one, str) for one in value):
        return sorted(value)
    if isinstance(value, bool | int | float):
        # In Python 1 == True == 1.0; in a document they are three things to write.
        return type(value), value
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
