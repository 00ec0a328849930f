"""A task kept as a template: what ClearML's pipelines do with a base task."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import Pipeline, Project, Task
from tests.api.asking import Asker, assert_problem
from tests.makers import make_run, make_template

BASE: dict[str, Any] = {
    "project": "alpha",
    "name": "Step 1: get data",
    "kind": "python",
    "script": "print(1)",
    "parameters": {"rows": 3, "Args/url": "http://x", "Args/deep": True, "Args/more": [1]},
    "configuration": {"c": "text"},
    "tags": ["a"],
    "type": "data_processing",
}


@pytest.fixture
def where(ada: Asker, project: Project) -> str:
    return str(ada.post("tasks/", BASE)["Location"])


def keep(ada: Asker, where: str, **wanted: Any) -> dict[str, Any]:
    answer = ada.post(f"{where}keep/", wanted)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_task_becomes_a_template_that_executes_the_same(ada: Asker, where: str) -> None:
    assert keep(ada, where) == {
        "template": "alpha/step-1-get-data",
        "version": 1,
        "created": True,
    }
    template = ada.get("tasks/alpha/step-1-get-data/").json()
    for name in ("name", "type", "tags", "configuration"):
        assert template[name] == BASE[name]
    assert template["body"] == {"script": "print(1)"}
    declared = {spec["name"]: (spec["type"], spec["default"]) for spec in template["declared"]}
    assert declared == {
        "General/rows": ("number", 3),
        "Args/url": ("string", "http://x"),
        "Args/deep": ("boolean", True),
        "Args/more": ("json", [1]),
    }
    clone = ada.post("tasks/alpha/step-1-get-data/clone/").json()
    assert clone["configuration"] == {"c": "text"}


def test_the_same_again_is_the_same_version(ada: Asker, where: str) -> None:
    keep(ada, where)
    again = {"template": "alpha/step-1-get-data", "version": 1, "created": False}
    assert keep(ada, where) == again
    # Another execution of the same script is the same template.
    other = ada.post("tasks/", BASE)["Location"]
    assert keep(ada, other) == again
    ada.patch(where, {"parameters": {"rows": 4}})
    changed = keep(ada, where)
    assert (changed["version"], changed["created"]) == (2, True)
    ada.patch(where, {"configuration": {"c": "other"}})
    assert keep(ada, where)["version"] == 3


def test_another_task_of_that_name_is_another_template(ada: Asker, where: str) -> None:
    keep(ada, where)
    other = ada.post("tasks/", {**BASE, "script": "print(2)"})["Location"]
    assert keep(ada, other)["template"] == "alpha/step-1-get-data-2"
    assert keep(ada, other, slug="mine") == {
        "template": "alpha/mine",
        "version": 1,
        "created": True,
    }
    assert keep(ada, where, slug="mine")["version"] == 2
    assert keep(ada, where, slug="mine")["created"] is False


def test_steps_may_set_what_the_task_never_named(ada: Asker, where: str) -> None:
    first = keep(ada, where, declare=["General/dataset_url", "rows"])
    assert first["version"] == 1
    assert keep(ada, where)["created"] is False
    second = keep(ada, where, declare=["Args/seed"])
    assert (second["version"], second["created"]) == (2, True)
    # Two pipelines that want different names do not take them from one another.
    assert keep(ada, where, declare=["dataset_url"])["created"] is False
    declared = ada.get(f"tasks/{first['template']}/").json()["declared"]
    open_ended = {spec["name"]: spec["type"] for spec in declared if spec["default"] is None}
    assert open_ended == {"General/dataset_url": "json", "Args/seed": "json"}
    document = {
        "schema": 1,
        "steps": [
            {
                "name": "one",
                "template": first["template"],
                "parameters": {"General/dataset_url": "s3://x", "Args/seed": 7},
            }
        ],
    }
    made = ada.post("pipelines/", {"project": "alpha", "name": "p", "document": document}).json()
    found = ada.post(f"pipelines/{made['id']}/validate/", {"document": document}).json()
    assert (found["valid"], found["problems"]) == (True, [])


def test_a_template_gives_itself(ada: Asker, project: Project) -> None:
    make_template(project)
    kept = keep(ada, "tasks/alpha/load/")
    assert kept == {"template": "alpha/load", "version": 1, "created": False}


def test_a_clone_of_a_template_keeps_its_declarations(ada: Asker, project: Project) -> None:
    make_template(project)
    where = ada.post("tasks/alpha/load/clone/", {"name": "mine", "parameters": {"rows": 7}})
    template = keep(ada, where["Location"])["template"]
    (declared,) = ada.get(f"tasks/{template}/").json()["declared"]
    assert (declared["type"], declared["default"]) == ("integer", 7)


def test_what_holds_no_code_is_not_kept(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    assert_problem(ada.post(f"tasks/{run.pk}/keep/"), 409, "conflict")
    empty = ada.post("tasks/", {**BASE, "script": ""})["Location"]
    assert_problem(ada.post(f"{empty}keep/"), 409, "conflict")


def test_a_running_script_keeps_itself(ada: Asker, where: str) -> None:
    here = Asker(ada.post(f"{where}start/").json()["token"])
    assert keep(here, where)["version"] == 1
    assert Task.objects.get(slug="step-1-get-data").actor == "ada"
