"""The oracle finds each fault that it is there for, in histories written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.oracle import problems
from tests.faults.checker import Execution

LOAD, TRAIN = "0" * 36, "1" * 36
KEPT = (3, "aa")
STEPS: list[dict[str, Any]] = [
    {"name": "load", "parents": [], "retries": {"number": 1}},
    {"name": "train", "parents": ["load"]},
]


def attempt(step: str, task: str | None, status: str = "completed", **more: Any) -> dict[str, Any]:
    given = {"step": step, "number": 1, "status": status, "task": task, "origin": "first"}
    return {**given, "reason": "", **more}


def history(*attempts: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Rows of a run with these attempts; by default both steps completed at once."""
    attempts = attempts or (attempt("load", LOAD), attempt("train", TRAIN))
    last = {each["step"]: each["status"] for each in attempts}
    steps = {
        name: {"index": index, "status": last.get(name, "skipped"), "reason": "", "skipped_by": ""}
        for index, name in enumerate(("load", "train"))
    }
    good: dict[str, Any] = {
        "run": {"status": "completed", "stop_reason": ""},
        "steps": steps,
        "attempts": list(attempts),
        "tasks": {
            task: {"fence": 1, "status": "completed", "said": KEPT} for task in (LOAD, TRAIN)
        },
        "artifacts": [[LOAD, 1, "kept", *KEPT], [TRAIN, 1, "kept", *KEPT]],
        "changes": [],
        "signals": 0,
        "broken": "",
    }
    for key, value in changed.items():
        good[key] = {**good[key], **value} if isinstance(good[key], dict) else value
    return good


def ran(task: str, step: str, began: float, **changed: Any) -> Execution:
    """An execution that ended well after a second."""
    given: dict[str, Any] = {"began": [began], "ended": [began + 1], "said": KEPT, "kept": KEPT}
    return Execution(**{"task": task, "fence": 1, "step": step, **given, **changed})


GOOD = [ran(LOAD, "load", 1), ran(TRAIN, "train", 3)]
FAILED_LOAD = {"ended": [], "failed": [2.0]}
SKIPPED = {"status": "skipped", "reason": "", "index": 1, "skipped_by": "bad parent"}


def status(number: int, word: str) -> dict[str, Any]:
    return {"kind": "attempt_status", "data": {"step": 0, "number": number, "status": word}}


def test_a_good_history_has_no_problems() -> None:
    assert problems(STEPS, history(), GOOD, {}) == []


def test_a_step_that_was_tried_again_is_none() -> None:
    again = [
        attempt("load", LOAD, "failed"),
        attempt("load", "2" * 36, number=2, origin="retry"),
        attempt("train", TRAIN),
    ]
    tasks = {"2" * 36: {"fence": 1, "status": "completed", "said": KEPT}}
    failed = ran(LOAD, "load", 1, **FAILED_LOAD)
    executions = [failed, ran("2" * 36, "load", 2.5, kept=None), ran(TRAIN, "train", 4)]
    assert problems(STEPS, history(*again, tasks=tasks), executions, {}) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (history(broken="a gap"), "a gap"),
        (history(signals=2), "2 signals were left"),
        (history(steps={"train": {**SKIPPED, "status": "running"}}), "step train is running"),
        (history(steps={"train": SKIPPED}), "train is skipped although it could start"),
        (history(steps={"train": {**SKIPPED, "skipped_by": "abort"}}), "that nobody asked for"),
        (history(run={"status": "failed"}), "the run is failed, but its steps make it completed"),
        (history(artifacts=[]), "left an artifact that is not kept"),
        (history(tasks={LOAD: {"fence": 1, "status": "completed", "said": (1, "b")}}), "its log"),
        (history(attempt("load", LOAD, "failed"), attempt("train", TRAIN)), "no execution was"),
        (history(attempt("load", LOAD, "aborted"), attempt("train", TRAIN)), "nobody asked"),
        (history(attempt("load", LOAD, "crashed"), attempt("train", TRAIN)), "has retries left"),
        (
            history(attempt("load", LOAD, "crashed"), attempt("train", TRAIN)),
            "its parents or when forbid",
        ),
        (history(changes=[status(1, "completed"), status(1, "crashed")]), "was completed, then"),
    ],
)
def test_what_the_rows_must_not_say_is_found(rows: dict[str, Any], words: str) -> None:
    found = problems(STEPS, rows, GOOD, {})
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("executions", "words"),
    [
        ([GOOD[0], ran(TRAIN, "train", 1.5)], "began 0.500 s before its parent load ended"),
        ([GOOD[0], ran(TRAIN, "train", 3, beside=[3.0])], "found another execution"),
        ([*GOOD, ran("2" * 36, "load", 5)], "belongs to no attempt"),
    ],
)
def test_what_the_executions_must_not_witness_is_found(
    executions: list[Execution], words: str
) -> None:
    found = problems(STEPS, history(), executions, {})
    assert any(words in problem for problem in found), found


def test_a_retry_too_many_is_found() -> None:
    more = [
        attempt(
            "load",
            f"{number}" * 36,
            "failed",
            number=number,
            origin="retry" if number > 1 else "first",
        )
        for number in (1, 2, 3)
    ]
    tasks = {f"{n}" * 36: {"fence": 1, "status": "failed", "said": KEPT} for n in (1, 2, 3)}
    found = problems(STEPS, history(*more, tasks=tasks), [], {})
    assert any("attempt 3 of step load should not have been" in each for each in found), found
