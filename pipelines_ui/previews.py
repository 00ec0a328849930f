"""What of an artifact can be looked at in the page: a picture, a table, a plot, JSON or text."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Mapping
from typing import Any

from pipelines_ui.plots import plot_shown

MOST_ROWS = 50
MOST_COLUMNS = 30
MOST_CHARACTERS = 20_000
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# As much as the interface gives as values.
LARGEST_TREE = 2 * 1024 * 1024
PLOT = "application/vnd.plotly.v1+json"
ARRAYS = frozenset({"array", "arrays"})
DRAWING = "image/svg+xml"
TABLES = {"text/csv": ",", "text/tab-separated-values": "\t"}


def preview(artifact: Mapping[str, Any]) -> dict[str, Any]:
    """How to show an artifact; ``kind`` is empty when it can only be downloaded."""
    media_type = artifact["media_type"].partition(";")[0].strip().lower()
    text = artifact["preview"]
    if artifact.get("kind") in ARRAYS:
        return _array(artifact.get("metadata") or {})
    if media_type in PICTURES:
        return {"kind": "image"}
    if media_type == DRAWING:
        # Downloads of drawings are sent as plain bytes; their preview is made to be shown.
        return {"kind": "image", "by_preview": True}
    if not text:
        return {"kind": ""}
    if media_type == PLOT:
        return plot_shown(text)
    if media_type in TABLES and (table := _table(text, TABLES[media_type])):
        return table
    is_json = media_type == "application/json"
    if is_json:
        text = _indented(text)
    cut = len(text) > MOST_CHARACTERS or len(artifact["preview"].encode()) < artifact["size"]
    kind = "json" if is_json and artifact["size"] <= LARGEST_TREE else "text"
    return {"kind": kind, "text": text[:MOST_CHARACTERS], "cut": cut}


def _array(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What numpy says of an array, as its maker has written it down."""
    text = metadata.get("preview")
    if not isinstance(text, str):
        return {"kind": ""}
    shape = metadata.get("shape")
    if isinstance(shape, list):
        text = f"{metadata.get('dtype')} {tuple(shape)}\n{text}"
    return {"kind": "text", "text": text[:MOST_CHARACTERS], "cut": False}


def _table(text: str, delimiter: str) -> dict[str, Any] | None:
    """The first rows; none when the text is no table, whatever its maker says."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [row[:MOST_COLUMNS] for row in itertools.islice(reader, MOST_ROWS + 2)]
    except csv.Error:
        return None
    if not rows:
        return None
    # What is shown ends before the row that may have been cut in its middle.
    body = rows[1 : MOST_ROWS + 1]
    return {"kind": "table", "columns": rows[0], "rows": body, "cut": len(rows) > MOST_ROWS + 1}


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        # Cut in the middle, or not what it says: then as it is.
        return text
