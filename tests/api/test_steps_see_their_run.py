"""A step's token shows it the run that it belongs to, and what that run's script has left."""

from __future__ import annotations

from typing import Any

from orchestrator.models import Project, Run, Task
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, assert_problem
from tests.api.test_results import running_step
from tests.makers import make_pipeline, make_run


def made(project: Project, slug: str) -> tuple[Run, Asker]:
    run = make_run(make_pipeline(project, slug))
    task: Task = running_step(run, "mine")
    return run, Asker(attempt_token(task.pk, 1))


def test_a_step_sees_how_its_run_and_the_other_steps_stand(project: Project) -> None:
    run, step = made(project, "one")

    path = f"runs/{run.pk}/"
    assert step.get(path).json()["pipeline"] == "one"
    assert [row["name"] for row in step.get(f"{path}steps/").json()]
    assert step.get(f"{path}graph/").status_code == 200


def test_a_step_steers_nothing_and_sees_no_other_run(project: Project) -> None:
    run, step = made(project, "one")
    other, _ = made(project, "other")

    assert_problem(step.post(f"runs/{run.pk}/abort/"), 403, "not_allowed")
    assert_problem(step.get(f"runs/{other.pk}/"), 404, "not_found")
    assert_problem(step.get("runs/"), 403, "not_allowed")


def test_a_step_reads_what_its_runs_script_has_left(project: Project) -> None:
    run, step = made(project, "one")
    other, _ = made(project, "other")

    found: Any = step.get(f"tasks/{run.pk}/artifacts/")
    assert found.status_code == 200
    assert_problem(step.get(f"tasks/{other.pk}/artifacts/"), 404, "not_found")
