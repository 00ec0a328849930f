"""Ctrl-C while something is waited for: counted, asked about, and never lost."""

from __future__ import annotations

import io
import os
import signal
from typing import Any

import pytest

from pipelines.automation.interrupts import Interrupts


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


class Keyboard:
    """A terminal where each question is answered by what somebody does then."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        if "goes on" in text:
            # Nobody waits with the next one until the terminal has been left.
            press()

    def flush(self) -> None:
        pass

    def readline(self) -> str:
        answer = self.answers.pop(0)
        if answer is None:
            press()
        return str(answer)


def sitting(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
    keyboard = Keyboard(*answers)
    monkeypatch.setattr("sys.stdin", keyboard)
    monkeypatch.setattr("sys.stderr", keyboard)


def test_one_is_counted_and_raised_no_more_than_wished() -> None:
    with Interrupts() as interrupts:
        press()
        press()
    assert interrupts.count == 2
    with Interrupts(patient_with=1) as interrupts:
        press()
        with pytest.raises(KeyboardInterrupt):
            press()
    with pytest.raises(KeyboardInterrupt):
        press()


def test_one_that_comes_with_the_answer_is_the_next_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sitting(monkeypatch, "n\n", "y\n")
    with Interrupts() as interrupts:
        press()
        assert not interrupts.want_abort("shell/slowly/1")
        assert interrupts.count == 2
        assert interrupts.want_abort("shell/slowly/1")


def test_one_in_the_place_of_an_answer_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    sitting(monkeypatch, None)
    with Interrupts() as interrupts:
        assert interrupts.want_abort("shell/slowly/1")


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with Interrupts() as interrupts:
        assert interrupts.want_abort("shell/slowly/1")


def test_a_script_that_hears_it_itself_goes_on_to_do_so() -> None:
    heard: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with Interrupts() as interrupts:
            press()
    finally:
        signal.signal(signal.SIGINT, former)
    assert heard == [signal.SIGINT]
    assert interrupts.count == 0
