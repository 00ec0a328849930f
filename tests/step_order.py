"""Says from a run's changes whether each step started after its parents had ended.

Reads nothing but what REST gives: the graph and the numbered changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.http import Api

GOOD = frozenset({"completed", "cached"})
WAITING = frozenset({"pending", "queued"})
ENDED = GOOD | {"failed", "crashed", "aborted", "skipped"}
MOST_CHANGES = 10_000


@dataclass
class Course:
    """What the changes tell of one step: the numbers and times of its begin and its end."""

    began: int = 0
    ended: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = "pending"


def order_problems(api: Api, run_id: str) -> list[str]:
    """Everything that is wrong with the order of a completed run's steps, in words."""
    nodes = api.get(f"runs/{run_id}/graph/")["nodes"]
    return problems(nodes, changes_of(api, run_id))


def changes_of(api: Api, run_id: str) -> list[dict[str, Any]]:
    """All changes of a run, page after page."""
    changes: list[dict[str, Any]] = []
    while True:
        since = changes[-1]["n"] if changes else 0
        path = f"runs/{run_id}/changes/?stream=false&since={since}&limit={MOST_CHANGES}"
        if not (page := api.get(path)["changes"]):
            return changes
        changes += page


def problems(nodes: Iterable[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong: numbers with gaps, steps that have not completed, children before parents."""
    numbers = [change["n"] for change in changes]
    found = [] if numbers == list(range(1, len(numbers) + 1)) else ["the numbers have gaps"]
    courses = _courses(changes)
    names = {node["index"]: node["name"] for node in nodes}
    for node in nodes:
        course = courses.get(node["index"], Course())
        if course.status not in GOOD or course.began_at is None:
            found.append(f"{node['name']} is {course.status}")
            continue
        for index in node["parents"]:
            before = courses.get(index, Course())
            told_after = 0 < before.ended < course.began
            began_after = before.ended_at is not None and before.ended_at <= course.began_at
            if not (told_after and began_after):
                found.append(f"{node['name']} began before {names[index]} had ended")
    return found


def seconds_of(row: Mapping[str, Any]) -> float:
    """How long a run, an attempt or a task was at work."""
    began, ended = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
    return (ended - began).total_seconds()


def _courses(changes: Iterable[Mapping[str, Any]]) -> dict[int, Course]:
    courses: dict[int, Course] = {}
    for change in changes:
        data = change["data"]
        if change["kind"] != "step_status":
            continue
        course = courses.setdefault(data["step"], Course())
        course.status = data.get("status", course.status)
        # One turn tells of a parent's end and the child's launch in the order of their indexes.
        if course.status not in WAITING and not course.began:
            course.began = change["n"]
        course.began_at = _moment(data.get("started_at")) or course.began_at
        if course.status in ENDED:
            course.ended = change["n"]
            course.ended_at = _moment(data.get("ended_at")) or course.ended_at
    return courses


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
