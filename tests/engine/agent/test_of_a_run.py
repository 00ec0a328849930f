"""A step of a run: its run hears of the claim and of the end, each in the same transaction."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection

from orchestrator import announce, controller
from orchestrator.actions.templates import save_template
from orchestrator.agent import environments
from orchestrator.agent.execution import execute
from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from orchestrator.models import Run, Signal, Step, Task
from orchestrator.store import agents, execution
from tests.engine.agent.by_hand import wait_for
from tests.engine.playing import check_run, statuses
from tests.makers import (
    ROWS,
    chain_document,
    make_pipeline,
    make_project,
    make_run,
    make_template,
)

pytestmark = pytest.mark.django_db(transaction=True)


def a_run(script: str) -> Run:
    project = make_project()
    make_template(project, script=script)
    run = make_run(make_pipeline(project))
    controller.advance(run.id)
    return run


def waiting(run: Run) -> list[Task]:
    return list(Task.objects.filter(parent_id=run.id, status=Status.QUEUED))


def mail(run: Run) -> list[dict[str, int]]:
    return [signal.data for signal in Signal.objects.filter(run=run, kind="task").order_by("id")]


def test_a_chain_is_carried_to_its_end(agent: ServingAgent) -> None:
    run = a_run("from pipelines import Task\nTask.current_task().set_output('rows', 3)\n")
    executed = 0
    while tasks := waiting(run):
        for task in tasks:
            queue, run_id = execute(task.id, task.fence)
            assert (queue, run_id) == ("default", run.id)
            executed += 1
        controller.advance(run.id)
    run.refresh_from_db()
    assert (executed, run.status) == (2, Status.COMPLETED)
    assert statuses(run) == {"first": Status.COMPLETED, "second": Status.COMPLETED}
    assert not Signal.objects.filter(run=run).exists()
    check_run(run)


def test_the_claim_and_the_end_are_told_once_each(agent: ServingAgent) -> None:
    run = a_run("pass")
    (task,) = waiting(run)
    execute(task.id, task.fence)
    assert mail(run) == [{"step": 0, "attempt": 1}] * 2
    execute(task.id, task.fence)
    assert len(mail(run)) == 2


def test_a_run_hears_of_a_step_while_its_environment_is_built(
    broker: object, agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    save_template(
        actor="ada",
        project=project,
        slug="load",
        name="load",
        kind="python",
        body={"script": "pass", "requirements": ["what-takes-long-to-build"]},
        specs=(ROWS,),
    )
    run = make_run(make_pipeline(project, document=chain_document()))
    controller.advance(run.id)
    (task,) = waiting(run)
    # The tests before this one had no broker, and that is remembered for a moment.
    wait_for(announce.reachability.is_worth_trying, "the broker to be tried again")
    announce.server().delete("ctl")
    asked = []

    def build(_: object, __: object) -> str:
        asked.append(announce.server().llen("ctl"))
        return sys.executable

    monkeypatch.setattr(environments, "build", build)
    execute(task.id, task.fence)
    assert asked == [1], "no turn was asked for before the environment was built"


def test_why_a_step_failed_reaches_its_row(agent: ServingAgent) -> None:
    run = a_run("raise ValueError('no rows')")
    (task,) = waiting(run)
    execute(task.id, task.fence)
    controller.advance(run.id)
    step = Step.objects.get(run=run, path="first")
    assert (step.status, step.reason) == (Status.FAILED, "exit code 1: ValueError: no rows")
    run.refresh_from_db()
    assert run.status == Status.FAILED


def test_an_end_that_cannot_be_told_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    run = a_run("pass")
    (task,) = waiting(run)
    agent_id = agents.register(
        name="other", host="elsewhere", pid=1, queues=["default"], slots=1, lease=30
    )
    assert execution.claim(task.id, task.fence, agent_id, 30)

    def away(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if sql.startswith(f'INSERT INTO "{Signal._meta.db_table}"'):
            raise DatabaseError("away")
        return execute(sql, *rest)

    with connection.execute_wrapper(away), pytest.raises(DatabaseError):
        execution.finish(
            task.id, task.fence, agent_id, execution.Result(execution.TaskEvent.END_WELL)
        )
    task.refresh_from_db()
    assert (task.status, len(mail(run))) == (Status.RUNNING, 1)


def test_a_released_step_waits_again_in_the_same_attempt() -> None:
    run = a_run("pass")
    (task,) = waiting(run)
    agent_id = agents.register(
        name="other", host="elsewhere", pid=1, queues=["default"], slots=1, lease=30
    )
    assert execution.claim(task.id, task.fence, agent_id, 30)
    controller.advance(run.id)
    assert statuses(run)["first"] == Status.RUNNING
    assert execution.release(task.id, task.fence, agent_id)
    controller.advance(run.id)
    assert statuses(run)["first"] == Status.QUEUED
    step = Step.objects.get(run=run, path="first")
    assert step.attempts.count() == 1
