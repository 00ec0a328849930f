"""`?wait=`: an answer that comes with what was waited for, or after the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from orchestrator.controller import advance
from orchestrator.models import Agent, Pipeline, Run
from tests.api.asking import Asker, assert_problem
from tests.engine.playing import make_agent, play
from tests.makers import make_pipeline, make_project, make_run, make_token

RUNS = "pipelines/alpha/chain/runs/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pipeline() -> Pipeline:
    return make_pipeline(make_project("alpha", owner="ada"))


@pytest.fixture
def ada(pipeline: Pipeline) -> Asker:
    return Asker(make_token(pipeline.project.memberships.get().user))


@contextmanager
def working_on(runs: Callable[[Run], object]) -> Iterator[None]:
    """Do something to every run again and again, beside the test, as a controller would."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            for run in Run.objects.all():
                runs(run)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(20)


def with_hands(agent: Agent) -> Callable[[Run], object]:
    return lambda run: play(run, agent)


def test_a_trigger_that_waits_answers_with_the_ended_run(ada: Asker) -> None:
    with working_on(with_hands(make_agent())):
        answer = ada.post(f"{RUNS}?wait=30s", {"parameters": {"rows": 20}})
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/runs/{answer.json()['id']}/"
    assert (answer.json()["status"], answer.json()["counts"]) == ("completed", {"completed": 2})


def test_a_wait_that_is_too_short_answers_with_the_run_as_it_stands(ada: Asker) -> None:
    began = time.monotonic()
    answer = ada.post(f"{RUNS}?wait=0.2")
    assert time.monotonic() - began >= 0.2
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    shown = ada.get(f"runs/{answer.json()['id']}/?wait=0.1")
    assert (shown.status_code, shown.json()["status"]) == (200, "queued")


def test_a_verb_that_waits_tells_what_came_of_it(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    advance(run.pk)
    with working_on(lambda run: advance(run.pk)):
        answer = ada.post(f"runs/{run.pk}/steps/first/abort/?wait=30")
    told = answer.json()
    assert (answer.status_code, told["verb"], told["detail"]) == (
        200,
        "abort",
        {"steps": ["first"]},
    )
    changes = ada.get(f"runs/{run.pk}/changes/").json()["changes"]
    asked = next(change for change in changes if change["n"] == told["change"])
    assert (asked["kind"], asked["data"]["signal"]) == ("asked", told["signal"])


def test_what_the_run_refuses_is_an_error_for_who_waits(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    advance(run.pk)
    with working_on(lambda run: advance(run.pk)):
        answer = ada.post(f"runs/{run.pk}/steps/second/abort/?wait=30")
    assert "has not started" in assert_problem(answer, 409, "refused")["detail"]


def test_without_a_turn_the_verb_is_only_accepted(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    answer = ada.post(f"runs/{run.pk}/abort/?wait=0.1")
    assert (answer.status_code, set(answer.json())) == (202, {"signal"})
    preview = ada.post(f"runs/{run.pk}/rerun/?wait=5", {"all": True, "dry_run": True})
    assert (preview.status_code, "expected_seconds" in preview.json()) == (200, True)


@pytest.mark.parametrize("wait", ["long", "-1", "601", "1e2", "nan"])
def test_a_wait_is_a_number_of_seconds(ada: Asker, pipeline: Pipeline, wait: str) -> None:
    problem = assert_problem(ada.post(f"{RUNS}?wait={wait}"), 400, "invalid")
    assert problem["problems"][0]["where"] == "wait"
    assert not Run.objects.exists()
