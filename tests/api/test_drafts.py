"""Drafts over REST: nobody's edit is lost without a word."""

from __future__ import annotations

from orchestrator.models import Pipeline
from tests.api.asking import Asker, assert_problem
from tests.makers import chain_document

DRAFT = "pipelines/alpha/chain/draft/"
PUBLISH = "pipelines/alpha/chain/publish/"


def test_a_draft_is_saved_by_who_has_seen_its_revision(ada: Asker, pipeline: Pipeline) -> None:
    seen = ada.get(DRAFT)
    assert seen["ETag"] == '"1"'
    body = {"document": chain_document("a", "b", "c")}
    saved = ada.put(DRAFT, body, If_Match=seen["ETag"])
    assert (saved.status_code, saved["ETag"], saved.json()["revision"]) == (200, '"2"', 2)
    assert saved.json()["document"] == body["document"]
    assert saved.json()["problems"] == []


def test_a_revision_that_is_known_is_not_sent_again(ada: Asker, pipeline: Pipeline) -> None:
    known = ada.get(DRAFT, If_None_Match='"1"')
    assert (known.status_code, known["ETag"], known.content) == (304, '"1"', b"")
    assert ada.get(DRAFT, If_None_Match='"2"').status_code == 200


def test_who_comes_second_is_told(ada: Asker, pipeline: Pipeline) -> None:
    body = {"document": chain_document("a")}
    assert ada.put(DRAFT, body, If_Match='"1"').status_code == 200
    late = {"document": chain_document("z")}
    assert_problem(ada.put(DRAFT, late, If_Match='"1"'), 412, "stale_draft")
    assert_problem(ada.put(DRAFT, late, If_Match='"x"'), 412, "stale_draft")
    assert_problem(ada.put(DRAFT, late), 428, "precondition_required")
    assert ada.get(DRAFT).json()["document"] == body["document"]


def test_publishing_names_the_revision_too(ada: Asker, pipeline: Pipeline) -> None:
    assert_problem(ada.post(PUBLISH), 428, "precondition_required")
    assert_problem(ada.post(PUBLISH, If_Match='"2"'), 412, "stale_draft")
    ada.put(DRAFT, {"document": chain_document("a")}, If_Match='"1"')
    answer = ada.post(PUBLISH, {"note": "one step"}, If_Match='"2"')
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    assert answer.json()["pins"]["a"]["template"] == "alpha/load"
    assert ada.get(answer["Location"]).json()["note"] == "one step"
    numbers = [
        row["number"] for row in ada.get("pipelines/alpha/chain/versions/").json()["results"]
    ]
    assert numbers == [2, 1]


def test_a_draft_with_problems_is_kept_and_not_published(ada: Asker, pipeline: Pipeline) -> None:
    document = chain_document("a", "b", template="nowhere")
    saved = ada.put(DRAFT, {"document": document}, If_Match='"1"').json()
    assert {problem["step"] for problem in saved["problems"]} == {"a", "b"}
    problem = assert_problem(ada.post(PUBLISH, If_Match='"2"'), 400, "invalid")
    assert problem["problems"][0]["where"] == "steps[0].template"


def test_validating_keeps_nothing(ada: Asker, pipeline: Pipeline) -> None:
    where = "pipelines/alpha/chain/validate/"
    answer = ada.post(where).json()
    assert (answer["valid"], answer["problems"]) == (True, [])
    assert answer["templates"]["load"]["version"] == 1
    answer = ada.post(where, {"document": {"schema": 1, "steps": [{"name": "a", "kind": "magic"}]}})
    assert answer.status_code == 200
    assert answer.json()["valid"] is False
    assert ada.post(where, {"document": 5}).json()["valid"] is False
    assert ada.get(DRAFT).json()["revision"] == 1


def test_a_document_that_is_no_object_is_refused(ada: Asker, pipeline: Pipeline) -> None:
    documents: tuple[object, ...] = ([], "steps", 5, None)
    for document in documents:
        answer = ada.put(DRAFT, {"document": document}, If_Match='"1"')
        assert_problem(answer, 400, "invalid")
