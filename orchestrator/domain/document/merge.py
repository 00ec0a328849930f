"""Two documents that began as one, made one again: by step and field.

What only one side has changed arrives; what both have changed differently stays as mine and is
told as a conflict. The twin of ``static/js/editor/model/merge.js``; both are checked against
``tests/scenarios/merge``.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from orchestrator.domain.document.alike import (
    Sides,
    is_editable,
    with_alike_names,
    with_own_names,
    with_places_of,
    without_places_of,
)


class _Missing(Enum):
    """Stands for what is not there."""

    MISSING = "missing"


MISSING: Final = _Missing.MISSING

# Objects that are merged key by key; every other one is a value of its own.
RECORDS = frozenset(
    {
        "approval",
        "concurrency",
        "defaults",
        "for_each",
        "hooks",
        "layout",
        "loop",
        "outputs",
        "parameters",
        "retries",
        "run",
    }
)
# Records whose keys are people's own: what stands there is a value, whatever the key.
MAPS = frozenset({"layout", "outputs", "parameters"})
# Records that say something by being there: to take one away is more than to empty it.
WHOLE = frozenset({"approval", "concurrency", "for_each", "loop"})
# Lists of things with names.
NAMED = frozenset({"form", "groups", "parameters", "steps"})
# Lists in which each value stands for itself.
SETS = frozenset({"choices", "on", "parents", "pause_at", "roles", "tags"})


class Clash(NamedTuple):
    """What both sides have changed differently; in ``where`` things of a list go by names."""

    where: tuple[str, ...]
    base: Any
    mine: Any
    theirs: Any

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape: a side that has nothing there is left out."""
        sides = {"base": self.base, "mine": self.mine, "theirs": self.theirs}
        there = {key: value for key, value in sides.items() if value is not MISSING}
        return {"where": list(self.where), **there}


class Merged(NamedTuple):
    """A document of both sides, and what could not be brought together."""

    document: Any
    conflicts: tuple[Clash, ...] = ()


def merge(base: Any, mine: Any, theirs: Any) -> Merged:
    """Merge what both sides have made of a base; where they clash, mine stands."""
    if same(base, mine):
        return Merged(theirs)
    if same(base, theirs) or same(mine, theirs):
        return Merged(mine)
    clashes: list[Clash] = []
    sides = Sides(base, mine, theirs)
    if not all(map(is_editable, sides)):
        return Merged(_value(clashes, sides, (), ""), tuple(sorted(clashes, key=_in_place)))
    sides, renamings = with_alike_names(with_own_names(sides))
    clashes.extend(Clash(("steps", one.mine, "name"), *one) for one in renamings)
    began = sides.base
    sides = Sides(began, with_places_of(began, sides.mine), with_places_of(began, sides.theirs))
    document = _value(clashes, sides, (), "")
    return Merged(without_places_of(began, document), tuple(sorted(clashes, key=_in_place)))


def _in_place(clash: Clash) -> tuple[str, ...]:
    return clash.where


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values say the same: true is not 1, but 1.0 is."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _value(clashes: list[Clash], sides: Sides, where: tuple[str, ...], key: str | None) -> Any:
    """Merge one value; ``key`` says how: "" like a record, none as a whole."""
    base, mine, theirs = sides
    if same(mine, theirs) or same(base, theirs):
        return mine
    if same(base, mine):
        return theirs
    if key is not None and _is_nothing(mine) and _is_nothing(theirs):
        return mine
    full = None if key is None else _filled(sides, key)
    if full is None or key is None:
        clashes.append(Clash(where, *sides))
        return mine
    merged = (_list if isinstance(full.mine, list) else _record)(clashes, full, where, key)
    bare = [side for side in (mine, theirs) if _is_nothing(side)]
    return bare[0] if bare and not merged else merged


def _filled(sides: Sides, key: str) -> Sides | None:
    """Return the sides as records, or as lists, nothing being an empty one.

    None means that they are to be taken as a whole.
    """
    both = (sides.mine, sides.theirs)
    is_record = (key == "" or key in RECORDS) and any(isinstance(side, dict) for side in both)
    is_list = key == "notes" or key in NAMED or (key in SETS and all(map(_are_scalars, both)))
    kind: type = dict if is_record else list
    if not (is_record or is_list):
        return None
    if not all(isinstance(side, kind) or _is_nothing(side) for side in both):
        return None
    if any(map(_is_nothing, both)) and (key == "" or key in WHOLE):
        return None
    return Sides(*(side if isinstance(side, kind) else kind() for side in sides))


def _record(clashes: list[Clash], sides: Sides, where: tuple[str, ...], key: str) -> dict[str, Any]:
    if len(where) == 1 and key == "layout":
        return _layout(clashes, sides)
    merged = {}
    for inner in dict.fromkeys((*sides.mine, *sides.theirs)):
        there = Sides(*(side.get(inner, MISSING) for side in sides))
        value = _value(clashes, there, (*where, inner), None if key in MAPS else inner)
        if value is not MISSING:
            merged[inner] = value
    return merged


def _layout(clashes: list[Clash], sides: Sides) -> dict[str, Any]:
    """Merge where steps stand: one thing to decide about, however many stand elsewhere."""
    inner: list[Clash] = []
    merged = _record(inner, sides, (), "layout")
    if inner:
        names = {clash.where[0] for clash in inner}
        clashes.append(Clash(("layout",), *(_only(side, names) for side in sides)))
    return merged


def _list(clashes: list[Clash], sides: Sides, where: tuple[str, ...], key: str) -> list[Any]:
    if key == "notes":
        return _notes(clashes, sides)
    key_of = _name if key in NAMED else _scalar
    base, mine, theirs = (_keyed(side, key_of) for side in sides)
    kept = {}
    for inner in dict.fromkeys((*mine, *theirs)):
        there = Sides(*(side.get(inner, MISSING) for side in (base, mine, theirs)))
        value = _value(clashes, there, (*where, inner), "")
        if value is not MISSING:
            kept[inner] = value
    return [kept[inner] for inner in _in_order(list(base), list(mine), list(theirs), kept)]


def _notes(clashes: list[Clash], sides: Sides) -> list[Any]:
    """Merge notes, which have no names: known by what they say, else by where they stand."""
    base, mine, theirs = sides
    one, other = _matched(base, mine), _matched(base, theirs)
    kept = []
    for number, note in enumerate(base):
        there = Sides(note, _at(mine, one[number]), _at(theirs, other[number]))
        inner: list[Clash] = []
        merged = _value(inner, there, (), "")
        if inner:
            clashes.append(Clash(("notes",), *there))
        if merged is not MISSING:
            kept.append(merged)
    added = [note for place, note in enumerate(mine) if place not in one]
    others = [note for place, note in enumerate(theirs) if place not in other]
    new = [note for note in others if not any(same(own, note) for own in added)]
    return [*kept, *added, *new]


def _matched(base: Sequence[Any], found: Sequence[Any]) -> list[int]:
    """Find for each of the base's notes its place in the other list, or -1.

    It is the same one, else one that says the same, else one that stands there.
    """
    places = [-1] * len(base)
    passes = (same, _is_equal_text, _is_equal_place)
    for is_one in passes:
        for number, note in enumerate(base):
            if places[number] < 0:
                free = (
                    place
                    for place, other in enumerate(found)
                    if place not in places and is_one(note, other)
                )
                places[number] = next(free, -1)
    return places


def _in_order(
    base: list[str], mine: list[str], theirs: list[str], kept: Mapping[str, Any]
) -> list[str]:
    """Order what is kept: as theirs when mine has no order of its own, else as mine.

    What that side lacks stands after the thing that it followed on its own side.
    """
    stays, known = set(mine), set(base)
    moved = [key for key in base if key in stays] != [key for key in mine if key in known]
    lead, follow = (mine, theirs) if moved else (theirs, mine)
    order = [key for key in lead if key in kept]
    followers: dict[str | None, list[str]] = {key: [] for key in (None, *order)}
    last: str | None = None
    for key in follow:
        if key in followers:
            last = key
        elif key in kept:
            followers[last].append(key)
    return [*followers[None], *(one for key in order for one in (key, *followers[key]))]


def _keyed(things: Iterable[Any], key_of: Callable[[Any], str]) -> dict[str, Any]:
    """Return a list's things by their keys; a second one of a key gets a number."""
    found: dict[str, Any] = {}
    for thing in things:
        key = own = key_of(thing)
        number = 2
        while own in found:
            own = f"{key}[{number}]"
            number += 1
        found[own] = thing
    return found


def _name(thing: Any) -> str:
    name = thing.get("name") if isinstance(thing, dict) else None
    return name if isinstance(name, str) else ""


def _scalar(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, ensure_ascii=False)


def _are_scalars(value: Any) -> bool:
    return not isinstance(value, list) or not any(isinstance(one, dict | list) for one in value)


def _is_nothing(value: Any) -> bool:
    return value is MISSING or value is None


def _is_equal_text(one: Any, other: Any) -> bool:
    return _is_equal_key(one, other, "text")


def _is_equal_place(one: Any, other: Any) -> bool:
    return _is_equal_key(one, other, "at")


def _is_equal_key(one: Any, other: Any, key: str) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    return key in one and key in other and same(one[key], other[key])


def _only(record: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in names}


def _at(notes: Sequence[Any], place: int) -> Any:
    return notes[place] if place >= 0 else MISSING
