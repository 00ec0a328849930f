"""Tasks and templates over REST."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import Pipeline, Project, Task
from tests.api.asking import Asker, assert_problem
from tests.makers import make_run, make_template

COMMAND = {"project": "alpha", "name": "greet", "kind": "command", "argv": ["echo", "hello"]}


def test_a_template_is_made_saved_again_and_listed(ada: Asker, project: Project) -> None:
    body: dict[str, Any] = {
        "project": "alpha",
        "name": "Train a model",
        "slug": "train",
        "template": True,
        "kind": "python",
        "script": "print(1)",
        "parameters": [{"name": "depth", "type": "integer", "default": 3, "minimum": 1}],
        "requirements": ["numpy>=2"],
        "queue": "default",
        "note": "first",
    }
    made = ada.post("tasks/", body)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert made.json()["parameters"] == {"General/depth": 3}
    assert made.json()["declared"][0]["minimum"] == 1
    saved = ada.put("tasks/alpha/train/", {**body, "script": "print(2)"})
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    assert saved.json()["id"] == made.json()["id"]
    versions = ada.get("tasks/alpha/train/versions/").json()["results"]
    assert [(one["number"], one["body"]["script"]) for one in versions] == [
        (2, "print(2)"),
        (1, "print(1)"),
    ]
    listed = ada.get("tasks/?template=1&project=alpha").json()["results"]
    assert [(row["slug"], row["version"]) for row in listed] == [("train", 2)]
    assert ada.get("tasks/").json()["results"] == []


def test_a_template_remains_what_it_is(ada: Asker, project: Project) -> None:
    make_template(project)
    body = {"name": "load", "script": "print(1)"}
    for odd in ({"slug": "other"}, {"template": False}):
        assert_problem(ada.put("tasks/alpha/load/", {**body, **odd}), 400, "invalid")
    assert_problem(ada.put("tasks/alpha/load/", {**body, "project": "beta"}), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "magic"}, "kind"),
        ({"argv": []}, "argv"),
        ({"argv": "ls"}, "argv"),
        ({"script": "1"}, "script"),
        ({"queue": "nowhere"}, "queue"),
        ({"requirements": ["--index-url=x"]}, "requirements"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {"": 1}}, "parameters."),
        ({"declared": [{"name": "rows", "type": "huge"}]}, "parameters[0].type"),
        ({"declared": {"name": "rows"}}, "declared"),
        ({"name": ""}, "name"),
        ({"slug": "greet"}, "slug"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_task_is_refused_by_name(
    ada: Asker, project: Project, change: dict[str, Any], where: str
) -> None:
    problem = assert_problem(ada.post("tasks/", {**COMMAND, **change}), 400, "invalid")
    assert [one["where"] for one in problem["problems"]] == [where]
    assert not Task.objects.exists()


def test_a_task_goes_through_its_life(ada: Asker, project: Project) -> None:
    where = ada.post("tasks/", COMMAND)["Location"]
    assert ada.get(where).json()["status"] == "draft"
    assert ada.post(f"{where}enqueue/").json()["status"] == "queued"
    assert ada.post(f"{where}dequeue/").json()["status"] == "draft"
    assert_problem(ada.post(f"{where}dequeue/"), 409, "conflict")
    ada.post(f"{where}enqueue/")
    assert ada.post(f"{where}abort/").json()["status"] == "aborted"
    assert_problem(ada.post(f"{where}abort/"), 409, "conflict")
    assert ada.post(f"{where}reset/").json()["status"] == "draft"
    assert_problem(ada.post(f"{where}enqueue/", {"queue": "nowhere"}), 400, "invalid")


def test_a_clone_keeps_its_own_parameters(ada: Asker, project: Project) -> None:
    make_template(project)
    answer = ada.post("tasks/alpha/load/clone/", {"parameters": {"rows": 7}, "name": "mine"})
    clone = answer.json()
    assert (answer.status_code, clone["status"], clone["name"]) == (201, "draft", "mine")
    assert (clone["from_template"], clone["version"]) == ("alpha/load", 1)
    assert clone["parameters"] == {"General/rows": 7}
    assert ada.get("tasks/alpha/load/").json()["parameters"] == {"General/rows": 100}
    where = answer["Location"]
    changed = ada.patch(where, {"parameters": {"General/rows": 8}, "comment": "eight"}).json()
    assert (changed["parameters"], changed["comment"]) == ({"General/rows": 8}, "eight")
    problem = assert_problem(ada.patch(where, {"parameters": {"rows": "x"}}), 400, "invalid")
    assert problem["problems"][0]["where"] == "parameters.General/rows"
    both = {"parameters": {"rows": 1, "General/rows": 2}}
    assert_problem(ada.patch(where, both), 400, "invalid")
    assert_problem(ada.post("tasks/alpha/load/clone/", {"parameters": {"row": 7}}), 400, "invalid")


def test_what_a_draft_lacks_is_asked_for_when_it_is_enqueued(ada: Asker, project: Project) -> None:
    required = [{"name": "city", "type": "string", "required": True}]
    body = {"project": "alpha", "name": "visit", "script": "print(1)", "parameters": required}
    assert ada.post("tasks/", {**body, "template": True}).status_code == 201
    made = ada.post("tasks/alpha/visit/clone/", {})
    assert (made.status_code, made.json()["parameters"]) == (201, {"General/city": None})
    path = f"tasks/{made.json()['id']}/"
    for begin in ("enqueue", "start"):
        refused = ada.post(f"{path}{begin}/", {})
        assert_problem(refused, 400, "invalid")
        assert [(one["where"], one["code"]) for one in refused.json()["problems"]] == [
            ("parameters.General/city", "missing")
        ]
    assert ada.patch(path, {"comment": "later"}).status_code == 200
    assert ada.patch(path, {"parameters": {"city": "Riga"}}).status_code == 200
    assert ada.post(f"{path}enqueue/", {}).json()["status"] == "queued"


def test_a_clone_into_a_foreign_project_is_refused(ada: Asker, project: Project) -> None:
    make_template(project)
    answer = ada.post("tasks/alpha/load/clone/", {"project": "beta"})
    assert_problem(answer, 404, "not_found")


def test_a_template_itself_is_never_executed(ada: Asker, project: Project) -> None:
    make_template(project)
    assert_problem(ada.post("tasks/alpha/load/enqueue/"), 409, "conflict")
    assert_problem(ada.patch("tasks/alpha/load/", {"parameters": {"rows": 1}}), 409, "conflict")


def test_only_the_running_step_tells_its_progress(ada: Asker, project: Project) -> None:
    where = ada.post("tasks/", COMMAND)["Location"]
    assert_problem(ada.patch(where, {"progress": 0.5}), 403, "not_allowed")
    assert_problem(ada.patch(where, {"progress": 2}), 400, "invalid")


def test_a_runs_own_task_is_in_no_list(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    assert ada.get("tasks/").json()["results"] == []
    assert ada.get(f"tasks/{run.pk}/").json()["kind"] == "controller"
    assert_problem(ada.post(f"tasks/{run.pk}/abort/"), 409, "conflict")


def test_lists_are_filtered(ada: Asker, project: Project) -> None:
    first = ada.post("tasks/", COMMAND).json()["id"]
    ada.post("tasks/", {**COMMAND, "name": "other"})
    ada.post(f"tasks/{first}/enqueue/")
    found = ada.get("tasks/?status=queued").json()["results"]
    assert [row["id"] for row in found] == [first]
    assert [row["name"] for row in ada.get("tasks/?search=OTH").json()["results"]] == ["other"]
    assert_problem(ada.get("tasks/?parent=me"), 400, "invalid")
    assert_problem(ada.get("tasks/?template=maybe"), 400, "invalid")


def test_how_many_questions_a_list_costs(
    ada: Asker, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        make_template(project, f"t{number}")
        ada.post(f"tasks/alpha/t{number}/clone/")
    with django_assert_max_num_queries(6):
        assert len(ada.get("tasks/").json()["results"]) == 5
    with django_assert_max_num_queries(6):
        assert len(ada.get("tasks/?template=1").json()["results"]) == 5
