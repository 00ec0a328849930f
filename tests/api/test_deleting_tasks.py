"""A task that belongs to nothing can be deleted; the history of runs and templates stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.actions.adopting import enqueue_as_step
from orchestrator.actions.tasks import create_task
from orchestrator.models import Artifact, AuditEvent, Call, LogPiece, Pipeline, Project, Task
from orchestrator.store import logs
from tests.api.asking import Asker, assert_problem
from tests.api.test_results import running_step
from tests.api.test_script_tokens import running, token_of
from tests.makers import make_run, make_template

BODY: dict[str, Any] = {"kind": "command", "body": {"argv": ["true"]}}


@pytest.fixture
def task(project: Project) -> Task:
    return create_task(actor="ada", project=project, name="t", **BODY)


def delete(asking: Asker, task: Task) -> Any:
    return asking.delete(f"tasks/{task.pk}/")


@pytest.mark.parametrize("status", ["draft", "completed", "failed", "aborted", "crashed"])
def test_a_task_goes_with_all_that_it_left(ada: Asker, task: Task, status: str) -> None:
    Task.objects.filter(pk=task.pk).update(status=status, fence=1)
    piece = {"stream": "stdout", "byte_from": 0, "line_from": 0, "text": "hello"}
    LogPiece.objects.create(task=task, fence=1, n=0, **piece)
    Artifact.objects.create(
        task=task, fence=1, name="a", sha256="0" * 64, size=1, media_type="a/b", kind="file"
    )
    clone = ada.post(f"tasks/{task.pk}/clone/").json()["id"]
    assert delete(ada, task).status_code == 204
    assert_problem(ada.get(f"tasks/{task.pk}/"), 404, "not_found")
    assert_problem(delete(ada, task), 404, "not_found")
    assert not LogPiece.objects.exists()
    assert not Artifact.objects.exists()
    assert Task.objects.get(pk=clone).parent is None
    assert AuditEvent.objects.get(action="task.delete").thing == str(task.pk)


@pytest.mark.parametrize("status", ["queued", "running", "aborting"])
def test_one_that_is_to_be_executed_stays(ada: Asker, task: Task, status: str) -> None:
    Task.objects.filter(pk=task.pk).update(status=status)
    assert status in assert_problem(delete(ada, task), 409, "conflict")["detail"]
    assert Task.objects.filter(pk=task.pk).exists()


def test_what_a_run_has_done_stays(ada: Asker, pipeline: Pipeline, task: Task) -> None:
    run = make_run(pipeline)
    Call.objects.create(run=run, round=1, number=1, kind="pre", task=task)
    step = running_step(run, "first")
    for one in (run.task, step, task):
        Task.objects.filter(pk=one.pk).update(status="completed")
        assert_problem(delete(ada, one), 409, "conflict")


def test_the_files_of_its_log_go_too(
    ada: Asker, task: Task, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PIPELINES_DATA_DIR = tmp_path
    Task.objects.filter(pk=task.pk).update(status="failed", fence=1)
    piece = {"stream": "stdout", "byte_from": 0, "line_from": 0, "text": "hello\n"}
    LogPiece.objects.create(task=task, fence=1, n=0, **piece)
    file = logs.fold(task.pk, 1)
    assert file is not None
    assert logs.file_path(file.key).exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert delete(ada, task).status_code == 204
    assert not logs.file_path(file.key).parent.exists()


def test_a_template_stays(ada: Asker, project: Project) -> None:
    make_template(project)
    assert_problem(ada.delete("tasks/alpha/load/"), 409, "conflict")


def test_what_a_script_has_enqueued_stays_before_it_is_a_step(
    ada: Asker, project: Project, task: Task
) -> None:
    script = running(project)
    enqueue_as_step(actor="ada", script=script.pk, task=task)
    Task.objects.filter(pk=task.pk).update(status="aborted")
    assert_problem(delete(ada, task), 409, "conflict")


def test_a_script_deletes_what_it_has_made_but_not_itself(project: Project, task: Task) -> None:
    own = running(project)
    script = token_of(own)
    assert delete(script, task).status_code == 204
    assert_problem(delete(script, own), 409, "conflict")


def test_a_step_deletes_nothing(pipeline: Pipeline, task: Task) -> None:
    step = token_of(running_step(make_run(pipeline), "first"))
    assert_problem(delete(step, task), 404, "not_found")
