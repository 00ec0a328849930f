"""Runs over REST: started, listed, read, ended, run again."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import IdempotencyKey, Pipeline, Project, Run, Signal
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_pipeline, make_run

RUNS = "pipelines/alpha/chain/runs/"


def test_a_trigger_answers_at_once_with_where_the_run_is(ada: Asker, pipeline: Pipeline) -> None:
    answer = ada.post(RUNS, {"parameters": {"rows": 20}})
    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/runs/{body['id']}/"
    assert (body["number"], body["version"], body["origin"]) == (1, 1, "token")
    assert (body["parameters"], body["actor"]) == ({"rows": 20}, "ada")
    assert ada.get(answer["Location"]).json()["id"] == body["id"]
    assert ada.get("runs/alpha/chain/1/").json()["id"] == body["id"]
    assert ada.post(f"pipelines/{pipeline.pk}/runs/").json()["number"] == 2


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"parameters": {"rows": "many"}}, "parameters.rows"),
        ({"parameters": {"rows": 0}}, "parameters.rows"),
        ({"parameters": {"row": 5}}, "parameters.row"),
        ({"parameters": [1]}, "parameters"),
        ({"params": {}}, "params"),
        ({"version": "newest"}, "version"),
        ({"version": True}, "version"),
        ({"like": "that one"}, "like"),
    ],
)
def test_a_wrong_trigger_is_refused_by_name(
    ada: Asker, pipeline: Pipeline, body: dict[str, object], where: str
) -> None:
    problem = assert_problem(ada.post(RUNS, body), 400, "invalid")
    assert [one["where"] for one in problem["problems"]] == [where]
    assert not Run.objects.exists()


def test_unknown_pipelines_and_versions_are_not_found(ada: Asker, pipeline: Pipeline) -> None:
    assert_problem(ada.post("pipelines/alpha/nothing/runs/"), 404, "not_found")
    assert_problem(ada.post(RUNS, {"version": 7}), 404, "not_found")


def test_who_may_start_a_run(people: People, pipeline: Pipeline) -> None:
    assert people.owner.post(RUNS).status_code == 201
    assert_problem(people.colleague.post(RUNS), 403, "not_allowed")
    assert_problem(people.stranger.post(RUNS), 404, "not_found")
    answer = people.anonymous.post(RUNS)
    assert_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_one_key_gives_one_run(ada: Asker, pipeline: Pipeline) -> None:
    first = ada.post(RUNS, {"parameters": {"rows": 20}}, Idempotency_Key="k1")
    again = ada.post(RUNS, {"parameters": {"rows": 20}}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = ada.post(RUNS, {"parameters": {"rows": 21}}, Idempotency_Key="k1")
    assert_problem(other, 409, "idempotency_key_reused")
    assert Run.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_a_run_of_the_draft_needs_the_revision_that_was_seen(
    ada: Asker, pipeline: Pipeline
) -> None:
    assert_problem(ada.post(RUNS, {"version": "draft"}), 428, "precondition_required")
    assert_problem(ada.post(RUNS, {"version": "draft"}, If_Match='"9"'), 412, "stale_draft")
    answer = ada.post(RUNS, {"version": "draft"}, If_Match='"1"')
    assert (answer.status_code, answer.json()["version"]) == (201, None)


def test_a_run_like_another_takes_its_parameters(ada: Asker, pipeline: Pipeline) -> None:
    earlier = ada.post(RUNS, {"parameters": {"rows": 33}}).json()
    later = ada.post(RUNS, {"like": earlier["id"]}).json()
    assert later["parameters"] == {"rows": 33}
    assert later["id"] != earlier["id"]


def test_a_run_like_one_of_another_pipeline_is_refused(
    ada: Asker, pipeline: Pipeline, project: Project
) -> None:
    other = make_run(make_pipeline(project, "other"))
    problem = assert_problem(ada.post(RUNS, {"like": str(other.pk)}), 400, "invalid")
    assert problem["problems"][0]["where"] == "like"


def test_runs_are_listed_newest_first_in_pages(ada: Asker, pipeline: Pipeline) -> None:
    for _ in range(3):
        make_run(pipeline)
    page = ada.get("runs/?limit=2").json()
    assert [run["number"] for run in page["results"]] == [3, 2]
    rest = ada.get(page["next"].removeprefix("http://testserver")).json()
    assert [run["number"] for run in rest["results"]] == [1]
    assert rest["next"] is None


def test_a_filter_that_does_not_exist_is_an_error(ada: Asker, pipeline: Pipeline) -> None:
    make_run(pipeline)
    assert len(ada.get("runs/?project=alpha&status=queued").json()["results"]) == 1
    assert ada.get("runs/?pipeline=alpha/chain&status=failed").json()["results"] == []
    assert_problem(ada.get("runs/?stat=failed"), 400, "invalid")
    assert_problem(ada.get("runs/?status=great"), 400, "invalid")
    assert_problem(ada.get("runs/?project=nowhere"), 404, "not_found")


def test_the_graph_is_sent_once(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    first = ada.get(f"runs/{run.pk}/graph/")
    assert [node["name"] for node in first.json()["nodes"]] == ["first", "second"]
    assert first.json()["nodes"][1]["parents"] == [0]
    again = ada.get(f"runs/{run.pk}/graph/", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_the_snapshot_agrees_with_the_changes(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    snapshot = ada.get(f"runs/{run.pk}/snapshot/").json()
    changes = ada.get(f"runs/{run.pk}/changes/?since=0").json()
    assert snapshot["number"] == changes["to"] == 1
    assert snapshot["statuses"] == "pp"
    assert changes["changes"][0]["kind"] == "run_created"
    assert ada.get(f"runs/{run.pk}/changes/?since=1").json()["changes"] == []
    assert_problem(ada.get(f"runs/{run.pk}/changes/?since=x"), 400, "invalid")
    assert_problem(ada.get(f"runs/{run.pk}/changes/?limit=0"), 400, "invalid")


def test_steps_are_listed_and_shown(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    steps = ada.get(f"runs/{run.pk}/steps/").json()
    assert [(step["name"], step["status"]) for step in steps] == [
        ("first", "pending"),
        ("second", "pending"),
    ]
    assert steps[1]["why"]
    step = ada.get(f"runs/{run.pk}/steps/first/").json()
    assert step["parameters"]["General/rows"]["expression"] == "${pipeline.rows}"
    assert_problem(ada.get(f"runs/{run.pk}/steps/third/"), 404, "not_found")


def test_abort_is_asked_for_and_told_by_its_signal(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    answer = ada.post(f"runs/{run.pk}/abort/")
    assert answer.status_code == 202
    signal = Signal.objects.get(pk=answer.json()["signal"])
    assert (signal.kind, signal.actor, signal.run) == ("abort", "ada", run)
    assert ada.post(f"runs/{run.pk}/steps/first/abort/").status_code == 202
    assert_problem(ada.post(f"runs/{run.pk}/abort/", {"now": True}), 400, "invalid")


def test_a_rerun_says_exactly_one_way(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    where = f"runs/{run.pk}/rerun/"
    ways: tuple[Any, ...] = (
        *({"steps": ["first"]}, {"from": "first"}, {"from": ["first", "second"]}),
        *({"failed": True}, {"stale": True}, {"all": True}),
    )
    for body in ways:
        assert ada.post(where, body).status_code == 202, body
    odds: tuple[Any, ...] = ({}, {"failed": True, "all": True}, {"steps": []}, {"steps": "first"})
    for odd in odds:
        assert_problem(ada.post(where, odd), 400, "invalid")
    assert_problem(ada.post(where, {"steps": ["third"]}), 404, "not_found")
    assert ada.post(f"runs/{run.pk}/steps/first/rerun/").status_code == 202


def test_a_dry_run_asks_for_nothing_and_says_what_would_happen(
    ada: Asker, pipeline: Pipeline
) -> None:
    run = make_run(pipeline)
    for where, body in (
        (f"runs/{run.pk}/rerun/", {"all": True}),
        (f"runs/{run.pk}/steps/first/rerun/", {}),
    ):
        answer = ada.post(where, {**body, "dry_run": True})
        assert answer.status_code == 200
        assert answer.json()["refused"] == "the run has not started"
    assert Signal.objects.filter(run=run).values_list("kind", flat=True).get() == "start"
    odd = {"steps": ["first"], "queue": "nowhere", "dry_run": True}
    assert_problem(ada.post(f"runs/{run.pk}/rerun/", odd), 400, "invalid")


def test_what_a_rerun_overrides_is_checked(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    where = f"runs/{run.pk}/steps/first/rerun/"
    assert ada.post(where, {"parameters": {"rows": 5}}).status_code == 202
    problem = assert_problem(ada.post(where, {"parameters": {"rows": "many"}}), 400, "invalid")
    assert problem["problems"][0]["where"] == "parameters.first.rows"
    assert_problem(ada.post(where, {"queue": "nowhere"}), 400, "invalid")
    assert ada.post(where, {"version": 1, "reset_overrides": True}).status_code == 202
    problem = assert_problem(ada.post(where, {"version": 9}), 400, "invalid")
    assert problem["problems"][0]["where"] == "version.first"
    odd = {"steps": ["first"], "parameters": {"first": 3}}
    assert_problem(ada.post(f"runs/{run.pk}/rerun/", odd), 400, "invalid")


def test_a_clone_is_a_draft_that_can_be_changed_and_enqueued(
    ada: Asker, pipeline: Pipeline
) -> None:
    run = make_run(pipeline, rows=12)
    answer = ada.post(f"runs/{run.pk}/clone/")
    clone = answer.json()
    assert (answer.status_code, clone["status"]) == (201, "draft")
    assert clone["parameters"] == {"rows": 12}
    where = f"runs/{clone['id']}/"
    assert ada.patch(where, {"parameters": {"rows": 13}}).json()["parameters"] == {"rows": 13}
    assert_problem(ada.patch(where, {"parameters": {"rows": "x"}}), 400, "invalid")
    assert ada.post(f"{where}enqueue/").status_code == 202
    assert_problem(ada.patch(f"runs/{run.pk}/", {"parameters": {}}), 409, "conflict")
    assert_problem(ada.post(f"runs/{run.pk}/enqueue/"), 409, "conflict")
