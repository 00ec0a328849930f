"""Sending what artifacts and logs hold: as a download that a browser never runs, or a preview."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from mimetypes import MimeTypes
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from orchestrator.domain.errors import NotFound
from orchestrator.models import Artifact
from orchestrator.store import contents

_ARRAY_ENDINGS: Final = {"array": ".npy", "arrays": ".npz"}
TEXT_BYTES: Final = 64 * 1024
JSON_BYTES: Final = 2 * 1024 * 1024
IMAGE_BYTES: Final = 4 * 1024 * 1024
TABLE_BYTES: Final = 2 * 1024 * 1024
TABLE_ROWS: Final = 1_000

# Everything else is sent as bytes without a meaning.
_PLAIN_TYPES: Final = frozenset(
    {"text/plain", "text/csv", "application/json", "application/x-ndjson"}
)
_IMAGE_TYPES: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
)
_TABLES: Final = {"text/csv": ",", "text/tab-separated-values": "\t"}
_TYPES: Final = {
    "whole": re.compile(r"[+-]?\d{1,30}"),
    "number": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf|nan|NaN"),
    "flag": re.compile(r"[Tt]rue|[Ff]alse"),
    "time": re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?"),
}
_SAFE_TYPES: Final = _PLAIN_TYPES | (_IMAGE_TYPES - {"image/svg+xml"})
SENT_AS: Final = ("application/octet-stream", *sorted(_SAFE_TYPES - {"application/json"}))
"""What a downloaded artifact may be besides JSON."""


def download(request: Request, artifact: Artifact) -> HttpResponse | StreamingHttpResponse:
    """Send an artifact as a file to be saved, never as a page of ours."""
    if not contents.content_path(artifact.sha256).is_file():
        raise NotFound(f'the content of artifact "{artifact.name}" is not in the store any more')
    plain = artifact.media_type.partition(";")[0].strip().lower()
    media_type = plain if plain in _SAFE_TYPES else "application/octet-stream"
    name = artifact.name if "." in artifact.name else f"{artifact.name}{_ending(artifact)}"
    response = streamed(request, contents.read_chunks(artifact.sha256), media_type, name)
    response["Content-Length"] = str(artifact.size)
    response["ETag"] = f'"{artifact.sha256}"'
    return response


def _ending(artifact: Artifact) -> str:
    """Give a file without an ending the one by which its reader will know it."""
    if artifact.kind == "folder":
        return ".tar"
    if artifact.kind in _ARRAY_ENDINGS:
        return _ARRAY_ENDINGS[artifact.kind]
    # Not the module's functions: those also read what a machine has installed.
    return MimeTypes().guess_extension(artifact.media_type.partition(";")[0].strip()) or ""


def streamed(
    request: Request, pieces: Iterator[bytes], media_type: str, name: str
) -> StreamingHttpResponse:
    """Send pieces as they are read, as a file of this name."""
    asynchronous = isinstance(request._request, ASGIRequest)
    response = StreamingHttpResponse(
        _in_thread(pieces) if asynchronous else pieces, content_type=media_type
    )
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-cache"
    return response


async def _in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    # Left to Django, the whole content would be gathered in memory first.
    take = sync_to_async(lambda: next(pieces, None))
    while (piece := await take()) is not None:
        yield piece


def preview(artifact: Artifact) -> dict[str, Any]:
    """Give what a page shows of an artifact: the start of it, in its own way."""
    plain = artifact.media_type.partition(";")[0].strip().lower()
    if artifact.kind == "folder":
        return _nothing("a folder: download it")
    if not contents.content_path(artifact.sha256).is_file():
        return _nothing("the content is not in the store any more")
    if artifact.kind in _ARRAY_ENDINGS and isinstance(artifact.metadata.get("preview"), str):
        # What numpy says of it; its maker has written that down.
        return {"kind": "text", "truncated": True, "text": artifact.metadata["preview"]}
    if plain in _IMAGE_TYPES:
        return _image(artifact, plain)
    if plain in _TABLES:
        return _table(artifact, _TABLES[plain])
    if plain == "application/json" and artifact.size <= JSON_BYTES:
        return _json(artifact)
    if plain.startswith("text/") or plain in _PLAIN_TYPES or artifact.preview:
        return _text(artifact)
    return _nothing(f"{plain} cannot be shown here: download it")


def _nothing(reason: str) -> dict[str, Any]:
    return {"kind": "none", "truncated": False, "reason": reason}


def _text(artifact: Artifact) -> dict[str, Any]:
    text = contents.read_start(artifact.sha256, TEXT_BYTES).decode(errors="replace")
    return {"kind": "text", "truncated": artifact.size > TEXT_BYTES, "text": text}


def _json(artifact: Artifact) -> dict[str, Any]:
    try:
        value = json.loads(contents.read_start(artifact.sha256, JSON_BYTES))
        # What JSON does not know (NaN) must not go out in our answer either.
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return _text(artifact)
    return {"kind": "json", "truncated": False, "json": value}


def _table(artifact: Artifact, delimiter: str) -> dict[str, Any]:
    start = contents.read_start(artifact.sha256, TABLE_BYTES)
    truncated = artifact.size > TABLE_BYTES
    if truncated:
        # The last line may be cut in the middle.
        start = start[: start.rfind(b"\n") + 1] or start
    try:
        text = io.StringIO(start.decode("utf-8-sig", "replace"), newline="")
        reader = csv.reader(text, delimiter=delimiter)
        rows = [row for row, _ in zip(reader, range(TABLE_ROWS + 2), strict=False)]
    except csv.Error:
        return _text(artifact)
    header, body = (rows[0], rows[1 : TABLE_ROWS + 1]) if rows else ([], [])
    return {
        "kind": "table",
        "truncated": truncated or len(rows) > TABLE_ROWS + 1,
        "header": header,
        "types": [_type([row[n] for row in body if n < len(row)]) for n in range(len(header))],
        "rows": body,
    }


def _type(cells: list[str]) -> str:
    """Tell what the cells of a column are, those without a value left aside."""
    known = [cell for cell in cells if cell]
    for word, form in _TYPES.items():
        if known and all(form.fullmatch(cell) for cell in known):
            return word
    return "text"


def _image(artifact: Artifact, media_type: str) -> dict[str, Any]:
    if artifact.size > IMAGE_BYTES:
        return _nothing(f"an image of {artifact.size:,} bytes: download it")
    content = base64.b64encode(contents.read_start(artifact.sha256, IMAGE_BYTES)).decode()
    data = f"data:{media_type};base64,{content}"
    return {"kind": "image", "truncated": False, "data": data}
