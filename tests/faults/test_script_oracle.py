"""What judges runs that scripts drive finds each fault, in histories written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.script_oracle import problems
from tests.chaos.scripts import SCRIPT, Wanted
from tests.faults.checker import Execution

RUN, FIRST, SECOND = "0" * 36, "1" * 36, "2" * 36
KEPT = (3, "aa")
WANTED = Wanted(
    "called",
    done=["first"],
    lines=["first"],
    completed=["first"],
    skipped=frozenset({"second"}),
    fails={"first": 1},
    calls=frozenset({("before", "first")}),
)
CALLS = [["before", "first", 1, f"{RUN}.1"]]


def attempt(status: str = "completed", **more: Any) -> dict[str, Any]:
    given = {"step": "first", "number": 1, "status": status, "task": FIRST, "origin": "first"}
    return {**given, "reason": "", **more}


def history(*attempts: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Rows of a run whose script was executed once and brought about what it was to."""
    step = {"index": 0, "status": "completed", "reason": "", "skipped_by": ""}
    good: dict[str, Any] = {
        "run": {"status": "completed", "stop_reason": "", "reason": ""},
        "steps": {"first": step, "second": {**step, "index": 1, "status": "skipped"}},
        "attempts": list(attempts) or [attempt()],
        "tasks": {
            task: {"fence": 1, "status": "completed", "said": KEPT} for task in (FIRST, SECOND)
        },
        "artifacts": [],
        "changes": [],
        "signals": 0,
        "broken": "",
        "script": {
            "status": "completed",
            "fence": 1,
            "taken_up": 0,
            "outputs": {"done": ["first"]},
            "printed": "run 1 begins\nwitness 1 first\n",
            "made": [["first", "completed"]],
        },
    }
    for key, value in changed.items():
        good[key] = {**good[key], **value} if isinstance(good[key], dict) else value
    return good


def ran(step: str, task: str, began: float, **changed: Any) -> Execution:
    given: dict[str, Any] = {"began": [began], "ended": [began + 1]}
    return Execution(**{"task": task, "fence": 1, "step": step, **given, **changed})


SCRIPTED = ran(SCRIPT, RUN, 0, ended=[9.0])
GOOD = [SCRIPTED, ran("first", FIRST, 1)]


def script(**changed: Any) -> dict[str, Any]:
    return history(script={**history()["script"], **changed})


def test_a_good_history_has_no_problems() -> None:
    assert problems(WANTED, history(), GOOD, CALLS, {}) == []


def test_a_step_that_was_to_fail_once_and_a_script_that_was_taken_up_are_none() -> None:
    rows = history(
        attempt("failed"),
        attempt(number=2, task=SECOND, origin="retry"),
        script={"fence": 2, "taken_up": 1, "printed": "witness 2 first\n"},
    )
    executions = [
        ran(SCRIPT, RUN, 0, ended=[]),
        ran(SCRIPT, RUN, 4, fence=2),
        ran("first", FIRST, 1, ended=[], failed=[2.0]),
        ran("first", SECOND, 3),
    ]
    asked_again = [*CALLS, ["before", "first", 1, f"{RUN}.2"]]
    assert problems(WANTED, rows, executions, asked_again, {}) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (history(broken="a gap"), "a gap"),
        (history(signals=1), "1 signals were left"),
        (history(run={"status": "failed", "reason": "lost"}), "the run is failed: lost"),
        (history(attempt("aborted")), "is aborted, but nobody asked"),
        (history(attempt("failed")), "is failed, but no execution was"),
        (history(attempt(), attempt(number=2, task=SECOND)), "was completed, then completed"),
        (history(steps={"third": {"status": "completed"}}), "there are 3 steps, wanted were 2"),
        (history(steps={"second": {"status": "completed"}}), "second was to be skipped"),
        (history(steps={"first": {"status": "skipped"}}), "first is skipped, but the run has"),
        (script(status="running"), "its script is running"),
        (script(fence=2), "execution 2 never came to its end"),
        (script(outputs={}), "the run's outputs are {}"),
        (script(printed=""), "its log says []"),
        (script(made=[["first", "completed"], ["first", "draft"]]), "first was made 2 times"),
    ],
)
def test_what_the_rows_must_not_say_is_found(rows: dict[str, Any], words: str) -> None:
    found = problems(WANTED, rows, GOOD, CALLS, {})
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("executions", "calls", "words"),
    [
        ([SCRIPTED], CALLS, "first has completed, but no execution"),
        ([SCRIPTED, *GOOD[1:], ran("first", SECOND, 1.5)], CALLS, "of step first overlap"),
        ([*GOOD, ran("third", "3" * 36, 1)], CALLS, "belongs to no attempt"),
        ([*GOOD, ran(SCRIPT, RUN, 5, fence=2)], CALLS, "a fence that was never given"),
        ([ran(SCRIPT, RUN, 0, beside=[0.0]), GOOD[1]], CALLS, "another execution of it alive"),
        ([ran(SCRIPT, RUN, 0, failed=[1.0]), GOOD[1]], CALLS, "of the script has failed"),
        (GOOD, [], "never called: [('before', 'first')]"),
        (GOOD, CALLS * 2, "before of attempt 1 of first was called 2 times"),
    ],
)
def test_what_was_witnessed_against_it_is_found(
    executions: list[Execution], calls: list[list[object]], words: str
) -> None:
    found = problems(WANTED, history(), executions, calls, {})
    assert any(words in problem for problem in found), found
