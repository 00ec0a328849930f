"""Giving steps that come to others names of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count

from orchestrator.domain.document.canonical import Document
from orchestrator.domain.document.reading import with_step_name
from orchestrator.domain.names import STEP_NAME_LENGTH


def named_apart(steps: Sequence[Mapping[str, object]], taken: Collection[str]) -> list[Document]:
    """The steps under names that nobody has: "x", then "x_1", "x_2", …

    Where one of them names another it means the nearest one before it of that name, else the one
    that was there already.
    """
    names = set(taken)
    found: list[Document] = []
    waiting = [dict(step) for step in steps]
    for place, step in enumerate(waiting):
        old = str(step["name"])
        new = _unique(old, names)
        names.add(new)
        found.append({**step, "name": new})
        for later in range(place + 1, len(waiting)) if new != old else ():
            own = waiting[later]["name"]
            (renamed,) = with_step_name({"steps": [waiting[later]]}, old, new)["steps"]
            waiting[later] = {**renamed, "name": own}
    return found


def _unique(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    tried = (f"{name[: STEP_NAME_LENGTH - 7]}_{number}" for number in count(1))
    return next(one for one in tried if one not in taken)
