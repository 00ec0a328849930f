"""Making the sides of a merge comparable.

New steps that happen to have one name get two, a step that one side has given another name is
called so on all of them, and whoever has removed a step has no word in where it stands.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrator.domain.document.canonical import Document, canonical_json
from orchestrator.domain.document.reading import with_step_name
from orchestrator.domain.names import STEP_NAME_LENGTH

_ORIGIN = ("kind", "template", "pipeline")
_NUMBERED = re.compile(r"(.*?)(?:-([0-9]{1,6}))?", re.DOTALL)


class Sides(NamedTuple):
    """What a merge looks at: where both began, and what each has made of it."""

    base: Any
    mine: Any
    theirs: Any


class Renaming(NamedTuple):
    """A step that both sides have given another name, not the same."""

    base: str
    mine: str
    theirs: str


def is_editable(value: Any) -> bool:
    """Tell whether a value has the bones of a document; a draft may hold anything."""
    if not isinstance(value, dict) or not _are_objects(value.get("steps")):
        return False
    for step in value["steps"]:
        parents = step.get("parents")
        if not isinstance(step.get("name"), str) or not isinstance(parents, list | None):
            return False
    objects = (value.get(key) for key in ("layout", "run", "defaults", "outputs"))
    lists = (value.get(key) for key in ("parameters", "groups", "notes"))
    return all(isinstance(one, dict | None) for one in objects) and all(
        one is None or _are_objects(one) for one in lists
    )


def with_own_names(sides: Sides) -> Sides:
    """Give my new steps other names where theirs has new ones of the same: both shall arrive."""
    old, own, foreign = map(_steps_by_name, sides)
    taken = {*old, *own, *foreign}
    mine = sides.mine
    for name, step in own.items():
        if name in old or name not in foreign:
            continue
        if _is_one([*_marks(sides.mine, step)], [*_marks(sides.theirs, foreign[name])]):
            continue
        free = _free_name(taken, name)
        taken.add(free)
        mine = with_step_name(mine, name, free)
    return sides._replace(mine=mine)


def with_alike_names(sides: Sides) -> tuple[Sides, list[Renaming]]:
    """Give each renamed step one name on all sides: mine, where both have renamed it."""
    own, foreign = _renames(sides.base, sides.mine), _renames(sides.base, sides.theirs)
    differing = []
    for name in dict.fromkeys((*own, *foreign)):
        ours, other = own.get(name), foreign.get(name)
        to = ours or other or name
        if ours is not None and other is not None and ours != other:
            differing.append(Renaming(name, ours, other))
        called = (name, ours or name, other or name)
        if all(_is_free(side, one, to) for side, one in zip(sides, called, strict=True)):
            renamed = (
                with_step_name(side, one, to) if one != to else side
                for side, one in zip(sides, called, strict=True)
            )
            sides = Sides(*renamed)
    return sides, differing


def with_places_of(base: Document, side: Document) -> Document:
    """Return a side with the places of the steps that it has removed, so they look untouched."""
    kept = _places_without(base, side)
    return {**side, "layout": {**(side.get("layout") or {}), **kept}} if kept else side


def without_places_of(base: Document, merged: Document) -> Document:
    """Return what was merged without the places of steps that are no more."""
    gone, layout = _places_without(base, merged), merged.get("layout") or {}
    if not gone.keys() & layout.keys():
        return merged
    left = {name: at for name, at in layout.items() if name not in gone}
    rest = {key: value for key, value in merged.items() if key != "layout"}
    return {**rest, "layout": left} if left else rest


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_one(own: list[str], foreign: list[str]) -> bool:
    """Tell whether two new steps are one: by where both stand, else by what they say."""
    are_placed = len(own) == len(foreign) == 2
    return own[1] == foreign[1] if are_placed else own[0] == foreign[0]


def _free_name(taken: Container[str], name: str) -> str:
    stem, number = _NUMBERED.fullmatch(name).groups()  # type: ignore[union-attr]
    count = int(number or 1) + 1
    while (free := f"{stem[: STEP_NAME_LENGTH - 8]}-{count}") in taken:
        count += 1
    return free


def _is_free(document: Document, name: str, to: str) -> bool:
    return name == to or to not in _steps_by_name(document)


def _renames(before: Document, after: Document) -> dict[str, str]:
    """Find the steps that have another name now.

    They are gone under the old one, and new under one that stands in the same place or says all
    the same.
    """
    old, now = _steps_by_name(before), _steps_by_name(after)
    fresh: dict[str, list[str]] = {}
    for name, step in now.items():
        if name not in old:
            for mark in _marks(after, step):
                fresh.setdefault(mark, []).append(name)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name, step in old.items():
        if name in now or not fresh:
            continue
        candidates = (new for mark in _marks(before, step) for new in fresh.get(mark, ()))
        found = next((new for new in candidates if new not in taken), None)
        if found is not None:
            taken.add(found)
            names[name] = found
    return names


def _marks(document: Document, step: Mapping[str, Any]) -> Iterator[str]:
    """Go through what a step is known by without its name.

    It is all that it says; and what it clones with where it stands.
    """
    yield canonical_json({**step, "name": ""})
    place = (document.get("layout") or {}).get(step["name"])
    if _is_place(place):
        yield canonical_json([[step.get(key) for key in _ORIGIN], place])


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
    )


def _places_without(base: Document, other: Document) -> dict[str, Any]:
    gone = _steps_by_name(base).keys() - _steps_by_name(other).keys()
    return {name: at for name, at in (base.get("layout") or {}).items() if name in gone}


def _steps_by_name(document: Document) -> dict[str, Mapping[str, Any]]:
    """Return the steps by their names, of equal ones the first."""
    steps: Sequence[Mapping[str, Any]] = document["steps"]
    found: dict[str, Mapping[str, Any]] = {}
    for step in steps:
        found.setdefault(step["name"], step)
    return found
