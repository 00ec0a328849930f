"""What scripts say over REST to the runs that they drive."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.controller import advance
from orchestrator.models import Attempt, Pipeline, Project, Run, Step, Task
from orchestrator.store import execution
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, People, assert_problem
from tests.makers import drive, make_agent, make_pipeline, make_run

STEP = {"name": "load", "template": "load"}


def body(**steps: Any) -> dict[str, Any]:
    return {"steps": [{"key": key, "step": step} for key, step in steps.items()]}


@pytest.fixture
def run(project: Project, pipeline: Pipeline) -> Run:
    """A run whose script is being executed."""
    document = {"schema": 1, "steps": []}
    made = make_run(drive(make_pipeline(project, "looping", document=document)))
    advance(made.pk)
    agent = make_agent(queues=("services",))
    assert execution.claim(made.pk, 1, agent.pk, 1000)
    advance(made.pk)
    return made


@pytest.fixture
def script(run: Run) -> Asker:
    return Asker(attempt_token(run.pk, 1))


def test_a_script_adds_steps_and_gets_their_names(script: Asker, run: Run) -> None:
    path = f"runs/{run.pk}/steps/"
    asked = script.post(path, body(a=STEP, b=STEP))
    assert asked.status_code == 202
    advance(run.pk)
    added = [
        {"key": "a", "name": "load", "index": 0},
        {"key": "b", "name": "load_1", "index": 1},
    ]
    again = script.post(path, body(a=STEP, b=STEP))
    assert (again.status_code, again.json()) == (200, {"steps": added})
    steps = script.get(path).json()
    assert [(step["name"], step["status"]) for step in steps] == [
        ("load", "queued"),
        ("load_1", "queued"),
    ]
    other = body(a={**STEP, "queue": "services"})
    detail = assert_problem(script.post(path, other), 409, "key_conflict")["detail"]
    assert detail == 'key "a": a step with another "queue" was added under it before'


def test_what_is_wrong_with_a_step_is_told(script: Asker, run: Run) -> None:
    answer = script.post(f"runs/{run.pk}/steps/", body(a={"name": "x", "template": "nothing"}))
    (problem,) = assert_problem(answer, 400, "invalid")["problems"]
    assert (problem["where"], problem["code"]) == ("steps[0].step.template", "unknown_template")
    assert_problem(script.post(f"runs/{run.pk}/steps/", {"steps": []}), 400, "invalid")
    assert_problem(script.post(f"runs/{run.pk}/steps/", {"steps": [{"key": "a"}]}), 400, "invalid")


def test_a_step_adds_steps_to_its_own_run_alone(
    script: Asker, run: Run, pipeline: Pipeline
) -> None:
    script.post(f"runs/{run.pk}/steps/", body(a=STEP))
    advance(run.pk)
    task = Attempt.objects.get(run=run).task
    assert task is not None
    Task.objects.filter(pk=task.pk).update(status="running")
    step = Asker(attempt_token(task.pk, 1))
    assert step.post(f"runs/{run.pk}/steps/", body(b=STEP)).status_code == 202
    advance(run.pk)
    assert Step.objects.filter(run=run).count() == 2
    other = make_run(pipeline)
    assert_problem(step.post(f"runs/{other.pk}/steps/", body(b=STEP)), 404, "not_found")
    assert len(step.get(f"runs/{run.pk}/steps/").json()) == 2


def test_a_running_task_becomes_a_run(project: Project, ada: Asker) -> None:
    made = ada.post("tasks/", {"project": "alpha", "name": "My loop", "script": "print(1)"})
    task = made.json()["id"]
    assert_problem(ada.post(f"tasks/{task}/run/", {}), 409, "conflict")
    Task.objects.filter(pk=task).update(status="running", fence=1)
    script = Asker(attempt_token(Task.objects.get(pk=task).pk, 1))
    run = script.post(f"tasks/{task}/run/", {"pipeline": "Loops"})
    shown = run.json()
    assert run.status_code == 201
    assert (shown["id"], shown["pipeline"], shown["driver"]) == (task, "loops", "script")
    again = script.post(f"tasks/{task}/run/", {})
    assert (again.status_code, again.json()["number"]) == (200, 1)


def test_what_a_script_starts_is_its_step(project: Project, ada: Asker, pipeline: Pipeline) -> None:
    loop = Task.objects.create(
        project=project, name="loop", kind="python", status="running", fence=1, actor="ada"
    )
    script = Asker(attempt_token(loop.pk, 1))
    draft = script.post("tasks/alpha/load/clone/", {"name": "train"}).json()["id"]
    asked = {"queue": "default", "key": "loop.py:3 #1", "name": "try one"}
    for _ in range(2):
        answer = script.post(f"tasks/{draft}/enqueue/", asked)
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    nested = script.post("pipelines/alpha/chain/runs/", {}, Idempotency_Key="k").json()["id"]
    again = script.post("pipelines/alpha/chain/runs/", {}, Idempotency_Key="k").json()["id"]
    assert nested == again
    # A key of 200 characters, which is a place in a file far away perhaps, counts to its end.
    for end in ("1", "2"):
        other = script.post("pipelines/alpha/chain/runs/", {}, Idempotency_Key="p" * 199 + end)
        assert other.status_code == 201
    advance(loop.pk)
    steps = ada.get(f"runs/{loop.pk}/steps/").json()
    assert [step["name"] for step in steps] == ["try one", "chain", "chain_1", "chain_2"]
    shown = ada.get(f"runs/{loop.pk}/steps/try one/").json()
    assert (shown["attempts"][0]["origin"], shown["attempts"][0]["task"]) == ("script", draft)


def test_a_draft_run_that_a_script_enqueues_is_its_step(
    project: Project, ada: Asker, pipeline: Pipeline
) -> None:
    loop = Task.objects.create(
        project=project, name="loop", kind="python", status="running", fence=1, actor="ada"
    )
    script = Asker(attempt_token(loop.pk, 1))
    draft = script.post("pipelines/alpha/chain/runs/", {"draft": True}).json()["id"]
    assert script.post(f"runs/{draft}/enqueue/", {}).status_code == 202
    advance(loop.pk)
    (step,) = ada.get(f"runs/{loop.pk}/steps/").json()
    assert step["name"] == "chain"
    shown = ada.get(f"runs/{loop.pk}/steps/chain/").json()
    assert shown["attempts"][0]["task"] == draft


def test_only_its_own_script_registers_a_runs_steps(
    project: Project, people: People, pipeline: Pipeline
) -> None:
    run = make_run(drive(pipeline, "controller"))
    advance(run.pk)
    agent = make_agent(queues=("services",))
    assert execution.claim(run.pk, 1, agent.pk, 1000)
    other = Task.objects.create(
        project=project, name="x", kind="python", status="running", fence=1, actor="ada"
    )
    path = f"runs/{run.pk}/register/"
    stranger = Asker(attempt_token(other.pk, 1))
    assert_problem(stranger.post(path, {"version": 1}), 403, "not_allowed")
    own = Asker(attempt_token(run.pk, 1))
    assert_problem(own.post(path, {"version": 7}), 404, "not_found")
    assert own.post(path, {"version": 1}).status_code == 202
    advance(run.pk)
    assert Step.objects.filter(run=run).count() == 2


def test_a_run_is_made_as_a_draft(ada: Asker, pipeline: Pipeline) -> None:
    made = ada.post("pipelines/alpha/chain/runs/", {"draft": True})
    assert (made.status_code, made.json()["status"]) == (201, "draft")
    assert ada.post(f"runs/{made.json()['id']}/enqueue/").status_code == 202
