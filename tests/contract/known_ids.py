"""What Schemathesis loads first: lets most requests speak of things that are there.

A made-up id finds nothing, and of a verb one then sees its 404 alone. SCHEMATHESIS_HOOKS names this
module; PIPELINES_CONTRACT_IDS holds the ids by kind as JSON.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from collections.abc import Iterator
from typing import Any

import schemathesis

IDS: dict[str, list[str]] = json.loads(os.environ.get("PIPELINES_CONTRACT_IDS", "{}"))
SHARE_OF_KNOWN = 0.85
SHARE_OF_KNOWN_IN_BODIES = 0.5
# Whose tokens ask: once they have ended, all that these get is 401.
ENDING = ("/abort/", "/finish/", "/reset/", "/dequeue/")
SPARED = {"tasks": 2, "runs": 1}
LONGEST_WAIT = "0.05"
_KINDS = {
    "project": "projects",
    "name": "queues",
    "queue": "queues",
    "task": "tasks",
    "step": "steps",
    "steps": "steps",
    "from": "steps",
    "user": "users",
    "like": "runs",
    "parent": "runs",
}
_choose = random.Random(0)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Put known ids in the place of made-up ones, and let nothing wait for long."""
    if case.path_parameters:
        plural = case.operation.path.removeprefix("/api/v1/").partition("/")[0]
        for name in case.path_parameters:
            # What is no id at all leads to another address: that of a name in a project.
            if _choose.random() < SHARE_OF_KNOWN or not _is_id(case.path_parameters[name]):
                ends = case.operation.path.endswith(ENDING)
                known = _known(name, plural, spare_the_first=ends)
                case.path_parameters[name] = known or case.path_parameters[name]
    for values in _objects_in(case.body):
        for name in values:
            if name in _KINDS and _choose.random() < SHARE_OF_KNOWN_IN_BODIES:
                known = _known(name, "")
                values[name] = [known] if isinstance(values[name], list) else known
    if isinstance(case.query, dict):
        # A stream ends with its run, and most runs here do not.
        for name in ("stream", "format"):
            case.query.pop(name, None)
        if "wait" in case.query and len(str(case.query["wait"])) > 1:
            case.query["wait"] = LONGEST_WAIT


def _is_id(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True


def _known(name: str, plural: str, *, spare_the_first: bool = False) -> str:
    if name == "number":
        return _choose.choice(("1", "2"))
    kind = plural if name == "id" else _KINDS.get(name, "")
    known = IDS.get(kind) or [""]
    if spare_the_first and kind in SPARED:
        known = known[SPARED[kind] :]
    return _choose.choice(known)


def _objects_in(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        yield body
        for value in body.values():
            yield from _objects_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from _objects_in(value)
