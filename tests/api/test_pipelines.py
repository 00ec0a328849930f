"""Pipelines over REST: made from a document, listed, described."""

from __future__ import annotations

from typing import Any

from orchestrator.models import Pipeline, Project
from tests.api.asking import Asker, assert_problem
from tests.makers import chain_document, make_pipeline, make_run, make_template


def test_a_pipeline_is_made_from_a_document(ada: Asker, project: Project) -> None:
    make_template(project)
    body = {"project": "alpha", "name": "Train it", "document": chain_document("a", "b")}
    answer = ada.post("pipelines/", body)
    assert (answer.status_code, answer.json()["slug"]) == (201, "train-it")
    assert answer.json()["latest_version"] is None
    assert [one["name"] for one in answer.json()["parameters"]] == ["rows"]
    assert ada.get(answer["Location"]).json() == answer.json()
    assert ada.get("pipelines/alpha/train-it/").json() == answer.json()


def test_a_slug_is_one_in_its_project(ada: Asker, pipeline: Pipeline) -> None:
    answer = ada.post("pipelines/", {"project": "alpha", "name": "Chain"})
    assert_problem(answer, 409, "conflict")


def test_where_a_pipeline_cannot_be_made(ada: Asker, project: Project) -> None:
    assert_problem(ada.post("pipelines/", {"project": "beta", "name": "x"}), 404, "not_found")
    assert_problem(ada.post("pipelines/", {"name": "x"}), 400, "invalid")
    odd = {"project": "alpha", "name": "x", "document": "steps"}
    problem = assert_problem(ada.post("pipelines/", odd), 400, "invalid")
    assert problem["problems"][0]["where"] == "document"


def test_a_pipeline_without_a_version_cannot_be_run(ada: Asker, project: Project) -> None:
    make_pipeline(project, "young", published=False)
    problem = assert_problem(ada.post("pipelines/alpha/young/runs/"), 404, "not_found")
    assert "no published version" in problem["detail"]


def test_a_pipeline_is_described_and_found(ada: Asker, pipeline: Pipeline) -> None:
    where = f"pipelines/{pipeline.pk}/"
    changed = ada.patch(where, {"description": "Reads & learns", "tags": ["vision"]}).json()
    assert (changed["description"], changed["tags"]) == ("Reads & learns", ["vision"])
    assert [row["slug"] for row in ada.get("pipelines/?search=learns").json()["results"]] == [
        "chain"
    ]
    assert ada.get("pipelines/?search=nothing").json()["results"] == []
    assert_problem(ada.patch(where, {"slug": "other"}), 400, "invalid")


def test_how_many_questions_lists_cost(
    ada: Asker, pipeline: Pipeline, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        make_pipeline(pipeline.project, f"p{number}")
        make_run(pipeline)
    with django_assert_max_num_queries(5):
        assert len(ada.get("pipelines/").json()["results"]) == 6
    with django_assert_max_num_queries(5):
        assert len(ada.get("runs/").json()["results"]) == 5
