"""Output that comes in batches over REST: numbered here, and kept as that of agents is.

Between two batches nothing is remembered but the log itself, so lines that go on from one batch
to the next are measured by what is stored of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from orchestrator.domain.names import CAPS
from orchestrator.domain.output_text import AGENT_STREAM, PIECE_CHARACTERS, Piece, StreamText
from orchestrator.models import LogFile, LogPiece
from orchestrator.store import logs

CUT_OFF: Final = "\n[the log is too long: what follows is left out]\n"
_MOST_BEFORE: Final = 50


@dataclass(slots=True)
class _End:
    """Where a log ends: the number of the next piece, and its place."""

    n: int
    bytes: int
    lines: int

    def piece(self, stream: str, text: str) -> Piece:
        piece = Piece(self.n, stream, self.bytes, self.lines, text)
        self.n += 1
        self.bytes += len(text.encode())
        self.lines += text.count("\n")
        return piece


def append(task_id: UUID, fence: int, sent: Iterable[tuple[str, str]]) -> None:
    """Put pairs of stream and text behind a log.

    Call with the task's row locked, so that two batches do not get the same numbers.
    """
    end = _end_of(task_id, fence)
    pieces: list[Piece] = []
    for stream, text in _joined(sent):
        if end.bytes >= CAPS.log_bytes:
            break
        cut = StreamText(CAPS.log_line_bytes, _in_line(task_id, fence, stream, pieces))
        pieces.append(end.piece(stream, cut.feed(text.encode(), last=True)))
        if end.bytes >= CAPS.log_bytes:
            pieces.append(end.piece(AGENT_STREAM, CUT_OFF))
    logs.append([(task_id, fence, piece) for piece in pieces])


def fold_if_large(task_id: UUID, fence: int) -> None:
    """Move the log into a file once there is much of it; call when nothing is locked."""
    log = LogPiece.objects.filter(task_id=task_id, fence=fence).values("n", "byte_from")
    first, last = log.order_by("n").first(), log.order_by("-n").first()
    if first is None or last is None:
        return
    backlog = logs.Backlog()
    backlog.pieces = last["n"] - first["n"] + 1
    backlog.bytes = last["byte_from"] - first["byte_from"]
    logs.fold_if_large(task_id, fence, backlog)


def _end_of(task_id: UUID, fence: int) -> _End:
    log = LogPiece.objects.filter(task_id=task_id, fence=fence)
    last = log.order_by("-n").values("n", "byte_from", "line_from", "text").first()
    if last is not None:
        end = _End(last["n"], last["byte_from"], last["line_from"])
        end.piece("", last["text"])
        return end
    file = LogFile.objects.filter(task_id=task_id, fence=fence).order_by("-n").first()
    if file is None:
        return _End(0, 0, 0)
    return _End(file.n + 1, file.byte_from + file.bytes, file.line_from + file.lines)


def _in_line(task_id: UUID, fence: int, stream: str, before: Sequence[Piece]) -> int:
    """How long the line is already that a stream has begun and not ended."""
    size = 0
    mine = [piece.text for piece in before if piece.stream == stream]
    rows = LogPiece.objects.filter(task_id=task_id, fence=fence, stream=stream).order_by("-n")
    for text in (*reversed(mine), *rows.values_list("text", flat=True)[:_MOST_BEFORE]):
        start = max(text.rfind("\n"), text.rfind("\r")) + 1
        size += len(text[start:].encode())
        if start or size >= CAPS.log_line_bytes:
            break
    return size


def _joined(sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of one stream as one, up to a size."""
    joined: list[tuple[str, str]] = []
    for stream, text in sent:
        if not text:
            continue
        if joined and joined[-1][0] == stream and len(joined[-1][1]) < PIECE_CHARACTERS:
            joined[-1] = stream, joined[-1][1] + text
        else:
            joined.append((stream, text))
    return joined
