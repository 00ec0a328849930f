"""Making, cloning, changing and finding tasks, as scripts do it."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import Pipeline, Project, Run, Task
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_run, make_template, make_token

PLAIN = {"project": "alpha", "name": "greet", "kind": "python", "script": "print(1)"}


@pytest.fixture
def where(ada: Asker, project: Project) -> str:
    return str(ada.post("tasks/", PLAIN)["Location"])


@pytest.fixture
def script(ada: Asker, where: str) -> Asker:
    """A running script, with its own token."""
    return Asker(ada.post(f"{where}start/").json()["token"])


def names(answer: Any) -> list[str]:
    return [row["name"] for row in answer.json()["results"]]


def test_a_task_is_made_with_everything(ada: Asker, project: Project) -> None:
    more = {
        "type": "testing",
        "comment": "as an example",
        "tags": ["a"],
        "parameters": {"rows": 3, "Args/x": None},
        "configuration": {"model": "depth: 3"},
    }
    made = ada.post("tasks/", {**PLAIN, **more}).json()
    assert {name: made[name] for name in more} == {
        **more,
        "parameters": {"General/rows": 3, "Args/x": None},
    }
    assert (made["run"], made["step"], made["project"]) == (None, None, "alpha")


def test_a_draft_is_changed_in_everything(ada: Asker, where: str) -> None:
    parent = ada.post("tasks/", PLAIN).json()["id"]
    change: dict[str, Any] = {
        "name": "other",
        "comment": "why",
        "tags": ["b"],
        "type": "inference",
        "parent": parent,
        "queue": "services",
        "parameters": {"x": 1, "y": 2},
        "configuration": {"one": "1", "two": "2"},
    }
    changed = ada.patch(where, change).json()
    shown = {name: changed[name] for name in change}
    assert shown == {**change, "parameters": {"General/x": 1, "General/y": 2}}
    merged = ada.patch(
        where, {"parameters": {"x": 5}, "configuration": {"one": None, "three": "3"}}
    ).json()
    assert merged["parameters"] == {"General/x": 5, "General/y": 2}
    assert merged["configuration"] == {"two": "2", "three": "3"}
    replaced = ada.patch(where, {"replace_parameters": {"Args/z": [1]}, "parent": None}).json()
    assert (replaced["parameters"], replaced["parent"]) == ({"Args/z": [1]}, None)


def test_what_has_been_enqueued_keeps_all_but_its_words(ada: Asker, where: str) -> None:
    ada.post(f"{where}enqueue/")
    words = {"name": "other", "comment": "why", "tags": ["b"]}
    assert ada.patch(where, words).json()["tags"] == ["b"]
    settled: dict[str, Any] = {"type": "x", "queue": "services", "parameters": {"a": 1}}
    for name, value in settled.items():
        change = {name: value}
        assert_problem(ada.patch(where, change), 409, "conflict")
    assert_problem(ada.patch(where, {"queue": "nowhere"}), 409, "conflict")


def test_what_is_so_already_is_no_change_of_what_runs(ada: Asker, where: str) -> None:
    """A script that was taken up prepares its tasks again, and some of them run by now."""
    prepared: dict[str, Any] = {
        "replace_parameters": {"rows": 3},
        "configuration": {"model": "depth: 3"},
        "queue": "default",
    }
    ada.patch(where, prepared)
    own = Asker(ada.post(f"{where}start/").json()["token"])
    own.patch(where, {"parameters": {"columns": 4}})
    assert ada.patch(where, prepared).json()["parameters"] == {
        "General/rows": 3,
        "General/columns": 4,
    }
    other = {**prepared, "replace_parameters": {"rows": 5}}
    assert_problem(ada.patch(where, other), 409, "conflict")


def test_a_running_script_changes_itself(ada: Asker, where: str, script: Asker) -> None:
    change: dict[str, Any] = {
        "name": "mine",
        "tags": ["t"],
        "type": "controller",
        "parameters": {"x": 1},
        "configuration": {"c": "text"},
        "progress": 0.5,
    }
    changed = script.patch(where, change).json()
    shown = {name: changed[name] for name in change}
    assert shown == {**change, "parameters": {"General/x": 1}}
    assert script.patch(where, {"parameters": {"x": 2}}).json()["parameters"] == {"General/x": 2}
    replaced = script.patch(where, {"replace_parameters": {"Args/y": 1}}).json()
    assert replaced["parameters"] == {"Args/y": 1}
    assert_problem(script.patch(where, {"queue": "services"}), 409, "conflict")
    assert_problem(
        script.patch(where, {"configuration": {"c": "x" * 1_100_000}}), 413, "cap_exceeded"
    )


def test_a_wrong_change_is_refused_by_name(ada: Asker, where: str) -> None:
    for change, place in (
        ({"configuration": {"c": [1]}}, "configuration.c"),
        ({"parent": "me"}, "parent"),
        ({"queue": "nowhere"}, "queue"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"replace_parameters": {"x": 1, "General/x": 2}}, "replace_parameters"),
    ):
        problem = assert_problem(ada.patch(where, change), 400, "invalid")
        assert [one["where"] for one in problem["problems"]] == [place]
    unseen = {"parent": "01a2251b-1b41-7000-93e4-ba9a0ea75cfd"}
    assert_problem(ada.patch(where, unseen), 404, "not_found")


def test_a_clone_differs_as_it_is_told(ada: Asker, where: str) -> None:
    ada.patch(where, {"configuration": {"c": "text"}, "comment": "first", "tags": ["a"]})
    clone = ada.post(f"{where}clone/", {"parameters": {"new": 1}}).json()
    assert (clone["configuration"], clone["comment"], clone["tags"]) == (
        {"c": "text"},
        "first",
        ["a"],
    )
    assert clone["parent"] == where.split("/")[-2]
    assert clone["parameters"] == {"General/new": 1}
    other = ada.post("tasks/", PLAIN).json()["id"]
    told = {"comment": "", "tags": [], "parent": other, "name": "told"}
    again = ada.post(f"{where}clone/", told).json()
    assert {name: again[name] for name in told} == told


def test_a_templates_clone_keeps_to_what_is_declared(ada: Asker, project: Project) -> None:
    make_template(project)
    where = ada.post("tasks/alpha/load/clone/")["Location"]
    assert_problem(ada.patch(where, {"parameters": {"rows": "x"}}), 400, "invalid")
    assert_problem(ada.patch(where, {"parameters": {"row": 1}}), 400, "invalid")
    Task.objects.filter(pk=where.split("/")[-2]).update(
        parameters={"General/rows": 1, "Args/found": 2}
    )
    changed = ada.patch(where, {"parameters": {"rows": 3}}).json()
    assert changed["parameters"] == {"General/rows": 3, "Args/found": 2}


def test_what_a_script_makes_under_a_key_it_gets_again(
    ada: Asker, where: str, script: Asker
) -> None:
    wanted = {**PLAIN, "name": "child", "key": "train.py:7 #1"}
    first = script.post("tasks/", wanted)
    script.patch(first["Location"], {"name": "renamed", "parameters": {"x": 1}})
    again = script.post("tasks/", wanted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["name"]) == (first.json()["id"], "renamed")
    assert Task.objects.get(pk=first.json()["id"]).maker_id == Task.objects.get(name="greet").pk
    problem = assert_problem(script.post("tasks/", {**wanted, "name": "b"}), 409, "key_conflict")
    assert '"name"' in problem["detail"]
    clone = {"parameters": {"y": 2}, "key": "train.py:8 #1" + "x" * 500}
    cloned = [script.post(f"{where}clone/", clone) for _ in range(2)]
    assert [answer.status_code for answer in cloned] == [201, 200]
    assert cloned[0].json()["id"] == cloned[1].json()["id"]
    other = {**clone, "parameters": {"y": 3}}
    problem = assert_problem(script.post(f"{where}clone/", other), 409, "key_conflict")
    assert '"parameters"' in problem["detail"]
    # A person's key means nothing: there is no script to be started again.
    made = [ada.post("tasks/", wanted) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]


def test_a_task_without_code_is_only_started_here(ada: Asker, project: Project) -> None:
    where = ada.post("tasks/", {**PLAIN, "script": ""})["Location"]
    assert ada.get(where).json()["hash"] is None
    assert_problem(ada.post(f"{where}enqueue/"), 409, "conflict")
    assert ada.post(f"{where}clone/").status_code == 201
    here = Asker(ada.post(f"{where}start/").json()["token"])
    assert_problem(here.post(f"{where}finish/", {"status": "queued"}), 409, "conflict")
    assert ada.get(where).json()["status"] == "running"


def test_a_project_is_made_on_the_way(
    people: People, ada: Asker, where: str, script: Asker
) -> None:
    made = ada.post("tasks/", {**PLAIN, "project": "My First/Project"}).json()
    assert made["project"] == "my-first-project"
    assert ada.get("projects/my-first-project/").json()["name"] == "My First/Project"
    again = ada.post("tasks/", {**PLAIN, "project": "My First/Project"}).json()
    assert again["project"] == "my-first-project"
    assert names(ada.get("tasks/?project=My First/Project")) == ["greet", "greet"]
    assert ada.post(f"{where}clone/", {"project": "Another"}).json()["project"] == "another"
    # What one does not see, and what a script's token does not reach, is not there.
    wanted = {**PLAIN, "project": "My First/Project"}
    assert_problem(people.stranger.post("tasks/", wanted), 404, "not_found")
    assert_problem(script.post("tasks/", {**PLAIN, "project": "new"}), 404, "not_found")
    reader = Asker(make_token(_owner(), "runs:read"))
    assert_problem(reader.post("tasks/", {**PLAIN, "project": "new"}), 404, "not_found")


def _owner() -> Any:
    from orchestrator.models import User

    return User.objects.get(username="ada")


def test_tasks_are_found(ada: Asker, project: Project) -> None:
    for name, tags, type in (
        ("train", ["good", "big", 'grün "so"'], "training"),
        ("train 2", ["big"], "testing"),
        ("load", [], "training"),
    ):
        ada.post("tasks/", {**PLAIN, "name": name, "tags": tags, "type": type})
    make_template(project, "tidy")
    ids = [row["id"] for row in ada.get("tasks/?order=id").json()["results"]]
    ada.post(f"tasks/{ids[0]}/enqueue/")
    for query, found in (
        ("name=train", ["train"]),
        ("name_contains=TRAIN&order=name", ["train", "train 2"]),
        ("tag=big&order=-name", ["train 2", "train"]),
        ("tag=big&tag=good", ["train"]),
        ("tag=go", []),
        ("tag=Good", []),
        ("tag=gr%C3%BCn+%22so%22", ["train"]),
        ("type=training&order=id", ["train", "load"]),
        ("status=queued,running", ["train"]),
        ("status=draft", ["load", "train 2"]),
        (f"id={ids[0]},{ids[2]}", ["load", "train"]),
        ("template=any&order=name", ["load", "tidy", "train", "train 2"]),
        ("template=true", ["tidy"]),
        ("order=created", ["train", "train 2", "load"]),
        ("order=-updated", ["train", "load", "train 2"]),
        ("search=AIN&order=id", ["train", "train 2"]),
    ):
        assert names(ada.get(f"tasks/?{query}")) == found, query
    first = ada.get("tasks/?order=-updated&limit=2").json()
    assert [
        row["name"]
        for row in ada.get(first["next"].replace("http://testserver", "")).json()["results"]
    ] == ["train 2"]
    for query in ("status=odd", "id=1", "order=colour", "template=maybe", "parent=x"):
        assert_problem(ada.get(f"tasks/?{query}"), 400, "invalid")


def test_the_task_that_drives_a_run_is_found_and_says_so(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    assert names(ada.get("tasks/")) == []
    Run.objects.filter(pk=run.pk).update(driver="script")
    assert [row["id"] for row in ada.get("tasks/").json()["results"]] == [str(run.pk)]
    assert ada.get(f"tasks/{run.pk}/").json()["run"] == str(run.pk)
    assert_problem(ada.patch(f"tasks/{run.pk}/", {"type": "x"}), 409, "conflict")


def test_a_step_changes_no_other_task(ada: Asker, where: str, pipeline: Pipeline) -> None:
    from tests.api.test_results import running_step

    step = running_step(make_run(pipeline), "first")
    own = Asker(attempt_token(step.pk, 1))
    assert_problem(own.patch(where, {"name": "mine"}), 404, "not_found")
    assert own.patch(f"tasks/{step.pk}/", {"parent": str(step.pk)}).status_code == 200


def test_long_names_are_no_hindrance(ada: Asker, project: Project) -> None:
    said = {"project": "alpha", "name": "n" * 200, "kind": "python", "script": "print(1)"}
    where = ada.post("tasks/", said)["Location"]
    clone = ada.post(f"{where}clone/").json()
    assert clone["name"] == "Clone of " + "n" * 191
    here = Asker(ada.post(f"{where}start/").json()["token"])
    assert here.post(f"tasks/{clone['id']}/enqueue/").json()["status"] == "queued"
    assert here.get("pipelines/").json()["results"][0]["name"] == "n" * 128
