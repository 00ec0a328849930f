"""Logs: pieces as they come, and the stored files that many pieces are folded into.

A file holds what the pieces held: one JSON object a line, compressed, with the keys stream,
byte_from, line_from and text. ``LogFile.key`` is its path below the folder of logs.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import Error, IntegrityError, transaction

from orchestrator.models import LogFile, LogPiece

logger = logging.getLogger(__name__)

FOLD_BYTES = 1024 * 1024
FOLD_PIECES = 1000


class Piece(Protocol):
    """A stretch of one stream, with its place in the whole log."""

    @property
    def n(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def byte_from(self) -> int: ...
    @property
    def line_from(self) -> int: ...
    @property
    def text(self) -> str: ...


class Backlog:
    """How much of a log is in pieces."""

    def __init__(self) -> None:
        self.pieces = 0
        self.bytes = 0

    def add(self, pieces: Sequence[Piece]) -> None:
        """Count pieces that were stored."""
        self.pieces += len(pieces)
        self.bytes += sum(len(piece.text.encode()) for piece in pieces)


def append(pieces: Iterable[tuple[uuid.UUID, int, Piece]]) -> None:
    """Store pieces of any number of tasks in one statement.

    Storing one again changes nothing, so a writer that does not know whether it succeeded repeats.
    """
    rows = [
        LogPiece(
            task_id=task_id,
            fence=fence,
            n=piece.n,
            stream=piece.stream,
            byte_from=piece.byte_from,
            line_from=piece.line_from,
            text=piece.text,
        )
        for task_id, fence, piece in pieces
    ]
    try:
        _insert(rows)
    except IntegrityError:
        _insert_those_with_a_task(rows)


def fold_if_large(task_id: uuid.UUID, fence: int, backlog: Backlog) -> None:
    """Move the pieces of a log into a file once there are many; failing, leave them as they are."""
    if backlog.bytes < FOLD_BYTES and backlog.pieces < FOLD_PIECES:
        return
    try:
        fold(task_id, fence)
    except (OSError, Error) as error:
        logger.warning("log of task %s stays in pieces for now: %s", task_id, error)
        return
    backlog.bytes = backlog.pieces = 0


def fold(task_id: uuid.UUID, fence: int) -> LogFile | None:
    """Move all pieces of a log into one file; the file is complete before any row changes."""
    pieces = list(LogPiece.objects.filter(task_id=task_id, fence=fence).order_by("n"))
    if not pieces:
        return None
    first, last = pieces[0], pieces[-1]
    key = f"{task_id}.{fence}/{first.n:08d}.jsonl.gz"
    _write(file_path(key), pieces)
    with transaction.atomic():
        file = LogFile.objects.create(
            task_id=task_id,
            fence=fence,
            n=first.n,
            byte_from=first.byte_from,
            line_from=first.line_from,
            bytes=last.byte_from + len(last.text.encode()) - first.byte_from,
            lines=last.line_from + last.text.count("\n") - first.line_from,
            key=key,
        )
        LogPiece.objects.filter(
            task_id=task_id, fence=fence, n__gte=first.n, n__lte=last.n
        ).delete()
    return file


def file_path(key: str) -> Path:
    """Where the file of a key lies."""
    return Path(settings.PIPELINES_DATA_DIR) / "logs" / key


def remove_files(keys: Iterable[str]) -> None:
    """Take away the files of logs that are no more, and the folders that they leave empty."""
    for path in map(file_path, keys):
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def _insert(rows: list[LogPiece]) -> None:
    with transaction.atomic():
        LogPiece.objects.bulk_create(rows, ignore_conflicts=True)


def _insert_those_with_a_task(rows: list[LogPiece]) -> None:
    """A task that was deleted meanwhile must not hold up the others' output."""
    for row in rows:
        try:
            _insert([row])
        except IntegrityError:
            logger.warning("output of task %s is dropped: the task is gone", row.task_id)


def _write(path: Path, pieces: Sequence[LogPiece]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with gzip.open(temporary, "wt", encoding="utf-8", compresslevel=3) as file:
        for piece in pieces:
            line = {
                "stream": piece.stream,
                "byte_from": piece.byte_from,
                "line_from": piece.line_from,
                "text": piece.text,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    os.replace(temporary, path)
