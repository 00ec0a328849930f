"""Rerunning in a run that a script drives: the script begins once more, if it is needed."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions import scripts
from orchestrator.actions.reruns import foresee, rerun
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Agent, Change, Project, Run, Task
from tests.engine.driving import claimed, ended, script_of
from tests.engine.playing import check_run, play_all, settle, statuses
from tests.makers import (
    chain_document,
    drive,
    make_pipeline,
    make_run,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def begun(project: Project, agent: Agent, driver: str) -> Run:
    """A run whose script has said its steps."""
    document = chain_document() if driver == "controller" else {"schema": 1, "steps": []}
    run = make_run(drive(make_pipeline(project, driver, document=document), driver))
    settle()
    claimed(run, agent)
    say_steps(run)
    return run


def say_steps(run: Run) -> None:
    if run.driver == "controller":
        scripts.register_steps(actor="ada", run=run, version=1)
    else:
        said: Any = [
            {"key": name, "step": {"name": name, "template": "load"}}
            for name in ("first", "second")
        ]
        said[1]["step"]["parents"] = ["first"]
        scripts.add_steps(actor="ada", run=run, steps=said)
    settle()
    run.refresh_from_db()


def fails(*names: str) -> Any:
    return lambda name, _: TaskEvent.END_BADLY if name in names else TaskEvent.END_WELL


def test_what_failed_is_tried_again_and_the_script_with_it(project: Project, agent: Agent) -> None:
    run = begun(project, agent, "script")
    play_all(agent, fails("second"))
    ended(run, TaskEvent.END_BADLY, reason="it saw that")
    assert (run.status, run.graph_open) == (Status.FAILED, False)
    fence = script_of(run).fence
    shown = foresee(run=run, failed=True)
    assert (shown["refused"], shown["steps"]["second"]["effect"]) == (None, "will run")
    rerun(actor="ada", run=run, failed=True)
    settle()
    run.refresh_from_db()
    script = script_of(run)
    assert (run.status, run.round, run.graph_open) == (Status.RUNNING, 2, True)
    assert (script.status, script.fence) == (Status.QUEUED, fence + 1)
    assert script.published_at is not None
    assert statuses(run) == {"first": "completed", "second": "queued"}
    claimed(run, agent)
    say_steps(run)
    play_all(agent)
    assert statuses(run) == {"first": "completed", "second": "completed"}
    assert ended(run).status == Status.COMPLETED
    check_run(run)


def test_a_graph_that_is_registered_is_rerun_without_its_script(
    project: Project, agent: Agent
) -> None:
    run = begun(project, agent, "controller")
    play_all(agent)
    ended(run)
    rerun(actor="ada", run=run, steps=["second"])
    settle()
    run.refresh_from_db()
    assert (run.status, script_of(run).status) == (Status.RUNNING, Status.COMPLETED)
    play_all(agent)
    run.refresh_from_db()
    assert (run.status, run.round) == (Status.COMPLETED, 2)
    check_run(run)


def test_a_controller_that_failed_is_tried_again_with_its_steps(
    project: Project, agent: Agent
) -> None:
    run = begun(project, agent, "controller")
    ended(run, TaskEvent.END_BADLY, reason="so")
    assert (run.status, statuses(run)) == (
        Status.FAILED,
        {"first": "aborted", "second": "skipped"},
    )
    rerun(actor="ada", run=run, failed=True)
    settle()
    claimed(run, agent)
    say_steps(run)
    play_all(agent)
    assert ended(run).status == Status.COMPLETED
    check_run(run)


def test_a_script_that_failed_before_it_had_steps_is_tried_again(
    project: Project, agent: Agent
) -> None:
    run = make_run(drive(make_pipeline(project, "x", document={"schema": 1, "steps": []})))
    settle()
    claimed(run, agent)
    ended(run, TaskEvent.END_BADLY, reason="so")
    rerun(actor="ada", run=run, failed=True)
    settle()
    claimed(run, agent)
    assert ended(run).status == Status.COMPLETED
    assert run.round == 2
    check_run(run)


def test_a_script_that_no_agent_can_execute_is_not_tried_again(
    project: Project, agent: Agent
) -> None:
    run = begun(project, agent, "script")
    play_all(agent)
    ended(run)
    Task.objects.filter(pk=run.pk).update(definition=None)
    signal = rerun(actor="ada", run=run, steps=["first"])
    settle()
    said = Change.objects.get(run=run, data__signal=signal)
    assert said.kind == "refused"
    assert said.data["reason"].startswith("its script ran where somebody had started it")
    assert foresee(run=run, steps=["first"])["refused"] == said.data["reason"]
    check_run(run)
