"""Questions about a log by its lines: some of them, and those that hold what is looked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import regex

from orchestrator.domain.errors import Invalid
from orchestrator.queries.log_blocks import STREAMS, Block, blocks, line_count, without_colours
from orchestrator.queries.log_blocks import shown as shown_of
from orchestrator.queries.log_levels import LEVEL_NAMES, LEVELS, level_of
from orchestrator.queries.logs import is_over

MOST_LINES: Final = 1_000
MOST_CHARACTERS: Final = 1024 * 1024
MOST_HITS: Final = 100_000
LONGEST_PATTERN: Final = 500
PATTERN_SECONDS: Final = 5.0
# A long log is searched in several answers, so that what is found early is seen early.
ANSWER_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in a log: words or a pattern, and levels; nothing means everything."""

    words: str = ""
    is_pattern: bool = False
    match_case: bool = False
    levels: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line; *text* still has its colours."""

    number: int
    text: str
    level: int
    stream: int


def read_levels(text: str) -> frozenset[int]:
    """Read the levels that a query names, parted by commas."""
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in LEVELS:
            message = f"a level is one of {', '.join(LEVELS)}"
            raise Invalid.at("levels", "bad_value", message)
    return frozenset(LEVELS[name] for name in names)


def log_lines(
    task_id: UUID,
    fence: int,
    *,
    first: int | None = 0,
    count: int = MOST_LINES,
    levels: frozenset[int] = frozenset(),
) -> dict[str, Any]:
    """Give *count* lines from *first* on, or the last ones; fewer when they are very long.

    With levels: that many lines of these levels, from that line on.
    """
    # Asked before the lines are read: output is complete before a task is marked as ended.
    over = is_over(task_id, fence)
    total = line_count(task_id, fence)
    first = max(0, total - count) if first is None else first
    last = None if levels else first + count - 1
    lines: list[Line] = []
    size = 0
    if count and first < total:
        for line in _lines(blocks(task_id, fence, first, last), first, last):
            if levels and line.level not in levels:
                continue
            size += len(line.text)
            if len(lines) >= count or (lines and size > MOST_CHARACTERS):
                break
            lines.append(line)
    return {
        "from": first,
        "lines": [
            [line.number, line.text, LEVEL_NAMES[line.level], STREAMS[line.stream]]
            for line in lines
        ],
        "total": total,
        "end": over,
    }


def find_lines(task_id: UUID, fence: int, wanted: Wanted, first: int = 0) -> dict[str, Any]:
    """Give the numbers of the lines that hold what is wanted, from a line on.

    Each number is told as its distance from the one before (the first: from *first*), which is
    short even for a hundred thousand of them. Go on from ``to`` until that is the total.
    """
    over = is_over(task_id, fence)
    total = line_count(task_id, fence)
    search = _search_for(wanted)
    stopped: list[int] = []
    found = _in_time(blocks(task_id, fence, first), first, stopped)
    steps: list[int] = []
    # The last line may go on, and what is looked for may then be in it.
    behind, to = first, total if over else total - 1
    for line in _hits(found, first, wanted, search):
        if len(steps) == MOST_HITS:
            to = behind + 1
            break
        steps.append(line - behind)
        behind = line
    if stopped:
        to = min(to, stopped[0])
    return {"from": first, "to": max(to, first), "total": total, "end": over, "steps": steps}


def _in_time(found: Iterator[Block], first: int, stopped: list[int]) -> Iterator[Block]:
    """Give blocks until the time of an answer is over; then note the line to go on from."""
    until = time.monotonic() + ANSWER_SECONDS
    for block in found:
        # Something must be gained: the block in which it began is searched in any case.
        if block.first > first and time.monotonic() > until:
            stopped.append(block.first)
            return
        yield block


def _lines(found: Iterator[Block], first: int, last: int | None) -> Iterator[Line]:
    """Part blocks into lines, putting together those that go through the end of a block."""
    open_line: Line | None = None
    for block in found:
        texts = block.text.split("\n")
        skip = max(0, first - block.first)
        start = 0 if open_line else min(skip, len(texts) - 1)
        stop = len(texts) if last is None else min(len(texts), last + 2 - block.first)
        levels = block.levels_between(start, stop)
        for place in range(start, stop):
            level = levels[place - start]
            line = Line(block.first + place, texts[place], level, block.streams[place])
            if open_line is not None:
                line, open_line = _joined(open_line, line), None
            if last is not None and line.number > last:
                return
            if place == len(texts) - 1:
                open_line = line
            elif line.number >= first:
                yield line
    if open_line is not None and open_line.text and open_line.number >= first:
        yield open_line


def _joined(one: Line, other: Line) -> Line:
    text = shown_of(one.text + other.text)
    level = level_of(without_colours(text)) if one.text else other.level
    return Line(other.number, text, level, max(one.stream, other.stream))


class _Pattern:
    """A regular expression with a limit of time, so that none can stop a web process."""

    def __init__(self, words: str, match_case: bool) -> None:
        if len(words) > LONGEST_PATTERN:
            message = f"an expression has at most {LONGEST_PATTERN} characters"
            raise Invalid.at("find", "bad_value", message)
        self._until = time.monotonic() + PATTERN_SECONDS
        flags = regex.MULTILINE | (0 if match_case else regex.IGNORECASE)
        try:
            self._pattern = regex.compile(words, flags)
        except (regex.error, ValueError, OverflowError, RecursionError) as error:
            message = f"this is no regular expression: {error}"
            raise Invalid.at("find", "bad_pattern", message) from None

    def search(self, text: str, at: int) -> int:
        """Tell where the next match begins, or -1."""
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            # Without the interpreter's lock, so that the other requests go on meanwhile.
            found = self._pattern.search(text, at, concurrent=True, timeout=left)
        except TimeoutError:
            message = "this expression takes too long to search for; make it simpler"
            raise Invalid.at("find", "too_slow", message) from None
        return found.start() if found else -1


class _Words:
    def __init__(self, words: str) -> None:
        self._words = words

    def search(self, text: str, at: int) -> int:
        return text.find(self._words, at)


def _search_for(wanted: Wanted) -> _Pattern | _Words | None:
    if not wanted.words:
        return None
    if wanted.is_pattern:
        return _Pattern(wanted.words, wanted.match_case)
    return _Words(wanted.words if wanted.match_case else wanted.words.lower())


def _hits(
    found: Iterator[Block], first: int, wanted: Wanted, search: _Pattern | _Words | None
) -> Iterator[int]:
    """The numbers of the lines that hold it. A line that is cut by blocks is searched whole."""
    lower = search is not None and not wanted.is_pattern and not wanted.match_case
    carried = ""
    block = None
    for block in found:
        whole = shown_of(carried + block.plain) if carried else block.plain
        cut = whole.rfind("\n") + 1
        body = whole[:cut]
        levels = _levels(block, whole if carried else "", wanted)
        for place in _places(body.lower() if lower else body, search):
            number = block.first + place
            if number >= first and (levels is None or levels[place] in wanted.levels):
                yield number
        carried = whole[cut:]
    if block is None or not carried or block.last < first:
        return
    if search is not None and search.search(carried.lower() if lower else carried, 0) < 0:
        return
    if not wanted.levels or level_of(carried) in wanted.levels:
        yield block.last


def _levels(block: Block, joined: str, wanted: Wanted) -> bytes | None:
    if not wanted.levels:
        return None
    if not joined:
        return block.levels
    return bytes([level_of(joined.partition("\n")[0])]) + block.levels[1:]


def _places(body: str, search: _Pattern | _Words | None) -> Iterator[int]:
    """Which lines of a text have a match; all, when nothing is looked for."""
    if search is None:
        yield from range(body.count("\n"))
        return
    line, behind, at = 0, 0, 0
    size = len(body)
    while at < size and (hit := search.search(body, at)) >= 0:
        if hit >= size:
            # Only the nothing behind the last line end.
            return
        line += body.count("\n", behind, hit)
        yield line
        behind = hit
        end = body.find("\n", hit)
        if end < 0:
            return
        at = end + 1
