"""Ending steps by hand, answering, pausing over REST."""

from __future__ import annotations

import pytest

from orchestrator.models import Pipeline, Project, Run, Signal, Step
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_pipeline, make_run


@pytest.mark.parametrize("verb", ["skip", "complete", "fail"])
def test_a_step_is_ended_by_hand_with_a_reason(ada: Asker, pipeline: Pipeline, verb: str) -> None:
    run = make_run(pipeline)
    asked = f"runs/{run.pk}/steps/first/{verb}/"
    answer = ada.post(asked, {"reason": "known already"})
    assert answer.status_code == 202
    signal = Signal.objects.get(pk=answer.json()["signal"])
    assert (signal.kind, signal.actor) == (verb, "ada")
    assert signal.data == {"step": 0, "reason": "known already"}
    assert_problem(ada.post(asked, {}), 400, "invalid")
    assert_problem(ada.post(asked, {"reason": " "}), 400, "invalid")
    unknown = f"runs/{run.pk}/steps/nothing/{verb}/"
    assert_problem(ada.post(unknown, {"reason": "known already"}), 404, "not_found")


def test_outputs_come_with_what_is_completed_only(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    wish = {"reason": "known already", "outputs": {"score": 0.9}}
    assert ada.post(f"runs/{run.pk}/steps/first/complete/", wish).status_code == 202
    assert Signal.objects.get(kind="complete").data["outputs"] == {"score": 0.9}
    assert_problem(ada.post(f"runs/{run.pk}/steps/first/skip/", wish), 400, "invalid")


def test_it_takes_an_operator(people: People, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    asked = f"runs/{run.pk}/steps/first/skip/"
    assert_problem(people.colleague.post(asked, {"reason": "so"}), 403, "not_allowed")
    assert_problem(people.stranger.post(asked, {"reason": "so"}), 404, "not_found")


@pytest.fixture
def question(project: Project) -> Run:
    """A run whose only step waits for an answer."""
    form = [{"name": "limit", "type": "integer", "required": True, "maximum": 9}]
    approval = {"form": form, "roles": ["viewer"]}
    step = {"name": "ask", "kind": "approval", "approval": approval}
    run = make_run(make_pipeline(project, "asks", document={"schema": 1, "steps": [step]}))
    Step.objects.create(run=run, index=0, node=0, path="ask", status="awaiting", attempt=1)
    return run


def test_a_question_is_answered_by_whom_the_document_names(people: People, question: Run) -> None:
    asked = f"runs/{question.pk}/steps/ask/approve/"
    wish = {"values": {"limit": 5}, "comment": "fine"}
    assert people.colleague.post(asked, wish).status_code == 202
    signal = Signal.objects.get(kind="answer")
    assert signal.data == {
        "step": 0,
        "attempt": 1,
        "approved": True,
        "values": {"limit": 5},
        "comment": "fine",
    }
    assert_problem(people.stranger.post(asked, wish), 404, "not_found")


@pytest.mark.parametrize("values", [{}, {"limit": 10}, {"limit": 1, "other": 2}])
def test_a_form_that_is_filled_in_wrongly_is_refused_by_name(
    ada: Asker, question: Run, values: dict[str, object]
) -> None:
    answer = ada.post(f"runs/{question.pk}/steps/ask/approve/", {"values": values})
    problem = assert_problem(answer, 400, "invalid")
    assert problem["problems"][0]["where"].startswith("values.")


def test_whoever_rejects_need_not_fill_in_the_form(ada: Asker, question: Run) -> None:
    answer = ada.post(f"runs/{question.pk}/steps/ask/reject/", {"comment": "no"})
    assert answer.status_code == 202
    assert Signal.objects.get(kind="answer").data["approved"] is False
    Step.objects.filter(run=question).update(status="failed")
    assert_problem(ada.post(f"runs/{question.pk}/steps/ask/reject/"), 409, "conflict")


def test_what_asks_nobody_takes_no_answer(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    assert_problem(ada.post(f"runs/{run.pk}/steps/first/approve/"), 409, "conflict")


@pytest.mark.parametrize(
    ("verb", "body"), [("pause", {}), ("resume", {}), ("pause_at", {"steps": ["second"]})]
)
def test_a_run_is_paused_and_goes_on(
    people: People, pipeline: Pipeline, verb: str, body: dict[str, object]
) -> None:
    run = make_run(pipeline)
    assert people.owner.post(f"runs/{run.pk}/{verb}/", body).status_code == 202
    assert Signal.objects.get(kind=verb).data == body
    assert_problem(people.colleague.post(f"runs/{run.pk}/{verb}/", body), 403, "not_allowed")
    Run.objects.filter(pk=run.pk).update(status="completed")
    assert_problem(people.owner.post(f"runs/{run.pk}/{verb}/", body), 409, "conflict")


def test_a_run_pauses_only_before_steps_that_there_are(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    answer = ada.post(f"runs/{run.pk}/pause_at/", {"steps": ["third"]})
    assert_problem(answer, 404, "not_found")
