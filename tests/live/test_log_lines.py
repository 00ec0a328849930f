"""A log is asked for by lines: any of them, those of a level, and those that hold something."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.domain.errors import Invalid
from orchestrator.domain.states import Status
from orchestrator.models import LogPiece, Task
from orchestrator.queries import log_lines as asked
from orchestrator.queries.log_levels import LEVEL_NAMES, LEVELS, level_of, levels_of
from orchestrator.queries.log_lines import Wanted, find_lines, log_lines
from orchestrator.queries.logs import log_text
from orchestrator.store import logs
from tests.live.rows import make_project

ERRORS = frozenset({LEVELS["error"]})
Write = Callable[..., Task]


@pytest.fixture
def write(db: None, tmp_path: Path, settings: Settings) -> Write:
    """Write pieces into a log; those up to *folded* go into files, three a file."""
    settings.PIPELINES_DATA_DIR = tmp_path

    def made(*texts: str | tuple[str, str], folded: int = 0) -> Task:
        task = Task.objects.create(
            project=make_project(), name="load", kind="python", fence=1, status=Status.RUNNING
        )
        at = line = 0
        for n, one in enumerate(texts):
            stream, text = one if isinstance(one, tuple) else ("stdout", one)
            LogPiece.objects.create(
                task=task, fence=1, n=n, stream=stream, byte_from=at, line_from=line, text=text
            )
            at += len(text.encode())
            line += text.count("\n")
            if n < folded and n % 3 == 2:
                logs.fold(task.pk, 1)
        return task

    return made


def hits(task: Task, words: str = "", first: int = 0, **wanted: object) -> list[int]:
    asked_for = Wanted(words, **wanted)  # type: ignore[arg-type]
    found: list[int] = []
    while True:
        answer = find_lines(task.pk, 1, asked_for, first)
        steps = accumulate(answer["steps"], initial=answer["from"])
        found = [line for line in found if line < first] + list(steps)[1:]
        if answer["to"] <= first or answer["to"] >= answer["total"] - 1:
            return found
        first = answer["to"]


def texts(
    task: Task, first: int | None = 0, count: int = 1000, **more: frozenset[int]
) -> list[str]:
    return [line[1] for line in log_lines(task.pk, 1, first=first, count=count, **more)["lines"]]


@pytest.mark.parametrize("seed", range(6))
def test_lines_and_hits_are_those_of_the_downloaded_text(write: Write, seed: int) -> None:
    chance = random.Random(seed)
    words = ["ERROR: one", "epoch", "grüße", "\n", "\n", "\n", "\n\n", "x" * 40]
    pieces = ["".join(chance.choices(words, k=chance.randint(1, 6))) for _ in range(20)]
    task = write(*pieces, folded=chance.choice([0, 12, 18]))
    whole = "".join(log_text(task.pk, 1))
    assert whole == "".join(pieces)
    lines = whole.split("\n")[: -1 if whole.endswith("\n") else None]
    assert texts(task) == lines
    for first in range(0, len(lines), 3):
        assert texts(task, first, 4) == lines[first : first + 4]
        expected = [n for n, line in enumerate(lines) if "epoch" in line and n >= first]
        assert hits(task, "EPOCH", first) == expected
        assert hits(task, "e[p]och$", first, is_pattern=True) == [
            n for n in expected if lines[n].endswith("epoch")
        ]
    assert texts(task, None, 3) == lines[-3:]
    assert log_lines(task.pk, 1)["total"] == len(lines)


def test_a_line_that_goes_through_files_is_whole(write: Write) -> None:
    task = write("a\n", "nee", "dle ", "in ", "a ", "hay\n", "end\n", folded=6)
    assert texts(task, 1, 1) == ["needle in a hay"]
    assert hits(task, "needle in a hay") == [1]


def test_a_line_that_has_not_ended_is_given_and_searched_again(write: Write) -> None:
    task = write("one\n", "two nee")
    assert log_lines(task.pk, 1, first=1)["lines"] == [[1, "two nee", "", "stdout"]]
    found = find_lines(task.pk, 1, Wanted("needle"))
    assert (found["steps"], found["to"]) == ([], 1)
    LogPiece.objects.create(
        task=task, fence=1, n=2, stream="stdout", byte_from=11, line_from=1, text="dle\n"
    )
    assert hits(task, "needle", found["to"]) == [1]


def test_colours_are_given_but_not_searched(write: Write) -> None:
    task = write("\x1b[31mERR\x1b[1mOR\x1b[0m: bad\n")
    assert texts(task) == ["\x1b[31mERR\x1b[1mOR\x1b[0m: bad"]
    assert hits(task, "error: bad") == hits(task, levels=ERRORS) == [0]
    assert hits(task, "[31m") == []


def test_only_the_end_of_what_was_overwritten_is_shown(write: Write) -> None:
    task = write("10 %\r20 %\r", "30 %\r40", " %\r\nwindows\r\n", folded=3)
    assert texts(task) == ["40 %", "windows"]
    assert hits(task, "20 %") == []


def test_lines_say_from_which_stream_they_came(write: Write) -> None:
    task = write("a\n", ("stderr", "b\nc\n"), "d\n", ("agent", "e\n"), folded=3)
    found = [line[3] for line in log_lines(task.pk, 1)["lines"]]
    assert found == ["stdout", "stderr", "stderr", "stdout", "agent"]


def test_lines_of_a_level_are_given_with_what_belongs_to_them(write: Write) -> None:
    task = write(
        "INFO start\n", "Traceback (most recent call last):\n  File x\n", "ValueError: no\nplain\n",
        "WARNING: hot\n", folded=3,
    )  # fmt: skip
    assert hits(task, levels=ERRORS) == [1, 2, 3]
    found = log_lines(task.pk, 1, levels=ERRORS, first=2, count=5)["lines"]
    assert [(line[0], line[2]) for line in found] == [(2, "error"), (3, "error")]
    assert hits(task, "file", levels=ERRORS) == [2]


def test_more_hits_than_one_answer_holds_are_asked_for_in_turn(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "MOST_HITS", 4)
    task = write("x\n" * 10)
    Task.objects.filter(pk=task.pk).update(status=Status.COMPLETED)
    found, at = [], 0
    while at < 10:
        answer = find_lines(task.pk, 1, Wanted("x"), at)
        found += list(accumulate(answer["steps"], initial=at))[1:]
        at = answer["to"]
    assert found == list(range(10))


def test_a_search_that_takes_long_answers_in_parts(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "ANSWER_SECONDS", -1.0)
    task = write(*(f"x{n}\nx" for n in range(9)), folded=9)
    first = find_lines(task.pk, 1, Wanted("x"))
    assert 0 < first["to"] < first["total"]
    assert hits(task, "x") == list(range(10))
    assert hits(task, "x3") == [3]


def test_long_lines_come_in_several_answers(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "MOST_CHARACTERS", 100)
    task = write(*("y" * 60 + "\n" for _ in range(3)))
    assert len(texts(task)) == 1
    assert texts(task, 1, 1) == ["y" * 60]


def test_an_expression_that_would_never_end_is_stopped(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "PATTERN_SECONDS", 0.2)
    task = write("a" * 5000 + "b\n")
    with pytest.raises(Invalid, match="takes too long"):
        hits(task, "(a|aa|a*)+(a|aa)*$", is_pattern=True)


@pytest.mark.parametrize("pattern", ["(", "[a", "(?P<x", "a" * 501])
def test_what_is_no_expression_is_refused(write: Write, pattern: str) -> None:
    task = write("a\n")
    with pytest.raises(Invalid, match=re.compile("expression")):
        hits(task, pattern, is_pattern=True)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-11-28 12:00:00,123 ERROR name: msg", "error"),
        ("ERROR:root:msg", "error"),
        ("[2026-11-28 12:00:00: WARNING/MainProcess] late", "warning"),
        ("my.module - WARNING - late", "warning"),
        ("12:00:01 | DEBUG    | mod:fn:1 - hi", "debug"),
        ("2026-11-28T12:00:00Z [worker-1] info: ok", "info"),
        ("ts=1 level=error msg=x", "error"),
        ('{"severity": "warning", "m": 1}', "warning"),
        ("E1128 12:00:00.1 1 f.cc:1] x", "error"),
        ("package.BadThing: x", ""),
        ("package.BadError: x", "error"),
        ("file.py:3: UserWarning: old", "warning"),
        ("step 123 loss=0.5 error=3", ""),
        ("no error was found", ""),
        ("INFORMATION", ""),
    ],
)
def test_a_level_is_told_from_common_ways_of_saying_it(line: str, level: str) -> None:
    assert LEVEL_NAMES[level_of(line)] == level


def test_an_indented_line_belongs_to_the_one_above() -> None:
    lines = ["ERROR: a", "  more", "", "  not this", "INFO b", "\tmore"]
    assert [LEVEL_NAMES[level] for level in levels_of(lines)] == [
        "error", "error", "", "", "info", "info",
    ]  # fmt: skip
