"""Questions about the output of an execution: from a byte on, and the whole of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from orchestrator.domain.states import FINAL, Status
from orchestrator.models import LogFile, LogPiece, Task

LOG_LIMIT = 256 * 1024

Piece = dict[str, Any]


def log_pieces(
    task_id: UUID, fence: int, from_byte: int = 0, limit: int = LOG_LIMIT
) -> dict[str, Any]:
    """Give the output from a byte on, about *limit* bytes of it; ask again from its ``to``.

    ``end`` says that nothing will follow: the execution is over and this reaches its last byte.
    """
    # Asked before the pieces are read: output is complete before a task is marked as ended.
    over = is_over(task_id, fence)
    pieces: list[dict[str, Any]] = []
    size, to, cut = 0, from_byte, False
    for piece in _pieces_from(task_id, fence, from_byte):
        if size >= limit:
            cut = True
            break
        pieces.append(piece)
        length = len(piece["text"].encode())
        size += length
        to = piece["byte_from"] + length
    return {
        "task": str(task_id),
        "fence": fence,
        "from": pieces[0]["byte_from"] if pieces else from_byte,
        "to": max(to, from_byte),
        "end": over and not cut,
        "pieces": pieces,
    }


def log_text(task_id: UUID, fence: int) -> Iterator[str]:
    """Give the whole output as text, piece by piece."""
    for piece in _pieces_from(task_id, fence, 0):
        yield piece["text"]


def is_over(task_id: UUID, fence: int) -> bool:
    """Tell whether nothing will be written by an execution any more."""
    row = Task.objects.filter(pk=task_id).values_list("status", "fence").first()
    return row is None or row[1] != fence or Status(row[0]) in FINAL


def _pieces_from(task_id: UUID, fence: int, from_byte: int) -> Iterator[Piece]:
    """Output in order: what was moved into files first, then the rows; the first one is cut."""
    behind = from_byte
    for piece in _stored(task_id, fence, from_byte):
        if piece["byte_from"] + len(piece["text"].encode()) <= behind:
            continue
        ready = _cut(piece, behind)
        if ready["text"]:
            behind = ready["byte_from"] + len(ready["text"].encode())
            yield ready


def _stored(task_id: UUID, fence: int, from_byte: int) -> Iterator[Piece]:
    log = LogPiece.objects.filter(task_id=task_id, fence=fence)
    first = log.filter(byte_from__lte=from_byte).order_by("-n").values("n")[:1]
    rows = log.filter(n__gte=Coalesce(Subquery(first), 0)).order_by("n")
    # Rows before files: what is moved meanwhile is then seen twice, never missed.
    pieces: list[Any] = list(rows.values("stream", "byte_from", "line_from", "text"))
    for file in LogFile.objects.filter(task_id=task_id, fence=fence).order_by("n"):
        if file.byte_from + file.bytes > from_byte:
            yield from _in_file(file)
    yield from pieces


def _in_file(file: LogFile) -> Iterator[Piece]:
    """The pieces that were moved into a file: one JSON object a line."""
    path = settings.PIPELINES_DATA_DIR / "logs" / file.key
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _cut(piece: Piece, from_byte: int) -> Piece:
    """The part of a piece that begins at *from_byte*, or the whole when it lies behind that."""
    skip = from_byte - piece["byte_from"]
    if skip <= 0:
        return piece
    data = piece["text"].encode()
    return {
        **piece,
        "byte_from": piece["byte_from"] + min(skip, len(data)),
        "line_from": piece["line_from"] + data[:skip].count(b"\n"),
        "text": data[skip:].decode("utf-8", "ignore"),
    }
