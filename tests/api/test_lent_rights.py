"""What a process is lent: the rights of whoever starts it, within the scopes of their token."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.runs import enqueue_run, start_run
from orchestrator.actions.tasks import create_task
from orchestrator.models import Attempt, PipelineVersion, Project, Run, Step, Task, TemplateVersion
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, assert_problem
from tests.makers import chain_document, make_member, make_template, make_token

COMMAND = {"project": "alpha", "name": "t", "kind": "command", "argv": ["true"]}
SCRIPT = {"script": "print(1)"}


def draft(project: Project, queue: str = "default") -> Task:
    """A draft of Ada's, who is admin."""
    return create_task(
        actor="ada", project=project, name="script", kind="python", body=SCRIPT, queue=queue
    )


def asker(project: Project, role: str, *scopes: str) -> Asker:
    return Asker(make_token(make_member(project, "rita", role), *scopes))


def executed(task: Any) -> Asker:
    """The token of a task that an agent now executes."""
    Task.objects.filter(pk=task).update(status="running", fence=7)
    return Asker(attempt_token(Task.objects.get(pk=task).pk, 7))


def register(asking: Asker, **more: Any) -> Any:
    said = {"project": "alpha", "name": "Train", "driver": "controller", "script": SCRIPT}
    return asking.post("pipelines/register/", {**said, "document": chain_document("a"), **more})


def may(script: Asker) -> str:
    """What a script is allowed: to look, to start, to make."""
    asked = {
        "look": script.get("projects/alpha/"),
        "start": script.post("pipelines/alpha/chain/runs/"),
        "make": script.post("tasks/", COMMAND),
    }
    return " ".join(word for word, answer in asked.items() if answer.status_code != 403)


EVERYTHING, ONLY_STARTS = "look start make", "look start"
BOTH = ("runs:write", "pipelines:write")
SCOPES = [((), EVERYTHING), (BOTH, EVERYTHING), (("runs:write",), ONLY_STARTS)]


@pytest.mark.parametrize(("scopes", "allowed"), SCOPES)
def test_a_process_of_a_shell(
    project: Project, pipeline: object, scopes: tuple[str, ...], allowed: str
) -> None:
    rita = asker(project, "editor", *scopes)
    answer = rita.post(f"tasks/{draft(project).pk}/start/")
    assert may(Asker(answer.json()["token"])) == allowed


@pytest.mark.parametrize(("scopes", "allowed"), SCOPES)
def test_a_task_of_an_agent(
    project: Project, pipeline: object, scopes: tuple[str, ...], allowed: str
) -> None:
    rita, task = asker(project, "editor", *scopes), draft(project)
    assert rita.post(f"tasks/{task.pk}/enqueue/").status_code == 200
    assert may(executed(task.pk)) == allowed


@pytest.fixture
def trained(ada: Asker, project: Project, pipeline: object) -> PipelineVersion:
    """A pipeline that a script drives."""
    assert register(ada).status_code == 200
    return PipelineVersion.objects.get(pipeline__slug="train")


@pytest.mark.parametrize(("scopes", "allowed"), SCOPES)
@pytest.mark.parametrize("way", ["start", "like", "draft", "bulk"])
def test_the_script_of_a_run(
    ada: Asker,
    project: Project,
    trained: PipelineVersion,
    way: str,
    scopes: tuple[str, ...],
    allowed: str,
) -> None:
    rita, runs = asker(project, "editor", *scopes), "pipelines/alpha/train/runs/"
    if way == "start":
        run = rita.post(runs).json()["id"]
    elif way == "like":
        run = rita.post(runs, {"like": ada.post(runs).json()["id"]}).json()["id"]
    else:
        run = ada.post(runs, {"draft": True}).json()["id"]
        wanted = {"verb": "enqueue", "runs": [run]}
        answer = rita.post("runs/bulk/", wanted) if way == "bulk" else rita.post(
            f"runs/{run}/enqueue/"
        )  # fmt: skip
        assert answer.status_code == 202
    assert Run.objects.get(pk=run).actor == "rita"
    assert may(executed(run)) == allowed


def test_what_a_script_starts_has_no_more_rights_than_it(
    ada: Asker, project: Project, trained: PipelineVersion
) -> None:
    rita = asker(project, "editor", "runs:write")
    first, second = draft(project), draft(project)
    rita.post(f"tasks/{first.pk}/enqueue/")
    script = executed(first.pk)
    run = script.post("pipelines/alpha/train/runs/").json()["id"]
    assert may(executed(run)) == ONLY_STARTS
    assert script.post(f"tasks/{second.pk}/enqueue/").status_code == 200
    assert Task.objects.get(pk=second.pk).scopes == ["runs:write"]


def test_a_task_that_is_left_to_an_agent_has_no_more_rights_than_before(project: Project) -> None:
    rita, task = asker(project, "operator", "runs:write"), draft(project)
    here = Asker(rita.post(f"tasks/{task.pk}/start/").json()["token"])
    wanted = {"status": "queued", "queue": "default"}
    assert here.post(f"tasks/{task.pk}/finish/", wanted).status_code == 200
    assert Task.objects.get(pk=task.pk).scopes == ["runs:write"]


def test_who_runs_the_script_of_a_nested_run_here_has_their_own_rights(
    project: Project, trained: PipelineVersion
) -> None:
    outer = start_run(actor="ada", pipeline=trained.pipeline)
    nested = start_run(actor="ada", pipeline=trained.pipeline)
    step = Step.objects.create(run=outer, index=0, node=0, path="first", attempt=1)
    Attempt.objects.create(run=outer, step=step, number=1, task=nested.task)
    Task.objects.filter(pk=nested.pk).update(queue="local", held=False)
    rita = asker(project, "operator")
    here = Asker(rita.post(f"tasks/{nested.pk}/start/").json()["token"])
    assert may(here) == ONLY_STARTS


def test_a_person_in_a_page_lends_everything(project: Project, trained: PipelineVersion) -> None:
    run = start_run(actor="ada", pipeline=trained.pipeline, draft=True)
    enqueue_run(actor="ada", run=run)
    assert may(executed(run.pk)) == EVERYTHING


def test_who_may_only_start_runs_is_given_what_is_there(
    ada: Asker, project: Project, trained: PipelineVersion
) -> None:
    for asking in (
        asker(project, "editor", "runs:write"),
        asker(project, "operator"),
        executed(start_run(actor="rita", pipeline=trained.pipeline).pk),
    ):
        same = register(asking)
        assert (same.status_code, same.json()["created"]) == (200, False)
        for change in ({"document": chain_document("b")}, {"name": "Other"}):
            assert_problem(register(asking, **change), 403, "not_allowed")
    assert PipelineVersion.objects.filter(pipeline__slug="train").count() == 1
    assert not Project.objects.get(pk=project.pk).pipelines.filter(slug="other").exists()


def test_a_task_that_is_kept_is_there_for_who_may_only_start_runs(
    ada: Asker, project: Project
) -> None:
    rita, task = asker(project, "operator"), draft(project)
    assert_problem(rita.post(f"tasks/{task.pk}/keep/"), 403, "not_allowed")
    here = Asker(rita.post(f"tasks/{task.pk}/start/").json()["token"])
    assert_problem(here.post(f"tasks/{task.pk}/keep/"), 403, "not_allowed")
    assert TemplateVersion.objects.count() == 0
    kept = ada.post(f"tasks/{task.pk}/keep/").json()
    for asking in (rita, here):
        assert asking.post(f"tasks/{task.pk}/keep/").json() == {**kept, "created": False}
        assert_problem(
            asking.post(f"tasks/{task.pk}/keep/", {"declare": ["x"]}), 403, "not_allowed"
        )


def test_a_template_that_is_saved_unchanged_is_there_for_who_may_only_start_runs(
    project: Project,
) -> None:
    make_template(project)
    rita, path = asker(project, "operator"), "tasks/alpha/load/"
    said = rita.get(path).json()
    same = {"name": said["name"], "script": said["body"]["script"], "parameters": said["declared"]}
    answer = rita.put(path, same)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    for change in ({"script": "print(2)"}, {"name": "other"}, {"tags": ["new"]}):
        assert_problem(rita.put(path, {**same, **change}), 403, "not_allowed")
    assert rita.get(path).json() == said
