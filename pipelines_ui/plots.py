"""Plots that steps report as Plotly's JSON: points as tables, bars and lines as drawings.

Only what is in the JSON is read; nothing of it is ever executed or put into a page as markup.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

MOST_POINTS: Final = 200
MOST_TRACES: Final = 12
MOST_COLUMNS: Final = 30
MOST_LABELS: Final = 12
SHADES: Final = 8
WIDTH: Final = 320
HEIGHT: Final = 150

Row = list[str]


def plot_shown(text: str) -> dict[str, Any]:
    """How to show a plot: each trace as a table and, if it can be, as a drawing; ``kind`` is empty
    when this is no plot, or one of which only the beginning is known."""
    try:
        figure = json.loads(text)
    except (ValueError, RecursionError):
        return {"kind": ""}
    traces = figure.get("data") if isinstance(figure, dict) else None
    if not isinstance(traces, list):
        return {"kind": ""}
    named = [one for one in traces if isinstance(one, dict)]
    shown = [_trace(one, place) for place, one in enumerate(named[:MOST_TRACES], 1)]
    if len(named) == 1:
        # What it is called says the report.
        shown[0]["name"] = ""
    layout = figure.get("layout")
    axes = [_title_of(layout, axis) for axis in ("xaxis", "yaxis")]
    return {
        "kind": "plot",
        "traces": [one for one in shown if one["rows"]],
        "axes": " · ".join(axis for axis in axes if axis),
        "cut": len(named) > MOST_TRACES,
    }


def _trace(trace: Mapping[str, Any], place: int) -> dict[str, Any]:
    kind = str(trace.get("type") or "scatter")
    is_heat = "z" in trace
    header, rows = _heat(trace) if is_heat else _points(trace)
    shown: dict[str, Any] = {
        "name": _text(trace.get("name")) or f"{kind} {place}",
        "columns": header,
        "rows": rows[:MOST_POINTS],
        "cut": len(rows) > MOST_POINTS,
        "count": len(rows),
    }
    if is_heat:
        shown["heat"] = _shaded(trace, rows[:MOST_POINTS])
    else:
        numbers = [_number(value) for value in _list(trace.get("y"))]
        shown["drawing"] = _bars(trace, numbers) if kind == "bar" else _line(trace, numbers)
    return shown


def _points(trace: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """The values of a trace beside each other; pies have labels and values."""
    names = ("labels", "values") if "values" in trace else ("x", "y")
    columns = [name for name in names if _list(trace.get(name))]
    lists = [_list(trace[name]) for name in columns]
    return columns, [[_word(cell) for cell in cells] for cells in zip_longest(*lists)]


def _heat(trace: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """The rows of a matrix, each with its name."""
    matrix = [_list(line)[:MOST_COLUMNS] for line in _list(trace.get("z"))]
    width = max((len(line) for line in matrix), default=0)
    above = [_word(cell) for cell in _list(trace.get("x"))[:width]]
    beside = [_word(cell) for cell in _list(trace.get("y"))]
    header = ["", *(name or str(n + 1) for n, name in _padded(above, width))]
    names = [name or str(n + 1) for n, name in _padded(beside, len(matrix))]
    rows = [[name, *map(_word, line)] for name, line in zip(names, matrix, strict=True)]
    return header, rows


def _shaded(trace: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with a shade for each value, from 0 for the least one."""
    matrix = [[_number(value) for value in _list(line)] for line in _list(trace.get("z"))]
    known = [value for line in matrix for value in line if value is not None]
    scale = _shade_scale(min(known, default=0.0), max(known, default=0.0))
    return [
        {
            "name": name,
            "cells": [
                {"word": word, "shade": "" if value is None else scale(value)}
                for word, value in zip(words, line, strict=False)
            ],
        }
        for (name, *words), line in zip(rows, matrix, strict=False)
    ]


def _shade_scale(low: float, high: float) -> Callable[[float], int]:
    span = high - low
    if not 0 < span < math.inf:
        return lambda value: 0
    return lambda value: min(int((value - low) / span * SHADES), SHADES - 1)


def _padded(names: Sequence[str], count: int) -> Iterator[tuple[int, str]]:
    return ((n, names[n] if n < len(names) else "") for n in range(count))


def _bars(trace: Mapping[str, Any], numbers: Sequence[float | None]) -> dict[str, Any] | None:
    """Bars from the zero line, in the picture's own measures."""
    known = [number for number in numbers[:MOST_POINTS] if number is not None]
    if not known:
        return None
    low, high = min(0.0, *known), max(0.0, *known)
    scale = _scale(low, high, HEIGHT)
    zero = scale(0.0)
    step = WIDTH / len(numbers[:MOST_POINTS])
    bars = [
        {
            "x": round(n * step + step * 0.1, 2),
            "y": round(min(scale(number), zero), 2),
            "width": round(step * 0.8, 2),
            "height": round(max(abs(scale(number) - zero), 0.5), 2),
        }
        for n, number in enumerate(numbers[:MOST_POINTS])
        if number is not None
    ]
    labels = [_word(cell) for cell in _list(trace.get("x"))[: len(numbers[:MOST_POINTS])]]
    are_all = len(labels) == len(numbers) <= MOST_LABELS
    return {
        "bars": bars,
        "labels": labels if are_all else [],
        "across": [] if are_all else [*labels[:1], *labels[-1:]],
        "up": [f"{high:.3g}", f"{low:.3g}"],
        "width": WIDTH,
        "height": HEIGHT,
    }


def _line(trace: Mapping[str, Any], numbers: Sequence[float | None]) -> dict[str, Any] | None:
    """A line through the points, or the points alone, if both their places are numbers."""
    places = [_number(value) for value in _list(trace.get("x"))] or list(
        map(float, range(len(numbers)))
    )
    pairs = [
        (x, y) for x, y in zip(places, numbers, strict=False) if x is not None and y is not None
    ][: MOST_POINTS * 10]
    if len(pairs) < 2:
        return None
    left, right = min(x for x, _ in pairs), max(x for x, _ in pairs)
    low, high = min(y for _, y in pairs), max(y for _, y in pairs)
    across, up = _scale(left, right, WIDTH, upwards=False), _scale(low, high, HEIGHT)
    drawn = [(round(across(x), 2), round(up(y), 2)) for x, y in pairs]
    drawing: dict[str, Any] = {
        "across": [f"{left:.3g}", f"{right:.3g}"],
        "up": [f"{high:.3g}", f"{low:.3g}"],
        "width": WIDTH,
        "height": HEIGHT,
    }
    if "lines" in str(trace.get("mode") or "lines"):
        return {**drawing, "line": " ".join(f"{x},{y}" for x, y in drawn)}
    # Dots are lines without length: they stay round however wide the picture is.
    return {**drawing, "dots": "".join(f"M{x} {y}h0" for x, y in drawn)}


def _scale(
    low: float, high: float, length: int, *, upwards: bool = True
) -> Callable[[float], float]:
    """From values to places between the edges, a little away from them."""
    span = (high - low) or 1.0

    def place(value: float) -> float:
        share = (value - low) / span
        return 3 + (1 - share if upwards else share) * (length - 6)

    return place


def _title_of(layout: object, axis: str) -> str:
    said = layout.get(axis) if isinstance(layout, dict) else None
    title = said.get("title") if isinstance(said, dict) else None
    if isinstance(title, dict):
        title = title.get("text")
    return f"{axis[0]}: {title}" if isinstance(title, str) and title else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
