"""Questions about the values that an execution reports."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet

from orchestrator.models import Sample

MOST_POINTS = 2_000
_CHUNK = 2_000

Point = list[Any]


def samples(task_id: UUID, fence: int, since: int = 0) -> list[dict[str, Any]]:
    """Give what was reported after a cursor, one entry a series; a long one is thinned out.

    The largest ``newest`` of an answer is the cursor of the next. ``first`` is the number of the
    first new point of its series, so that one who follows sees when he has missed any.
    """
    rows = values_of(task_id, fence).filter(pk__gt=since)
    found = rows.values("title", "series").annotate(
        new=Count("pk"), first=Min("n"), newest=Max("pk"), last_n=Max("n")
    )
    about = {(one["title"], one["series"]): one for one in found.order_by("title", "series")}
    if not about:
        return []
    thinned = {key: _Thinned(one["new"]) for key, one in about.items()}
    points = rows.order_by("title", "series", "n").values_list("title", "series", "step", "value")
    # One by one: a series of a million values is never in memory.
    for title, series, step, value in points.iterator(chunk_size=_CHUNK):
        # A series that came in between is one of the next answer.
        if (title, series) in thinned:
            thinned[title, series].add([step, finite(value)])
    return [
        {
            "title": one["title"],
            "series": one["series"],
            "count": one["last_n"] + 1,
            "first": one["first"],
            "newest": one["newest"],
            "last": thinned[key].last,
            "points": thinned[key].points,
        }
        for key, one in about.items()
    ]


def values_of(task_id: UUID, fence: int) -> QuerySet[Sample]:
    """What an execution reported in numbers; tables and pictures are reports."""
    return Sample.objects.filter(task_id=task_id, fence=fence, reference="")


def sample_summary(task_id: UUID, fence: int) -> list[dict[str, Any]]:
    """Give how many values each series has, the least, the greatest and the last."""
    rows = values_of(task_id, fence)
    found = list(
        rows.values("title", "series")
        .annotate(count=Count("pk"), least=Min("value"), greatest=Max("value"), newest=Max("pk"))
        .order_by("title", "series")
    )
    newest = rows.filter(pk__in=[one["newest"] for one in found])
    last = dict(newest.values_list("pk", "value"))
    return [{**one, "last": last[one["newest"]]} for one in found]


def finite(value: float | None) -> float | None:
    """JSON has no word for a loss that has become infinite."""
    return value if value is not None and math.isfinite(value) else None


class _Thinned:
    """The points of a series, or of a long one the ends and of each stretch least and greatest."""

    def __init__(self, count: int) -> None:
        self.points: list[Point] = []
        self.last: float | None = None
        self._count = count
        self._size = 1 if count <= MOST_POINTS else -(-count // (MOST_POINTS // 2 - 1))
        self._number = 0
        self._least: tuple[int, Point] | None = None
        self._greatest: tuple[int, Point] | None = None

    def add(self, point: Point) -> None:
        """Take the next point."""
        number, self._number = self._number, self._number + 1
        self.last = point[1]
        if self._size == 1 or number in (0, self._count - 1):
            self._end_stretch()
            self.points.append(point)
            return
        if point[1] is not None:
            if self._least is None or point[1] < self._least[1][1]:
                self._least = (number, point)
            if self._greatest is None or point[1] > self._greatest[1][1]:
                self._greatest = (number, point)
        if self._number % self._size == 0:
            self._end_stretch()

    def _end_stretch(self) -> None:
        if self._least is None or self._greatest is None:
            return
        ends = dict((self._least, self._greatest))
        self.points += [ends[number] for number in sorted(ends)]
        self._least = self._greatest = None
