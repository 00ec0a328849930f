"""Which call is due next, and what an answer means."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.hooks import (
    BadAnswer,
    CallKind,
    CallState,
    CallView,
    Hook,
    Said,
    first_open,
    hooks_in,
    read_answer,
    said_before,
)

PRE, POST, DONE = CallKind.PRE, CallKind.POST, CallKind.COMPLETED
NO = "its pre hook said no"


def answered(kind: CallKind, place: int = 0, answer: Any = None) -> CallView:
    return CallView(kind, place, CallState.ANSWERED, answer)


@pytest.mark.parametrize(
    ("due", "calls", "expected"),
    [
        ([], [], None),
        ([(DONE, 0), (POST, 0)], [], None),
        ([(DONE, 1), (POST, 2)], [], (DONE, 0)),
        ([(DONE, 1)], [CallView(DONE)], CallView(DONE)),
        ([(DONE, 1), (POST, 2)], [answered(DONE)], (POST, 0)),
        ([(DONE, 1), (POST, 2)], [answered(DONE), answered(POST)], (POST, 1)),
        ([(POST, 2)], [answered(POST, 1), answered(POST)], None),
        ([(POST, 1)], [answered(PRE)], (POST, 0)),
        (
            [(POST, 2)],
            [CallView(POST, 0, CallState.FAILED)],
            CallView(POST, 0, CallState.FAILED),
        ),
    ],
)
def test_calls_are_due_one_after_another(due, calls, expected):
    assert first_open(due, calls) == expected


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, Said()),
        (True, Said()),
        ({}, Said()),
        (False, Said(skip=NO)),
        ({"skip": True}, Said(skip=NO)),
        ({"skip": ""}, Said(skip=NO)),
        ({"skip": "too late"}, Said(skip="too late")),
        ({"skip": False}, Said()),
        ({"parameters": {"rows": 1}}, Said({"rows": 1})),
        ({"skip": False, "parameters": {"rows": 1}}, Said({"rows": 1})),
        (0, None),
        ("no", None),
        ([], None),
        ({"parameters": [1]}, None),
        ({"skip": 1}, None),
        ({"skip": "x", "parameters": {}}, None),
        ({"rows": 1}, None),
    ],
)
def test_what_a_pre_hook_may_answer(answer, said):
    if said is None:
        with pytest.raises(BadAnswer, match="its pre hook answered"):
            read_answer(PRE, answer)
    else:
        assert read_answer(PRE, answer) == said


def test_parameters_come_too_late_when_the_task_is_there():
    with pytest.raises(BadAnswer):
        read_answer(CallKind.CREATED, {"parameters": {}})
    assert read_answer(CallKind.CREATED, False).skip == "its created hook said no"


def test_a_later_pre_hook_has_the_last_word_and_a_no_ends_it():
    first = answered(PRE, 0, {"parameters": {"a": 1, "b": 1}})
    second = answered(PRE, 1, {"parameters": {"b": 2}})
    assert said_before([second, first], PRE) == Said({"a": 1, "b": 2})
    assert said_before([first, answered(PRE, 1, False)], PRE).skip == NO
    assert said_before([CallView(PRE, 0), answered(POST, 0, "rubbish")], PRE) == Said()


def test_hooks_are_read_from_the_document():
    said = {"pre": [{"kind": "python", "code": "x", "timeout": 5, "url": None, "x-own": 1}]}
    assert hooks_in(said, PRE) == (Hook("python", "x", timeout=5),)
    assert hooks_in(said, POST) == ()
