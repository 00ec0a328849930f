"""What a script makes under a key: made once, so that a script that starts again gets it back.

The key is unique for the task whose script it is. What was asked under it is kept field by field,
as hashes, so that asking for something else is refused and names the field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from orchestrator.domain.errors import KeyConflict, shortened
from orchestrator.models import Task

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Maker:
    """The script that makes something, and the key under which; without one it is made anew."""

    task: UUID
    fence: int
    key: str = ""

    @property
    def stored_key(self) -> str:
        """The key as it is kept."""
        return short_key(self.key, _LONGEST)


def short_key(key: str, longest: int) -> str:
    """Give a key that has at most so many characters: a long one, such as a path, as its hash."""
    if len(key) <= longest:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def is_made(maker: Maker | None) -> bool:
    """Tell whether there is something under this key already."""
    if maker is None or not maker.key:
        return False
    return Task.objects.filter(maker=maker.task, maker_key=maker.stored_key).exists()


def made_before(maker: Maker | None, asked: Mapping[str, Any]) -> Task | None:
    """Give what was made under this key, or nothing; call in the transaction that makes it.

    Raises KeyConflict naming the first field that was another one then.
    """
    if maker is None or not maker.key:
        return None
    # Of two that ask at once, the second sees what the first has made.
    Task.objects.select_for_update(of=("self",), no_key=True).get(pk=maker.task)
    found = Task.objects.filter(maker=maker.task, maker_key=maker.stored_key).first()
    if found is None:
        return None
    then = (found.created_by or {}).get("asked", {})
    now = _hashes(asked)
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            key = shortened(maker.key)
            raise KeyConflict(f'under the key "{key}" a task with another "{name}" was made')
    return found


def columns_of(maker: Maker | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the row of a new task says of who made it."""
    if maker is None:
        return {}
    said: dict[str, Any] = {"task": str(maker.task), "fence": maker.fence}
    if maker.key:
        said["asked"] = _hashes(asked)
    return {"maker_id": maker.task, "maker_key": maker.stored_key, "created_by": said}


def _hashes(asked: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[
            :16
        ]
        for name, value in asked.items()
        if value is not None
    }
