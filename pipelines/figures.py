"""Tables, images and plots in the form in which they are kept: CSV, PNG, plotly's JSON."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    Path = Union[str, os.PathLike[str]]
    Figure = dict[str, Any]

PLOT = "application/vnd.plotly.v1+json"


def table(plot: Any, csv_path: Optional[Path]) -> tuple[Any, str]:
    """Give a table as what is stored of it, with its media type."""
    if csv_path is not None:
        return _existing(csv_path), "text/csv"
    if hasattr(plot, "to_csv"):
        return plot, ""
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(_plain(plot))
    return buffer.getvalue().encode(), "text/csv"


def image(pixels: Any, path: Optional[Path]) -> tuple[Any, str]:
    """Give an image as what is stored of it, with its media type."""
    if path is not None:
        return _existing(path), _media_type(os.fspath(path))
    if hasattr(pixels, "save") and hasattr(pixels, "convert"):
        return pixels, "image/png"
    from pipelines.png import png

    return png(_plain(pixels)), "image/png"


def media(path: Optional[Path], stream: Any, extension: Optional[str]) -> tuple[Any, str]:
    """Give a file or a stream's content as what is stored of it, with its media type."""
    if path is not None:
        return _existing(path), _media_type(os.fspath(path))
    if stream is None:
        raise ValueError("report_media: give a file, as local_path, or a stream")
    content = stream.read()
    name = f"stream.{(extension or '').lstrip('.')}"
    return content.encode() if isinstance(content, str) else content, _media_type(name)


def drawn(figure: Any) -> tuple[bytes, str]:
    """Draw a figure of matplotlib; of its module pyplot the current one."""
    import io

    figure = figure.gcf() if hasattr(figure, "gcf") else figure
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue(), "image/png"


def plotly(figure: Any) -> Figure:
    """Give a figure of plotly as its JSON stands for it."""
    if hasattr(figure, "to_json"):
        return dict(json.loads(figure.to_json()))
    return _figure(_plain(figure))


def bars(
    series: str,
    values: Any,
    *,
    labels: Optional[Sequence[str]],
    xlabels: Optional[Sequence[str]],
    mode: Optional[str],
) -> Figure:
    """Make bars of values, or groups of bars of rows of values."""
    found = _plain(values)
    rows = found if found and isinstance(found[0], list) else [found]
    names = list(labels or []) or ([series] if len(rows) == 1 else [])
    data: list[dict[str, Any]] = []
    for n, row in enumerate(rows):
        trace: dict[str, Any] = {"type": "bar", "y": row}
        trace["x"] = list(xlabels) if xlabels else list(range(len(row)))
        trace["name"] = str(names[n]) if n < len(names) else f"{series} {n}"
        data.append(trace)
    return {"data": data, "layout": {"barmode": mode or "group"}}


def matrix(
    values: Any,
    xlabels: Optional[Sequence[str]],
    ylabels: Optional[Sequence[str]],
    *,
    reversed: bool,
) -> Figure:
    """Make a map of colours of a matrix."""
    rows = _plain(values)
    trace: dict[str, Any] = {"type": "heatmap", "z": rows, "text": rows}
    trace["texttemplate"] = "%{text}"
    if xlabels:
        trace["x"] = [str(label) for label in xlabels]
    if ylabels:
        trace["y"] = [str(label) for label in ylabels]
    layout = {"yaxis": {"autorange": "reversed"}} if reversed else {}
    return {"data": [trace], "layout": layout}


def points(
    lines: Mapping[str, Any], *, mode: str, labels: Optional[Sequence[str]] = None
) -> Figure:
    """Make lines, or marks, of pairs of x and y."""
    data: list[dict[str, Any]] = []
    for name, pairs in lines.items():
        found = _plain(pairs)
        xs, ys = [pair[0] for pair in found], [pair[1] for pair in found]
        trace = {"type": "scatter", "mode": mode, "name": name, "x": xs, "y": ys}
        if labels:
            trace["text"] = [str(label) for label in labels]
        data.append(trace)
    return {"data": data, "layout": {}}


def laid_out(
    figure: Figure, xaxis: Optional[str], yaxis: Optional[str], more: Optional[Mapping[str, Any]]
) -> Figure:
    """Name the axes of a figure."""
    layout = figure["layout"]
    for axis, name in (("xaxis", xaxis), ("yaxis", yaxis)):
        if name:
            layout.setdefault(axis, {})["title"] = {"text": str(name)}
    layout.update(more or {})
    return figure


def _figure(values: Any) -> Figure:
    if not isinstance(values, dict) or "data" not in values:
        raise TypeError("a plot is a figure of plotly, or a dictionary with its data and layout")
    return {"layout": {}, **values}


def _plain(values: Any) -> Any:
    """Make lists of arrays and tuples, numbers of what numpy has."""
    if hasattr(values, "tolist"):
        return values.tolist()
    if isinstance(values, dict):
        return {str(key): _plain(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_plain(value) for value in values]
    return values


def _existing(path: Path) -> Any:
    from pathlib import Path as FilePath

    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file {os.fspath(path)!r} to report")
    return FilePath(path)


def _media_type(name: str) -> str:
    from mimetypes import MimeTypes

    return MimeTypes().guess_type(name)[0] or "application/octet-stream"
