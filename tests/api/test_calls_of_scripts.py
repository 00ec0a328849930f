"""Calls of a run's script: listed with what they tell, answered with the script's token alone."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.hooks import CallState
from orchestrator.models import Call, Pipeline, Run, Signal, Task
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_run

EVENT = {"event": "pre", "step": {"name": "first", "parameters": {"General/rows": 10}}}


@pytest.fixture
def run(pipeline: Pipeline) -> Run:
    """A run whose script is being executed, as an agent would."""
    run = make_run(pipeline)
    Run.objects.filter(pk=run.pk).update(driver=Run.Driver.CONTROLLER)
    Task.objects.filter(pk=run.pk).update(status="running", fence=1)
    return run


@pytest.fixture
def script(run: Run) -> Asker:
    return Asker(attempt_token(run.pk, 1))


def ask(run: Run, number: int = 1, **more: Any) -> Call:
    values = {"kind": "pre", "by": "script", "step": 0, "attempt": 1, "round": 1, **more}
    arguments = values.pop("arguments", {"event": EVENT})
    return Call.objects.create(run=run, number=number, arguments=arguments, **values)


def answering(run: Run, number: int = 1) -> str:
    return f"runs/{run.pk}/calls/{number}/answer/"


def test_a_script_is_asked_and_answers(run: Run, script: Asker) -> None:
    ask(run)
    ask(run, 2, by="python", kind="post", arguments={})
    (found,) = script.get(f"runs/{run.pk}/calls/?open=1&by=script").json()
    assert (found["number"], found["kind"], found["by"], found["step"]) == (
        1,
        "pre",
        "script",
        "first",
    )
    assert found["arguments"] == EVENT
    said = {"value": {"parameters": {"General/rows": 7}}}
    assert script.post(answering(run), said).status_code == 204
    call = Call.objects.get(run=run, number=1)
    assert (call.state, call.answer) == (CallState.REPLIED, said)
    assert Signal.objects.get(run=run, kind="call").data == {"step": 0, "call": call.pk}
    assert script.get(f"runs/{run.pk}/calls/?open=1&by=script").json() == []
    assert len(script.get(f"runs/{run.pk}/calls/?by=script").json()) == 1


def test_the_same_answer_may_come_twice_and_another_may_not(run: Run, script: Asker) -> None:
    ask(run)
    for _ in range(2):
        assert script.post(answering(run), {"value": False}).status_code == 204
    assert Signal.objects.filter(run=run, kind="call").count() == 1
    assert_problem(script.post(answering(run), {"value": True}), 409, "answered")
    Call.objects.filter(run=run).update(state=CallState.ANSWERED)
    assert script.post(answering(run), {"value": False}).status_code == 204


def test_a_callback_that_raises_answers_with_its_traceback(run: Run, script: Asker) -> None:
    ask(run)
    said = {"reason": "ValueError: no", "traceback": "Traceback: line 1"}
    assert script.post(answering(run), said).status_code == 204
    assert script.post(answering(run), said).status_code == 204
    kept = {"reason": "its pre callback failed: ValueError: no", "traceback": "Traceback: line 1"}
    assert Call.objects.get(run=run).answer == kept


@pytest.mark.parametrize(
    "over",
    [{"state": CallState.DROPPED}, {"state": CallState.FAILED, "answer": {"over": True}}],
)
def test_nobody_waits_for_a_late_answer(run: Run, script: Asker, over: dict[str, Any]) -> None:
    ask(run, **over)
    assert_problem(script.post(answering(run), {"value": None}), 409, "over")


@pytest.mark.parametrize("said", [{}, {"value": 1, "reason": "x"}, {"values": 1}, {"reason": [1]}])
def test_an_answer_is_a_value_or_a_reason(run: Run, script: Asker, said: dict[str, Any]) -> None:
    ask(run)
    assert script.post(answering(run), said).status_code == 400
    assert Call.objects.get(run=run).state == CallState.OPEN


def test_an_answer_has_a_largest_size(run: Run, script: Asker) -> None:
    ask(run)
    assert_problem(script.post(answering(run), {"value": "x" * 2**21}), 413, "cap_exceeded")


def test_only_the_script_answers_and_only_what_it_was_asked(
    run: Run, script: Asker, people: People
) -> None:
    ask(run)
    ask(run, 2, by="python", kind="post")
    assert_problem(people.owner.post(answering(run), {"value": 1}), 403, "not_allowed")
    other = Task.objects.create(
        project=run.project, name="t", kind="python", status="running", fence=1, actor="ada"
    )
    of_other = Asker(attempt_token(other.pk, 1))
    assert_problem(of_other.post(answering(run), {"value": 1}), 403, "not_allowed")
    for number in (2, 3):
        assert_problem(script.post(answering(run, number), {"value": 1}), 404, "not_found")


def test_by_is_one_of_three_words(run: Run, script: Asker) -> None:
    assert_problem(script.get(f"runs/{run.pk}/calls/?by=me"), 400, "invalid")
