"""Giving steps that come to others names of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from orchestrator.domain.document.canonical import Document
from orchestrator.domain.document.reading import naming_others
from orchestrator.domain.names import STEP_NAME_LENGTH


def named_apart(steps: Sequence[Mapping[str, object]], taken: Collection[str]) -> list[Document]:
    """The steps under names that nobody has: "x", then "x_1", "x_2", …

    Where one of them names another it means the nearest one before it of that name, else the one
    that was there already.
    """
    names = set(taken)
    tried: dict[str, int] = {}
    nearest: dict[str, str] = {}
    found: list[Document] = []
    for step in steps:
        old = str(step["name"])
        new = _unique(old, names, tried)
        found.append({**naming_others(step, nearest), "name": new})
        names.add(new)
        nearest[old] = new
    return found


def _unique(name: str, taken: Collection[str], tried: dict[str, int]) -> str:
    """A free name; *tried* is how far each was counted, so that many alike are counted once."""
    if name not in taken:
        return name
    stem = name[: STEP_NAME_LENGTH - 7]
    if stem not in tried:
        tried[stem] = _last_taken(stem, taken)
    while True:
        tried[stem] += 1
        if (counted := f"{stem}_{tried[stem]}") not in taken:
            return counted


def _last_taken(stem: str, taken: Collection[str]) -> int:
    """A number behind which one is free. A script that adds thousands of one name one by one has
    all of them taken: they are passed over in strides, which are halved then."""
    free = 1
    while f"{stem}_{free}" in taken:
        free *= 2
    used = free // 2
    while free - used > 1:
        middle = (free + used) // 2
        used, free = (middle, free) if f"{stem}_{middle}" in taken else (used, middle)
    return used
