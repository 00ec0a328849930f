"""The checker finds each fault that it is there for, in histories written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.checker import Execution, problems

LOAD, TRAIN = "0" * 36, "1" * 36
PARENTS = {"load": (), "train": ("load",)}


def rows(**changed: Any) -> dict[str, Any]:
    attempts = [
        {"step": "load", "number": 1, "status": "completed", "task": LOAD},
        {"step": "train", "number": 1, "status": "completed", "task": TRAIN},
    ]
    good = {
        "run": {"status": "completed", "reason": ""},
        "steps": {name: {"status": "completed", "reason": ""} for name in PARENTS},
        "attempts": attempts,
        "tasks": {LOAD: {"fence": 1}, TRAIN: {"fence": 1}},
        "broken": "",
    }
    return {**good, **changed}


def load(**changed: Any) -> Execution:
    return Execution(**{"task": LOAD, "fence": 1, "step": "load", **_span(1, 2), **changed})


def train(**changed: Any) -> Execution:
    return Execution(**{"task": TRAIN, "fence": 1, "step": "train", **_span(3, 4), **changed})


def _span(began: float, ended: float) -> dict[str, list[float]]:
    return {"began": [began], "ended": [ended]}


def test_a_good_history_has_no_problems() -> None:
    assert problems(rows(), [load(), train()], PARENTS, {}) == []


def test_an_execution_that_was_killed_may_be_followed_by_another() -> None:
    killed = load(began=[0.5], ended=[])
    again = load(fence=2)
    released = rows(tasks={LOAD: {"fence": 2}, TRAIN: {"fence": 1}})
    assert problems(released, [killed, again, train()], PARENTS, {}) == []


@pytest.mark.parametrize(
    ("executions", "words"),
    [
        ([load(began=[1, 1.5]), train()], "began 2 times"),
        ([load(), train(task="2" * 36)], "belongs to no attempt"),
        ([load(), train(step="load")], "belongs to no attempt"),
        ([load(), train(), train(fence=2, **_span(5, 6))], "a fence that was never given"),
        ([load(), train(beside=[3])], "found another execution of its step alive"),
        ([load(), train(ended=[])], "ended 0 times"),
        ([train()], "load completed, but its execution"),
        ([load(), train(), train(fence=2, **_span(3.5, 5))], "overlap by 0.500 s"),
        ([load(), train(began=[1.5])], "began 0.500 s before its parent load ended"),
        ([load(ended=[]), train()], "its parent load never ended well"),
    ],
)
def test_a_fault_in_what_was_executed_is_found(executions: list[Execution], words: str) -> None:
    found = problems(rows(), executions, PARENTS, {})
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"run": {"status": "failed", "reason": "so"}}, "the run is failed: so"),
        ({"steps": {"load": {"status": "completed", "reason": ""}}}, "step train is missing"),
        ({"broken": "a gap"}, "a gap"),
    ],
)
def test_a_fault_in_the_rows_is_found(changed: dict[str, Any], words: str) -> None:
    found = problems(rows(**changed), [load(), train()], PARENTS, {})
    assert any(words in problem for problem in found), found


def test_a_process_that_is_left_is_found() -> None:
    found = problems(rows(), [load(), train()], PARENTS, {17: "sleep 600"})
    assert found == ["process 17 is still alive: sleep 600"]
