"""Ending steps by hand over REST."""

from __future__ import annotations

import pytest

from orchestrator.models import Pipeline, Signal
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_run


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
