"""What a script starts by hand while its run is paused, and that script itself, wait with it."""

from __future__ import annotations

import pytest

from orchestrator.actions.adopting import enqueue_as_step, start_as_step
from orchestrator.actions.steering import pause_run, resume_run
from orchestrator.actions.tasks import create_task
from orchestrator.controller import advance, serve_line
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Project, Run, Task
from tests.engine.driving import claimed, lose_lease
from tests.engine.playing import check_run, settle, statuses
from tests.makers import make_pipeline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def draft(project: Project, name: str, parent: Task | None = None) -> Task:
    body = {"script": "print(1)"}
    task = create_task(actor="ada", project=project, name=name, kind="python", body=body)
    Task.objects.filter(pk=task.pk).update(parent=parent)
    return Task.objects.get(pk=task.pk)


def enqueue(run: Run, task: Task) -> None:
    enqueue_as_step(actor="ada", script=run.pk, task=task)


def is_held(task: Task | Run) -> bool:
    return Task.objects.get(pk=task.pk).held


def paused(run: Run) -> None:
    pause_run(actor="ada", run=run)
    settle()
    run.refresh_from_db()
    assert run.status == Status.PAUSED


def test_what_is_enqueued_while_the_run_is_paused_gets_no_place(project: Project, run: Run) -> None:
    paused(run)
    task = draft(project, "train")
    enqueue(run, task)
    assert serve_line("default") == 0, "it waits from the first moment"
    settle()
    assert statuses(run) == {"train": "queued"}
    assert (is_held(task), serve_line("default")) == (True, 0)
    resume_run(actor="ada", run=run)
    settle()
    task.refresh_from_db()
    assert (task.held, task.published_at is not None) == (False, True)
    check_run(run)


def test_what_was_enqueued_before_waits_whatever_its_parent_is(project: Project, run: Run) -> None:
    clone = draft(project, "train", parent=draft(project, "source"))
    enqueue(run, clone)
    settle()
    Task.objects.filter(pk=clone.pk).update(published_at=None)
    paused(run)
    assert is_held(clone)
    resume_run(actor="ada", run=run)
    settle()
    assert not is_held(clone)


@pytest.mark.parametrize("now", ["paused", "running"])
def test_what_the_run_has_become_meanwhile_counts(project: Project, run: Run, now: str) -> None:
    task = draft(project, "train")
    if now == "running":
        paused(run)
    enqueue(run, task)
    if now == "paused":
        pause_run(actor="ada", run=run)
    else:
        # The run went on between the look at it and the commit of the ask.
        Run.objects.filter(pk=run.pk).update(status=Status.RUNNING)
    advance(run.pk)
    settle()
    task.refresh_from_db()
    assert task.held == (now == "paused")
    assert now == "paused" or task.published_at is not None, "nobody gave it a place"


def test_a_script_that_is_taken_up_waits_while_its_run_is_paused(run: Run, agent: Agent) -> None:
    paused(run)
    lose_lease(run)
    assert (run.status, run.taken_up) == (Status.PAUSED, 1)
    assert (is_held(run), serve_line("services")) == (True, 0)
    resume_run(actor="ada", run=run)
    settle()
    assert not is_held(run)
    claimed(run, agent)
    check_run(run)


def test_a_script_that_waits_to_be_taken_up_waits_when_its_run_is_paused(run: Run) -> None:
    lose_lease(run)
    Task.objects.filter(pk=run.pk).update(published_at=None)
    assert not is_held(run)
    paused(run)
    assert is_held(run)
    resume_run(actor="ada", run=run)
    settle()
    assert not is_held(run)


def test_a_run_that_is_triggered_while_the_run_is_paused_pauses_with_it(
    project: Project, run: Run
) -> None:
    paused(run)
    inner = start_as_step(script=run.pk, actor="ada", pipeline=make_pipeline(project, "inner"))
    settle()
    inner.refresh_from_db()
    assert inner.status == Status.PAUSED
    resume_run(actor="ada", run=run)
    settle()
    inner.refresh_from_db()
    assert (inner.status, statuses(run)) == (Status.RUNNING, {"inner": "running"})
    check_run(run)
    check_run(inner)
