"""What the end of a process means for its task, case by case."""

from __future__ import annotations

import pytest

from orchestrator.agent.child import LOST, End
from orchestrator.agent.verdict import judge, last_traceback
from orchestrator.domain.states import TaskEvent

CHAINED = """warming up
Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'rows'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
ValueError: two
lines
"""


@pytest.mark.parametrize(
    ("end", "event", "reason"),
    [
        (End("ended", code=0), TaskEvent.END_WELL, ""),
        (End("ended", code=2), TaskEvent.END_BADLY, "exit code 2"),
        (End("ended", signal=15), TaskEvent.CANNOT_RUN, "killed by SIGTERM"),
        (End("ended", signal=9), TaskEvent.CANNOT_RUN, "killed by SIGKILL (out of memory?)"),
        (End("ended", signal=99), TaskEvent.CANNOT_RUN, "killed by signal 99"),
        (End("ended", code=0, cause="abort"), TaskEvent.CONFIRM_GONE, "aborted"),
        (End("ended", signal=9, cause="abort"), TaskEvent.CONFIRM_GONE, "aborted"),
        (
            End("ended", signal=9, cause="abort", forced=True),
            TaskEvent.CONFIRM_GONE,
            "aborted: it did not end when asked to, and was killed",
        ),
        (End("ended", code=0, cause="timeout"), TaskEvent.END_BADLY, "timed out after 1.5 s"),
        (End("ended", code=0, cause="release"), TaskEvent.RELEASE, "its agent stopped"),
        (
            End("ended", signal=9, cause="lease"),
            TaskEvent.CANNOT_RUN,
            "its agent could not renew the lease of 45 s",
        ),
        (
            End("not_started", errno=13),
            TaskEvent.END_BADLY,
            "its program cannot be started: Permission denied",
        ),
        (
            End(LOST, cause=LOST, forced=True),
            TaskEvent.CANNOT_RUN,
            "its supervisor was killed; that nothing is left is not confirmed",
        ),
    ],
)
def test_an_end_means(end: End, event: TaskEvent, reason: str) -> None:
    result = judge(end, errors="", timeout=1.5, lease=45)
    assert (result.event, result.reason) == (event, reason)
    assert result.confirmed is (end.event != LOST)


def test_what_could_not_be_ended_is_named() -> None:
    end = End("ended", cause="abort", forced=True, survivors=[7, 8])
    result = judge(end, errors="", timeout=None, lease=45)
    assert result.reason == "aborted; 2 of its processes could not be ended (7, 8)"
    assert not result.confirmed


def test_the_reason_names_the_last_error_and_the_traceback_all_of_them() -> None:
    result = judge(End("ended", code=1), errors=CHAINED, timeout=None, lease=45)
    assert result.reason == "exit code 1: ValueError: two"
    assert result.traceback == CHAINED.removeprefix("warming up\n").rstrip()


def test_an_earlier_traceback_that_was_survived_is_left_out() -> None:
    earlier = CHAINED.replace("ValueError: two\nlines", "OSError: survived")
    assert last_traceback(earlier + "going on\n" + CHAINED).count("Traceback") == 2


def test_text_without_a_traceback_has_none() -> None:
    assert last_traceback("Killed\n") == ""
