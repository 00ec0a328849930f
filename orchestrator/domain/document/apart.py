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
    while True:
        tried[stem] = tried.get(stem, 0) + 1
        if (counted := f"{stem}_{tried[stem]}") not in taken:
            return counted
