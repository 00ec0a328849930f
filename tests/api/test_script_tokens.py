"""The token of a running script: it does in its project what its user may, and no more.

A script is a task by itself, or the one that drives a run; a step's task and a hook's are none.
"""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import Attempt, Call, Pipeline, Project, Run, Step, Task, User
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_member, make_pipeline, make_project, make_run, make_user

COMMAND = {"name": "t", "kind": "command", "argv": ["true"]}


def running(project: Project, actor: str = "ada", **more: Any) -> Task:
    """Put a task into a project that is being executed."""
    values = {"name": "script", "kind": "python", "status": "running", "fence": 1, **more}
    return Task.objects.create(project=project, actor=actor, **values)


def token_of(task: Task) -> Asker:
    return Asker(attempt_token(task.pk, 1))


@pytest.fixture
def script(project: Project) -> Asker:
    return token_of(running(project))


def test_a_script_sees_operates_and_edits_in_its_project(
    script: Asker, project: Project, pipeline: Pipeline
) -> None:
    made = script.post("tasks/", {"project": "alpha", **COMMAND})
    assert made.status_code == 201
    path = f"tasks/{made.json()['id']}/"
    assert script.patch(path, {"comment": "by the script"}).json()["comment"] == "by the script"
    assert script.post(f"{path}clone/").status_code == 201
    assert script.post(f"{path}enqueue/").json()["status"] == "queued"
    assert script.post(f"{path}abort/").json()["status"] == "aborted"
    run = script.post("pipelines/alpha/chain/runs/")
    assert (run.status_code, run.json()["origin"], run.json()["actor"]) == (201, "script", "ada")
    assert script.post(f"runs/{run.json()['id']}/abort/").status_code == 202
    assert [row["slug"] for row in script.get("projects/").json()["results"]] == ["alpha"]


def test_a_script_still_tells_of_itself(project: Project) -> None:
    task = running(project)
    script = token_of(task)
    assert script.patch(f"tasks/{task.pk}/", {"progress": 0.5}).status_code == 200
    values = [{"title": "loss", "series": "train", "step": 1, "value": 0.5}]
    assert script.post(f"tasks/{task.pk}/samples/", values).status_code == 201
    other = running(project)
    assert_problem(script.patch(f"tasks/{other.pk}/", {"progress": 0.5}), 403, "not_allowed")
    assert_problem(script.post(f"tasks/{other.pk}/samples/", values), 403, "not_allowed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "projects/", {"name": "new"}),
        ("PATCH", "projects/alpha/", {"name": "other"}),
        ("PUT", "projects/alpha/members/eve/", {"role": "admin"}),
        ("POST", "projects/alpha/webhook-secret/", {}),
        ("GET", "tokens/", None),
        ("POST", "tokens/", {"name": "t", "scopes": ["admin"]}),
        ("POST", "queues/", {"name": "gpu"}),
    ],
)
def test_a_script_administers_nothing(
    people: People, script: Asker, method: str, path: str, body: Any
) -> None:
    User.objects.filter(username="ada").update(is_superuser=True)
    assert_problem(script(method, path, body), 403, "not_allowed")


def test_another_project_does_not_exist_for_a_script(script: Asker) -> None:
    other = make_project("gamma", owner="ada")
    make_pipeline(other)
    task = running(other)
    assert_problem(script.get(f"tasks/{task.pk}/"), 404, "not_found")
    assert_problem(script.post("tasks/", {"project": "gamma", **COMMAND}), 404, "not_found")
    assert_problem(script.post("pipelines/gamma/chain/runs/"), 404, "not_found")


@pytest.mark.parametrize(
    ("role", "made", "started"),
    [("viewer", 403, 403), ("operator", 403, 201), ("editor", 201, 201)],
)
def test_a_script_may_no_more_than_its_user(
    project: Project, pipeline: Pipeline, role: str, made: int, started: int
) -> None:
    make_member(project, "rita", role)
    script = token_of(running(project, "rita"))
    assert script.post("tasks/", {"project": "alpha", **COMMAND}).status_code == made
    assert script.post("pipelines/alpha/chain/runs/").status_code == started


def test_who_has_left_the_project_takes_their_scripts_along(project: Project) -> None:
    script = token_of(running(project, make_user("eve").username))
    assert_problem(script.get("projects/alpha/"), 404, "not_found")


@pytest.mark.parametrize("actor", ["", "nobody", "gone"])
def test_a_script_of_nobody_may_nothing(project: Project, actor: str) -> None:
    user = make_member(project, "gone", "admin")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert_problem(token_of(running(project, actor)).get("projects/"), 403, "not_allowed")


@pytest.mark.parametrize("change", [{"status": "completed"}, {"fence": 2}])
def test_a_scripts_token_ends_with_its_task(project: Project, change: dict[str, Any]) -> None:
    task = running(project)
    Task.objects.filter(pk=task.pk).update(**change)
    assert_problem(token_of(task).get("projects/"), 401, "bad_token")


@pytest.mark.parametrize(("driver", "status"), [("graph", 403), ("script", 200)])
def test_the_task_of_a_nested_run_is_a_script_only_if_it_drives_the_run(
    project: Project, pipeline: Pipeline, driver: str, status: int
) -> None:
    outer, nested = make_run(pipeline), make_run(pipeline)
    step = Step.objects.create(run=outer, index=0, node=0, path="first", attempt=1)
    Attempt.objects.create(run=outer, step=step, number=1, task=nested.task)
    Run.objects.filter(pk=nested.pk).update(driver=driver)
    Task.objects.filter(pk=nested.pk).update(status="running", fence=1)
    assert token_of(nested.task).get("runs/").status_code == status


def test_a_hooks_task_is_no_script(project: Project, pipeline: Pipeline) -> None:
    run, task = make_run(pipeline), running(project)
    Call.objects.create(run=run, round=1, number=1, kind="pre", task=task)
    assert_problem(token_of(task).get("runs/"), 403, "not_allowed")
