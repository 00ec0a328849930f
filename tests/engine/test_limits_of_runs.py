"""Runs wait for a place of their pipeline or of a concurrency key, by priority and age."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator import clock
from orchestrator.actions.pipelines import save_draft
from orchestrator.actions.places_of_runs import change_line
from orchestrator.actions.runs import abort_run, clone_run, enqueue_run, start_run
from orchestrator.controller import serve_runs
from orchestrator.domain.states import Status
from orchestrator.models import Line, Pipeline, Project, Run, Signal, Task
from orchestrator.queries.places import line_of_pipeline, why_run_waits
from tests.engine.playing import check_run, claim, make_agent, play_all, queued_tasks, settle
from tests.engine.test_nested_runs import document, nest, work
from tests.makers import make_pipeline, make_project, make_template, publish_pipeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    made = make_project()
    make_template(made)
    return made


@pytest.fixture
def pipeline(project: Project) -> Pipeline:
    return make_pipeline(project, "data", document=document(work("read")))


def keyed(project: Project, slug: str = "keyed", *, then: str = "wait") -> Pipeline:
    concurrency = {"key": "rows-${pipeline.rows}", "on_conflict": then}
    said = document(work("read"), run={"concurrency": concurrency})
    return make_pipeline(project, slug, document=said)


def start(pipeline: Pipeline, *, priority: int = 0, **parameters: Any) -> Run:
    return start_run(actor="ada", pipeline=pipeline, parameters=parameters, priority=priority)


def statuses(*runs: Run) -> list[str]:
    for run in runs:
        run.refresh_from_db()
    return [run.status for run in runs]


def test_a_limited_pipeline_runs_so_many_at_a_time_by_priority_and_age(pipeline: Pipeline) -> None:
    change_line(actor="ada", pipeline=pipeline, limit=1)
    first, second, urgent = start(pipeline), start(pipeline), start(pipeline, priority=5)
    settle()
    assert statuses(first, second, urgent) == ["running", "queued", "queued"]
    assert why_run_waits(second) == (
        "the pipeline runs 1 at a time, now data #1; number 2 of 2 in line"
    )
    assert line_of_pipeline(pipeline) == {
        "limit": 1,
        "paused": False,
        "running": 1,
        "waiting": 2,
    }
    agent = make_agent()
    order: list[int] = []
    for _ in range(3):
        going = Run.objects.get(status=Status.RUNNING)
        order.append(going.number)
        _play(going, agent)
    assert order == [1, 3, 2]
    for run in (first, second, urgent):
        assert statuses(run) == ["completed"]
        check_run(run)


def test_a_higher_limit_lets_those_who_wait_start(pipeline: Pipeline) -> None:
    change_line(actor="ada", pipeline=pipeline, limit=1)
    runs = [start(pipeline) for _ in range(4)]
    settle()
    line = change_line(actor="ada", pipeline=pipeline, limit=3)
    serve_runs(line.pk)
    settle()
    assert statuses(*runs) == ["running", "running", "running", "queued"]
    change_line(actor="ada", pipeline=pipeline, limit=None)
    serve_runs(line.pk)
    settle()
    assert statuses(runs[3]) == ["running"]


def test_a_paused_pipeline_starts_nothing_and_the_tick_goes_on_with_it(pipeline: Pipeline) -> None:
    change_line(actor="ada", pipeline=pipeline, paused=True)
    run = start(pipeline)
    settle()
    assert statuses(run) == ["queued"]
    assert why_run_waits(run).startswith("the pipeline is paused")
    change_line(actor="ada", pipeline=pipeline, paused=False)
    clock.tick()
    settle()
    assert statuses(run) == ["running"]


def test_who_waits_can_be_aborted_and_gives_way(pipeline: Pipeline) -> None:
    change_line(actor="ada", pipeline=pipeline, limit=1)
    first, second, third = (start(pipeline) for _ in range(3))
    settle()
    abort_run(actor="ada", run=second)
    settle()
    assert statuses(first, second, third) == ["running", "aborted", "queued"]
    check_run(second)
    play_all(make_agent())
    assert statuses(first, third) == ["completed", "completed"]


def test_a_draft_that_is_enqueued_waits_as_any(pipeline: Pipeline) -> None:
    change_line(actor="ada", pipeline=pipeline, limit=1)
    first = start(pipeline)
    settle()
    draft = clone_run(actor="ada", run=first)
    enqueue_run(actor="ada", run=draft)
    settle()
    assert statuses(draft) == ["queued"]
    play_all(make_agent())
    assert statuses(first, draft) == ["completed", "completed"]
    assert Task.objects.get(pk=draft.pk).fence == 1
    check_run(draft)


def test_taking_a_lines_turn_twice_gives_no_place_twice(pipeline: Pipeline) -> None:
    line = change_line(actor="ada", pipeline=pipeline, limit=2)
    runs = [start(pipeline) for _ in range(3)]
    settle()
    for run in runs:
        Run.objects.filter(pk=run.pk).update(status=Status.QUEUED, line=line.pk)
    Line.objects.filter(pk=line.pk).update(holders=[])
    serve_runs(line.pk)
    serve_runs(line.pk)
    admitted = Signal.objects.filter(kind="admit").values_list("run", flat=True)
    assert sorted(admitted) == sorted(run.pk for run in runs[:2])


def test_runs_of_one_key_go_one_after_another_and_of_others_side_by_side(project: Project) -> None:
    one, other = keyed(project, "one"), keyed(project, "other")
    first, second, third = start(one, rows=1), start(other, rows=1), start(other, rows=2)
    settle()
    assert statuses(first, second, third) == ["running", "queued", "running"]
    assert why_run_waits(second).startswith(
        'another run with the key "rows-1" goes on, now one #1; number 1 of 1'
    )
    play_all(make_agent())
    assert statuses(first, second, third) == ["completed"] * 3


def test_a_key_can_turn_the_new_run_away(project: Project) -> None:
    pipeline = keyed(project, then="cancel_new")
    first, second = start(pipeline), start(pipeline)
    settle()
    assert statuses(first, second) == ["running", "aborted"]
    assert second.reason == 'a run with the key "rows-10" goes on already'
    check_run(second)


def test_a_key_can_end_what_goes_on_and_what_waits(project: Project) -> None:
    pipeline = keyed(project, then="cancel_running")
    first, second, third = (start(pipeline) for _ in range(3))
    settle()
    assert statuses(first, second, third) == ["aborted", "aborted", "running"]
    assert first.reason.endswith('with the key "rows-10" takes its place')
    for run in (first, second, third):
        check_run(run)


def test_who_is_ended_for_another_is_asked_once(project: Project) -> None:
    pipeline = keyed(project, then="cancel_running")
    first = start(pipeline)
    settle()
    (task,) = queued_tasks(first)
    claim(task, make_agent())
    second = start(pipeline)
    settle()
    for _ in range(3):
        clock.tick()
        settle()
    assert statuses(first, second) == ["aborting", "queued"]
    assert first.changes.filter(kind="asked").count() == 1


def test_both_a_pipelines_limit_and_a_key_must_give_a_place(project: Project) -> None:
    pipeline, other = keyed(project, "one"), keyed(project, "other")
    change_line(actor="ada", pipeline=pipeline, limit=2)
    holder = start(other, rows=1)
    runs = [start(pipeline, rows=1), start(pipeline, rows=2), start(pipeline, rows=3)]
    settle()
    assert statuses(holder, *runs) == ["running", "queued", "running", "queued"]
    play_all(make_agent())
    assert statuses(holder, *runs) == ["completed"] * 4


def test_a_limit_of_one_on_a_pipeline_that_nests_itself_does_not_deadlock(
    pipeline: Pipeline,
) -> None:
    middle = document(nest("again", "data", version=1))
    make_pipeline(pipeline.project, "middle", document=middle)
    said = document(nest("in", "middle"), nest("self", "data", version=1))
    save_draft(actor="ada", pipeline=pipeline, document=said, revision=1)
    publish_pipeline(pipeline)
    change_line(actor="ada", pipeline=pipeline, limit=1)
    first, second = start(pipeline), start(pipeline)
    settle()
    assert statuses(first, second) == ["running", "queued"]
    assert line_of_pipeline(pipeline)["running"] == 3
    play_all(make_agent())
    assert statuses(first, second) == ["completed", "completed"]
    assert Run.objects.filter(pipeline=pipeline).count() == 6


def test_a_key_that_a_run_above_holds_is_not_waited_for(project: Project) -> None:
    concurrency = {"key": "shared", "on_conflict": "cancel_running"}
    make_pipeline(project, "inner", document=document(work("a"), run={"concurrency": concurrency}))
    said = document(nest("in", "inner"), run={"concurrency": concurrency})
    run = start(make_pipeline(project, "outer", document=said))
    play_all(make_agent())
    assert statuses(run) == ["completed"]


def test_a_runs_priority_goes_down_to_its_steps_and_nested_runs(pipeline: Pipeline) -> None:
    said = document(nest("in", "data", priority=3), work("own", priority=-1))
    run = start(make_pipeline(pipeline.project, "outer", document=said), priority=10)
    settle()
    inner = Run.objects.get(pipeline=pipeline)
    assert [task.priority for task in queued_tasks(inner)] == [13]
    assert next(task.priority for task in queued_tasks(run) if task.name == "own") == 9


def _play(run: Run, agent: Any) -> None:
    """Execute what one run queues, until it has ended."""
    from tests.engine.playing import end

    for task in queued_tasks(run):
        claim(task, agent)
        end(task)
    settle()
