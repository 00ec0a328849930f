"""Reported values as small charts: numbers in, the points of lines out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH, HEIGHT, EDGE = 320, 96, 4
COLOURS = 6


def charts(samples: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One chart for each title that has a series of at least two values."""
    by_title: dict[str, list[Mapping[str, Any]]] = {}
    for series in samples:
        if len(_points(series)) > 1:
            by_title.setdefault(series["title"], []).append(series)
    return [_chart(title, listed) for title, listed in by_title.items()]


def single_values(samples: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was reported once: a name and a number."""
    return [
        {"title": series["title"], "series": series["series"], "value": series["last"]}
        for series in samples
        if len(_points(series)) <= 1
    ]


def _points(series: Mapping[str, Any]) -> list[tuple[float, float]]:
    numbered = enumerate(series["points"])
    # A loss that has become infinite cannot be drawn; the others still can.
    known = ((n, x, y) for n, (x, y) in numbered if y is not None and math.isfinite(y))
    return [(n if x is None else x, y) for n, x, y in known]


def _chart(title: str, listed: list[Mapping[str, Any]]) -> dict[str, Any]:
    lines = [_points(series) for series in listed]
    xs = [x for line in lines for x, _ in line]
    ys = [y for line in lines for _, y in line]
    across, up = (min(xs), max(xs)), (min(ys), max(ys))
    return {
        "title": title,
        "low": up[0],
        "high": up[1],
        "first": across[0],
        "last": across[1],
        "width": WIDTH,
        "height": HEIGHT,
        "series": [
            {
                "name": series["series"],
                "last": series["last"],
                "colour": place % COLOURS,
                "points": " ".join(
                    f"{_scaled(x, across, WIDTH):.1f},{HEIGHT - _scaled(y, up, HEIGHT):.1f}"
                    for x, y in line
                ),
            }
            for place, (series, line) in enumerate(zip(listed, lines, strict=True))
        ],
    }


def _scaled(value: float, span: tuple[float, float], size: int) -> float:
    low, high = span
    # Halved, because the span of two huge numbers may be too large for a number.
    share = (value / 2 - low / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else 0.5
    return EDGE + share * (size - 2 * EDGE)
