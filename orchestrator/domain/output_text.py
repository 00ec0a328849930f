"""Output as it comes, bytes in and text out: decoding, the cap on lines, the cap on all of it.

Pure: no files, no clock, no database.
"""

from __future__ import annotations

import codecs
from collections import deque
from dataclasses import dataclass

AGENT_STREAM = "agent"
TAIL_BYTES = 1024 * 1024
PIECE_CHARACTERS = 256 * 1024


class StreamText:
    """Decodes one stream piece by piece and cuts lines that are too long.

    *in_line*: so many bytes of its first line were read already by somebody else.
    """

    def __init__(self, line_cap: int, in_line: int = 0) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line_cap = line_cap
        self._in_line = in_line
        self._cut = 0

    def feed(self, data: bytes, *, last: bool = False) -> str:
        """The text of the next bytes; a character that is not complete yet waits for its rest."""
        if self._fits(data):
            self._count(data)
            text = self._decoder.decode(data)
        else:
            text = "".join(self._feed_line(line) for line in data.splitlines(keepends=True))
        if last:
            text += self._decoder.decode(b"", True) + self._end_cut()
        # PostgreSQL cannot hold a NUL; its picture can be read, too.
        return text.replace("\0", "␀")

    def _fits(self, data: bytes) -> bool:
        """True when no line can be too long; asked of every chunk, so without looking at each."""
        if self._cut or len(data) > self._line_cap:
            return False
        if self._in_line + len(data) <= self._line_cap:
            return True
        newline = data.find(b"\n")
        return newline >= 0 and self._in_line + newline <= self._line_cap

    def _count(self, data: bytes) -> None:
        # What a progress bar overwrites is no long line.
        start = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        self._in_line = len(data) - start + (0 if start else self._in_line)

    def _feed_line(self, line: bytes) -> str:
        body = line.rstrip(b"\r\n")
        kept = body[: max(self._line_cap - self._in_line, 0)]
        self._in_line += len(kept)
        self._cut += len(body) - len(kept)
        text = self._decoder.decode(kept)
        if len(body) == len(line):
            return text
        self._in_line = 0
        # A character that the cut went through has no rest to wait for.
        text += self._decoder.decode(b"", bool(self._cut)) + self._end_cut()
        return text + self._decoder.decode(line[len(body) :])

    def _end_cut(self) -> str:
        if not self._cut:
            return ""
        cut, self._cut = self._cut, 0
        return f" … [{cut:,} bytes of this line left out]"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one stream, with its place in the whole log."""

    n: int
    stream: str
    byte_from: int
    line_from: int
    text: str


class Transcript:
    """The log of one attempt: what waits to be stored, and where it stands in the whole.

    Up to the cap everything is kept; of what comes after that only the end, so that a step that
    prints without limit still shows how it began and how it ended.
    """

    def __init__(self, cap: int, tail: int = TAIL_BYTES) -> None:
        self._head_left = max(cap - tail, 0)
        self._tail_cap = min(tail, cap)
        self._tail: deque[tuple[str, str, int]] = deque()
        self._tail_bytes = 0
        self._left_out = 0
        self._waiting: list[tuple[str, str]] = []
        self.waiting_bytes = 0
        self._n = self._bytes = self._lines = 0

    def add(self, stream: str, text: str) -> None:
        """Append text; past the cap it goes to the tail."""
        size = len(text.encode())
        if self._head_left >= size:
            self._head_left -= size
            self._wait(stream, text, size)
            return
        self._head_left = 0
        self._tail.append((stream, text, size))
        self._tail_bytes += size
        while self._tail_bytes > self._tail_cap and len(self._tail) > 1:
            dropped = self._tail.popleft()[2]
            self._tail_bytes -= dropped
            self._left_out += dropped

    def close(self) -> None:
        """Put the tail behind the head, saying what is missing between them."""
        if self._left_out:
            self._wait(
                AGENT_STREAM, f"\n[{self._left_out:,} bytes left out: the log is too long]\n", 0
            )
        for stream, text, size in self._tail:
            self._wait(stream, text, size)
        self._tail.clear()

    @property
    def has_waiting(self) -> bool:
        """True when :meth:`take` would give something."""
        return bool(self._waiting)

    def take(self) -> list[Piece]:
        """What waits, as numbered pieces; neighbours of one stream become one up to a size."""
        waiting, self._waiting, self.waiting_bytes = self._waiting, [], 0
        joined: list[tuple[str, list[str]]] = []
        room = 0
        for stream, text in waiting:
            if joined and joined[-1][0] == stream and len(text) <= room:
                joined[-1][1].append(text)
                room -= len(text)
            else:
                joined.append((stream, [text]))
                room = PIECE_CHARACTERS - len(text)
        return [self._piece(stream, "".join(texts)) for stream, texts in joined]

    def _wait(self, stream: str, text: str, size: int) -> None:
        self._waiting.append((stream, text))
        self.waiting_bytes += size

    def _piece(self, stream: str, text: str) -> Piece:
        piece = Piece(self._n, stream, self._bytes, self._lines, text)
        self._n += 1
        self._bytes += len(text.encode())
        self._lines += text.count("\n")
        return piece
