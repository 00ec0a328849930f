"""A run that a script drives is its script's task: it waits, runs, ends and is lost like that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orchestrator import clock
from orchestrator.actions.places_of_runs import change_line
from orchestrator.actions.runs import (
    abort_run,
    change_draft_run,
    clone_run,
    enqueue_run,
    run_again,
)
from orchestrator.domain.planner import MOST_TAKE_UPS
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Agent, Change, Pipeline, Project, Run, Task
from orchestrator.queries.places import why_run_waits
from orchestrator.store import execution
from orchestrator.store.tasks import move_task
from tests.engine.driving import claimed, ended, lose_lease, script_of
from tests.engine.playing import check_run, play_all, settle, statuses
from tests.makers import drive, make_agent, make_pipeline, make_project, make_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

EMPTY: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 10}],
    "steps": [],
}


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def pipeline(project: Project) -> Pipeline:
    """A pipeline whose script adds the steps: none are known before."""
    return drive(make_pipeline(project, "looping", document=EMPTY))


@pytest.fixture
def chain(project: Project) -> Pipeline:
    """One whose script has two steps from the beginning."""
    return drive(make_pipeline(project))


@pytest.fixture
def agent() -> Agent:
    return make_agent(queues=("services", "default"))


def test_the_run_waits_with_its_script_and_begins_with_it(pipeline: Pipeline, agent: Agent) -> None:
    run = make_run(pipeline, rows=7)
    settle()
    run.refresh_from_db()
    script = script_of(run)
    assert (run.status, script.status, script.queue) == (Status.QUEUED, Status.QUEUED, "services")
    assert script.published_at is not None, "it was not sent to its queue"
    assert script.parameters == {"General/rows": 7, "Args/rows": 7}
    claimed(run, agent)
    assert (run.status, run.graph_open) == (Status.RUNNING, True)
    assert run.started_at is not None
    ended(run, outputs={"n": 42})
    assert (run.status, run.graph_open, run.outputs) == (Status.COMPLETED, False, {"n": 42})
    check_run(run)


def test_nobody_executes_the_task_of_a_graphs_run(project: Project, agent: Agent) -> None:
    run = make_run(make_pipeline(project))
    settle()
    clock.tick()
    task = script_of(run)
    assert (task.kind, task.published_at) == (Task.CONTROLLER, None)


def test_why_it_waits_is_said(pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    settle()
    run.refresh_from_db()
    waits = 'its script waits in queue "services"'
    assert why_run_waits(run) == f"{waits}, which no agent serves"
    make_agent(queues=("services",))
    assert why_run_waits(run) == waits


def test_a_script_that_fails_takes_its_steps_along(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    claimed(run, agent)
    assert statuses(run) == {"first": "queued", "second": "pending"}
    ended(run, TaskEvent.END_BADLY, reason="exit code 1")
    assert statuses(run) == {"first": "aborted", "second": "skipped"}
    assert (run.status, run.reason) == (Status.FAILED, "its script failed: exit code 1")
    check_run(run)


def test_a_run_is_what_its_script_made_of_its_steps(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    claimed(run, agent)
    play_all(agent, lambda name, _: _bad(name == "second"))
    run.refresh_from_db()
    assert (run.status, run.graph_open) == (Status.RUNNING, True)
    ended(run)
    assert (run.status, run.reason) == (Status.COMPLETED, "")
    assert statuses(run) == {"first": "completed", "second": "failed"}
    check_run(run)


def test_the_run_ends_when_its_last_step_has(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    claimed(run, agent)
    ended(run)
    assert (run.status, run.graph_open) == (Status.RUNNING, False)
    play_all(agent)
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    check_run(run)


def test_an_abort_ends_the_script_and_its_steps(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    claimed(run, agent)
    abort_run(actor="ada", run=run)
    settle()
    run.refresh_from_db()
    script = script_of(run)
    assert (run.status, script.status) == (Status.ABORTING, Status.ABORTING)
    assert statuses(run) == {"first": "aborted", "second": "skipped"}
    assert script.abort_requested_at is not None
    ended(run, TaskEvent.CONFIRM_GONE, reason="aborted")
    assert (run.status, script_of(run).status) == (Status.ABORTED, Status.ABORTED)
    check_run(run)


def test_a_run_whose_script_nobody_claimed_is_aborted_at_once(pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    settle()
    run.refresh_from_db()
    abort_run(actor="ada", run=run)
    settle()
    run.refresh_from_db()
    assert (run.status, script_of(run).status) == (Status.ABORTED, Status.ABORTED)
    check_run(run)


def test_a_script_that_gave_itself_up_aborts_its_run(pipeline: Pipeline, agent: Agent) -> None:
    run = make_run(pipeline)
    settle()
    claimed(run, agent)
    assert move_task(script_of(run), TaskEvent.ABORT)
    ended(run, TaskEvent.CONFIRM_GONE, reason="had enough")
    assert (run.status, run.reason) == (Status.ABORTED, "its script was aborted: had enough")
    check_run(run)


def test_a_lost_script_is_taken_up_and_its_steps_go_on(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    before = claimed(run, agent)
    lose_lease(run)
    script = script_of(run)
    assert (run.status, run.taken_up) == (Status.RUNNING, 1)
    assert (script.status, script.fence, script.agent_id) == ("queued", before.fence + 1, None)
    assert script.published_at is not None, "it was not sent again"
    assert statuses(run) == {"first": "queued", "second": "pending"}
    notes = Change.objects.filter(run=run, kind="note").values_list("data__text", flat=True)
    assert list(notes) == ["the script is taken up again (1 of 5): agent ant was lost"]
    claimed(run, agent)
    ended(run)
    play_all(agent)
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    check_run(run)


def test_a_script_is_taken_up_so_often_and_no_more(chain: Pipeline, agent: Agent) -> None:
    run = make_run(chain)
    settle()
    for _ in range(MOST_TAKE_UPS):
        claimed(run, agent)
        ended(run, TaskEvent.CANNOT_RUN, reason="killed by signal 9")
        assert (run.status, script_of(run).status) == (Status.RUNNING, Status.QUEUED)
    claimed(run, agent)
    ended(run, TaskEvent.CANNOT_RUN, reason="killed by signal 9")
    assert run.status == Status.FAILED
    assert run.reason == "its script crashed 6 times: killed by signal 9"
    assert statuses(run) == {"first": "aborted", "second": "skipped"}
    check_run(run)


def test_a_script_that_a_shell_started_is_not_taken_up(pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    settle()
    lease = timezone.now() + timedelta(seconds=30)
    values = {"lease_until": lease, "started_at": timezone.now()}
    assert move_task(script_of(run), TaskEvent.CLAIM, **values)
    lose_lease(run)
    assert (run.status, run.taken_up) == (Status.FAILED, 0)
    assert run.reason == "its script crashed: the process that started it has gone"
    check_run(run)


def test_an_agent_that_gives_a_script_back_costs_it_nothing(
    pipeline: Pipeline, agent: Agent
) -> None:
    run = make_run(pipeline)
    settle()
    script = claimed(run, agent)
    assert execution.release(script.pk, script.fence, agent.pk)
    settle()
    run.refresh_from_db()
    assert (run.status, run.taken_up, script_of(run).status) == ("running", 0, "queued")
    claimed(run, agent)
    assert ended(run).status == Status.COMPLETED
    check_run(run)


def test_a_script_waits_until_its_pipeline_has_a_place(pipeline: Pipeline, agent: Agent) -> None:
    change_line(actor="ada", pipeline=pipeline, limit=1)
    first, second = make_run(pipeline), make_run(pipeline)
    settle()
    clock.tick()
    assert script_of(first).published_at is not None
    assert (script_of(second).held, script_of(second).published_at) == (True, None)
    claimed(first, agent)
    ended(first)
    clock.tick()
    settle()
    claimed(second, agent)
    assert ended(second).status == Status.COMPLETED
    for run in (first, second):
        check_run(run)


def test_a_draft_is_changed_and_enqueued_and_a_run_is_run_again(
    pipeline: Pipeline, agent: Agent
) -> None:
    run = make_run(pipeline)
    settle()
    claimed(run, agent)
    ended(run)
    draft = clone_run(actor="ada", run=run)
    settle()
    assert (draft.driver, script_of(draft).status) == ("script", Status.DRAFT)
    change_draft_run(actor="ada", run=draft, parameters={"rows": 3})
    enqueue_run(actor="ada", run=draft)
    again = run_again(actor="ada", run=run)
    settle()
    for each, rows in ((draft, 3), (again, 10)):
        assert claimed(each, agent).parameters["Args/rows"] == rows
        assert ended(each).status == Status.COMPLETED
        check_run(each)


def test_a_draft_that_is_aborted_takes_its_script_along(pipeline: Pipeline, agent: Agent) -> None:
    draft = clone_run(actor="ada", run=make_run(pipeline))
    abort_run(actor="ada", run=draft)
    settle()
    draft.refresh_from_db()
    assert (draft.status, script_of(draft).status) == (Status.ABORTED, Status.ABORTED)


@pytest.mark.parametrize(
    ("event", "outer"), [(TaskEvent.END_WELL, "completed"), (TaskEvent.END_BADLY, "failed")]
)
def test_a_step_is_a_run_that_a_script_drives(
    project: Project, chain: Pipeline, agent: Agent, event: TaskEvent, outer: str
) -> None:
    step = {"name": "inner", "kind": "pipeline", "pipeline": "chain"}
    run = make_run(make_pipeline(project, "outer", document={"schema": 1, "steps": [step]}))
    settle()
    nested = Run.objects.get(pipeline=chain)
    assert (nested.status, statuses(run)) == (Status.QUEUED, {"inner": "queued"})
    claimed(nested, agent)
    assert statuses(run) == {"inner": "running"}
    play_all(agent, lambda *_: event)
    assert statuses(run) == {"inner": "running"}, "its script has not ended"
    ended(nested, event, reason="so")
    run.refresh_from_db()
    assert (run.status, statuses(run)) == (outer, {"inner": outer})
    check_run(run)
    check_run(nested)


def test_a_step_that_is_a_scripts_run_is_aborted_with_it(
    project: Project, chain: Pipeline, agent: Agent
) -> None:
    step = {"name": "inner", "kind": "pipeline", "pipeline": "chain"}
    run = make_run(make_pipeline(project, "outer", document={"schema": 1, "steps": [step]}))
    settle()
    nested = Run.objects.get(pipeline=chain)
    claimed(nested, agent)
    run.refresh_from_db()
    abort_run(actor="ada", run=run)
    settle()
    assert script_of(nested).status == Status.ABORTING
    ended(nested, TaskEvent.CONFIRM_GONE)
    run.refresh_from_db()
    assert (run.status, nested.status) == (Status.ABORTED, Status.ABORTED)
    check_run(run)
    check_run(nested)


def _bad(is_bad: bool) -> TaskEvent:
    return TaskEvent.END_BADLY if is_bad else TaskEvent.END_WELL
