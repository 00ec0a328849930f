"""A log as blocks of about a megabyte, and what is kept of them in memory.

A line is what the downloaded text has between two line ends, so numbers here, there and in an
editor agree. What a carriage return overwrites is not shown, as in a terminal.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, Subquery
from django.db.models.functions import Coalesce

from orchestrator.models import LogFile, LogPiece
from orchestrator.queries.log_levels import levels_of

STREAMS: Final = ("stdout", "stderr", "agent")
_LINES_BEFORE: Final = 100
_ROWS_BLOCK: Final = 1024 * 1024
_KEPT_BYTES: Final = 32 * 1024 * 1024
_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\-_])"
)
_OVERWRITTEN: Final = re.compile(r"(?m)^[^\n]*\r(?=[^\r\n])")
_STREAM_CODES: Final = {name: code for code, name in enumerate(STREAMS)}

Piece = dict[str, Any]


@dataclass
class Block:
    """A stretch of a log; its first line may have begun, and its last may end, in another."""

    first: int
    text: str
    streams: bytes

    @cached_property
    def plain(self) -> str:
        """The text without colours, which is what is searched."""
        return _ESCAPES.sub("", self.text) if "\x1b" in self.text else self.text

    @cached_property
    def levels(self) -> bytes:
        """The level of each line."""
        return levels_of(self.plain.split("\n"))

    def levels_between(self, start: int, stop: int) -> bytes:
        """The levels of some lines, without looking at all of a block for a screenful."""
        if "levels" in self.__dict__ or stop - start > len(self.streams) // 2:
            return self.levels[start:stop]
        # A traceback is rarely longer than what is looked at before.
        before = max(0, start - _LINES_BEFORE)
        return levels_of(self.plain.split("\n")[before:stop])[start - before :]

    @property
    def last(self) -> int:
        """The number of its last line, which is empty when the text ends with a line."""
        return self.first + len(self.streams) - 1


def shown(text: str) -> str:
    """What of a text a terminal would show."""
    if "\r" not in text:
        return text
    return _OVERWRITTEN.sub("", text).replace("\r", "")


def without_colours(text: str) -> str:
    """The text without the codes that colour it."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def blocks(task_id: UUID, fence: int, first: int = 0, last: int | None = None) -> Iterator[Block]:
    """Give the blocks that hold the lines from *first* to *last*, in order."""
    # Rows before files: what is moved meanwhile is then seen twice, never missed.
    rows = _rows(task_id, fence, first, last)
    files = LogFile.objects.filter(task_id=task_id, fence=fence)
    if last is not None:
        files = files.filter(line_from__lte=last)
    behind = 0
    for file in files.filter(line_from__gte=first - F("lines")).order_by("n"):
        behind = file.byte_from + file.bytes
        yield _kept.get(file)
    yield from _in_blocks(piece for piece in rows if piece["byte_from"] >= behind)


def line_count(task_id: UUID, fence: int) -> int:
    """Tell how many lines there are; one that has begun counts."""
    log = LogPiece.objects.filter(task_id=task_id, fence=fence)
    piece = log.order_by("-n").values("line_from", "text").first()
    if piece is not None:
        text = piece["text"]
        return int(piece["line_from"]) + text.count("\n") + (not text.endswith("\n"))
    file = LogFile.objects.filter(task_id=task_id, fence=fence).order_by("-n").first()
    if file is None:
        return 0
    return file.line_from + file.lines + (not _kept.get(file).text.endswith("\n"))


def _rows(task_id: UUID, fence: int, first: int, last: int | None) -> list[Piece]:
    log = LogPiece.objects.filter(task_id=task_id, fence=fence)
    # The piece that ends the line before may hold the beginning of the first one.
    before = log.filter(line_from__lt=first).order_by("-n").values("n")[:1]
    rows = log.filter(n__gte=Coalesce(Subquery(before), 0)).order_by("n")
    if last is not None:
        rows = rows.filter(line_from__lte=last)
    return [dict(row) for row in rows.values("stream", "byte_from", "line_from", "text")]


def _in_blocks(pieces: Iterable[Piece]) -> Iterator[Block]:
    gathered: list[Piece] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece["text"])
        if size >= _ROWS_BLOCK:
            yield _block(gathered)
            gathered, size = [], 0
    if gathered:
        yield _block(gathered)


def _block(pieces: list[Piece]) -> Block:
    """Put pieces together. A line is of the worst stream that has a part in it."""
    first = pieces[0]["line_from"]
    streams = bytearray()
    for piece in pieces:
        place = piece["line_from"] - first
        count = piece["text"].count("\n")
        code = _STREAM_CODES.get(piece["stream"], 0)
        streams.extend(bytes(max(0, place + 1 - len(streams))))
        if not piece["text"].startswith("\n"):
            streams[place] = max(streams[place], code)
        streams.extend(bytes([code]) * count)
        if piece["text"].endswith("\n"):
            streams[-1] = 0
    return Block(first, shown("".join(piece["text"] for piece in pieces)), bytes(streams))


def _read(file: LogFile) -> Block:
    path = settings.PIPELINES_DATA_DIR / "logs" / file.key
    with gzip.open(path, "rb") as lines:
        return _block([json.loads(line) for line in lines.read().splitlines()])


class _Kept:
    """The blocks of stored files that were asked for last. A file never changes once stored."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[str, str], Block] = OrderedDict()
        self._bytes = 0

    def get(self, file: LogFile) -> Block:
        key = (str(settings.PIPELINES_DATA_DIR), file.key)
        with self._lock:
            if (block := self._blocks.get(key)) is not None:
                self._blocks.move_to_end(key)
                return block
        block = _read(file)
        with self._lock:
            if key not in self._blocks:
                self._blocks[key] = block
                self._bytes += _size(block)
            while self._bytes > self._most and len(self._blocks) > 1:
                self._bytes -= _size(self._blocks.popitem(last=False)[1])
        return block


def _size(block: Block) -> int:
    # Text with colours is kept twice, once without them.
    return sys.getsizeof(block.text) * (2 if "\x1b" in block.text else 1) + 2 * len(block.streams)


_kept = _Kept(_KEPT_BYTES)
