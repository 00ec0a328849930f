"""What a task has reported, as the server has it."""

from __future__ import annotations

from pipelines.logger import SINGLE_VALUES_TITLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.task_core import TaskCore

_PIECE = 64 * 1024


def scalars(task: TaskCore, most: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Give each line's points, at most so many of each when that is not 0."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for one in _series(task):
        points = [point for point in one["points"] if point[0] is not None]
        if points and most and len(points) > most:
            points = [points[n * len(points) // most] for n in range(most)]
        if points:
            line = {"name": one["series"], "x": [x for x, _ in points], "y": [y for _, y in points]}
            found.setdefault(one["title"], {})[one["series"]] = line
    return found


def last_metrics(task: TaskCore) -> dict[str, dict[str, dict[str, Any]]]:
    """Give each line's last, least and greatest value."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for one in _series(task):
        values = [value for _, value in one["points"] if value is not None]
        if values:
            about = {"last": one["last"], "min": min(values), "max": max(values)}
            found.setdefault(one["title"], {})[one["series"]] = about
    return found


def single_values(task: TaskCore) -> dict[str, Optional[float]]:
    """Give the last of each value without a history."""
    return {
        one["series"]: one["last"] for one in _series(task) if one["title"] == SINGLE_VALUES_TITLE
    }


def console(task: TaskCore, pieces: int) -> list[str]:
    """Give the last so many pieces of what it wrote."""
    found: list[str] = []
    place = 0
    while True:
        log = task._api.get(task._path(f"logs/?from={place}&limit={_PIECE}"))
        found += [piece["text"] for piece in log["pieces"] if piece["stream"] != "agent"]
        if log["end"] or log["to"] == place:
            return found[-pieces:] if pieces > 0 else []
        place = log["to"]


def _series(task: TaskCore) -> list[dict[str, Any]]:
    if task._is_own:
        from pipelines.http import PATIENCE_SECONDS

        task._flush(PATIENCE_SECONDS)
    return list(task._api.pages(task._path("samples/")))
