"""Pipelines that a script declares: versions with a label, a driver and a script."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.registering import next_label
from orchestrator.models import Pipeline, PipelineVersion, Project, Run, Task
from tests.api.asking import Asker, People, assert_problem
from tests.makers import chain_document, make_template

SCRIPT = {"script": "print('driving')\n", "requirements": ["numpy==2.1.0"]}


def body(**more: Any) -> dict[str, Any]:
    return {
        "project": "alpha",
        "name": "Train it",
        "document": chain_document("a", "b"),
        "driver": "controller",
        "script": SCRIPT,
        **more,
    }


@pytest.fixture
def registered(ada: Asker, project: Project) -> dict[str, Any]:
    make_template(project)
    answer = ada.post("pipelines/register/", body())
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def again(ada: Asker, **more: Any) -> tuple[int, str, bool]:
    answer = ada.post("pipelines/register/", body(**more))
    assert answer.status_code == 200, answer.content
    found = answer.json()
    return found["version"], found["label"], found["created"]


def test_a_pipeline_is_made_with_a_first_version_and_a_draft(
    ada: Asker, registered: dict[str, Any]
) -> None:
    pipeline = Pipeline.objects.get(slug="train-it")
    wanted = {"pipeline": "alpha/train-it", "id": str(pipeline.pk), "version": 1,
              "label": "1.0.0", "created": True}  # fmt: skip
    assert registered == wanted
    version = pipeline.versions.get()
    assert (version.driver, version.script_queue) == ("controller", "services")
    assert version.script is not None
    assert version.script.body == SCRIPT
    assert set(version.pins) == {"a", "b"}
    assert [step["name"] for step in pipeline.draft.document["steps"]] == ["a", "b"]


def test_the_same_again_gives_the_same_version(ada: Asker, registered: dict[str, Any]) -> None:
    assert again(ada) == (1, "1.0.0", False)
    assert again(ada, label="1.0.0") == (1, "1.0.0", False)


@pytest.mark.parametrize(
    "change",
    [
        {"document": chain_document("a", "c")},
        {"script": {"script": "print('other')\n"}},
        {"driver": "script"},
    ],
    ids=["document", "script", "driver"],
)
def test_what_has_changed_counts_the_label_up(
    ada: Asker, registered: dict[str, Any], change: dict[str, Any]
) -> None:
    assert again(ada, **change) == (2, "1.0.1", True)
    assert again(ada, **change) == (2, "1.0.1", False)
    assert again(ada, **change, label="2.0") == (3, "2.0", True)


def test_a_run_of_an_old_version_finds_that_again_by_its_label(
    ada: Asker, registered: dict[str, Any]
) -> None:
    again(ada, document=chain_document("z"))
    assert again(ada, label="1.0.0") == (1, "1.0.0", False)


@pytest.mark.parametrize(
    ("label", "following"),
    [("1.0.1", "1.0.2"), ("23", "24"), ("1.2", "1.3"), ("1.9", "1.10"), ("1.0-beta", "1.0-beta1")],
)
def test_labels_are_counted_up_in_their_last_number(label: str, following: str) -> None:
    assert next_label(label) == following


def test_a_draft_that_nobody_has_changed_follows(ada: Asker, registered: dict[str, Any]) -> None:
    again(ada, document=chain_document("a", "c"))
    draft = Pipeline.objects.get(slug="train-it").draft
    assert (draft.revision, len(draft.document["steps"])) == (2, 2)
    assert draft.document["steps"][1]["name"] == "c"
    draft.document = chain_document("mine")
    draft.save()
    again(ada, document=chain_document("d"))
    draft.refresh_from_db()
    assert draft.document["steps"][0]["name"] == "mine"


def test_what_is_wrong_with_the_document_is_told(ada: Asker, project: Project) -> None:
    problem = assert_problem(ada.post("pipelines/register/", body()), 400, "invalid")
    assert {one["code"] for one in problem["problems"]} == {"unknown_template"}
    assert not Pipeline.objects.filter(slug="train-it").exists()


def test_a_document_is_an_object(ada: Asker, registered: dict[str, Any]) -> None:
    for odd in ("steps", [1], None):
        answer = ada.post("pipelines/register/", body(document=odd))
        assert_problem(answer, 400, "invalid")


def test_callbacks_in_the_script_are_allowed_here(ada: Asker, registered: dict[str, Any]) -> None:
    document = chain_document("a")
    document["steps"][0]["hooks"] = {"pre": [{"kind": "script"}]}
    assert again(ada, document=document) == (2, "1.0.1", True)


def test_who_may_not_edit_does_not_register(people: People, registered: dict[str, Any]) -> None:
    for asker, status in ((people.colleague, 403), (people.stranger, 404), (people.anonymous, 401)):
        assert asker.post("pipelines/register/", body()).status_code == status
    assert PipelineVersion.objects.count() == 1


def test_a_run_can_be_a_draft_until_it_is_enqueued(ada: Asker, registered: dict[str, Any]) -> None:
    answer = ada.post("pipelines/alpha/train-it/runs/", {"version": 1, "draft": True})
    run = Run.objects.get(pk=answer.json()["id"])
    assert (answer.status_code, run.status) == (201, "draft")
    assert Task.objects.get(pk=run.pk).status == "draft"
    like = {"like": str(run.pk), "draft": True}
    assert_problem(ada.post("pipelines/alpha/train-it/runs/", like), 400, "invalid")


def test_its_project_is_made_on_the_way(ada: Asker, project: Project) -> None:
    wanted = body(project="My Project", driver="script", document={"schema": 1, "steps": []})
    answer = ada.post("pipelines/register/", wanted)
    assert answer.json()["pipeline"] == "my-project/train-it"
