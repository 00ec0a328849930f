"""A step that runs another pipeline: started, mirrored, ended and asked to end with it."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.pipelines import save_draft
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, abort_steps, start_run
from orchestrator.domain.errors import Invalid
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Attempt, Pipeline, Project, Run, Step
from tests.engine.playing import (
    changes_of,
    check_run,
    claim,
    end,
    make_agent,
    play_all,
    queued_tasks,
    settle,
    statuses,
)
from tests.makers import (
    make_pipeline,
    make_project,
    make_run,
    make_template,
    publish_pipeline,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = {"name": "rows", "type": "integer", "default": 10, "minimum": 1}


def document(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema": 1, "parameters": [ROWS], "steps": list(steps), **more}


def nest(name: str, pipeline: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "pipeline", "pipeline": pipeline, **more}


def work(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "template": "load", **more}


@pytest.fixture
def project() -> Project:
    made = make_project()
    make_template(made)
    return made


@pytest.fixture
def data(project: Project) -> Pipeline:
    """Two steps, whose last gives the pipeline's output."""
    steps = (
        work("read", parameters={"rows": "${pipeline.rows}"}),
        work("clean", parents=["read"]),
    )
    return make_pipeline(project, "data", document=document(*steps, outputs={"n": "${clean.n}"}))


def tower(project: Project, *, depth: int) -> Pipeline:
    """Pipelines that each nest the one below; the lowest has two steps that work."""
    below = make_pipeline(
        project, "level-0", document=document(work("one"), work("two", parents=["one"]))
    )
    for level in range(1, depth):
        said = document(nest("inner", below.slug), work("after", parents=["inner"]))
        below = make_pipeline(project, f"level-{level}", document=said)
    return below


def child_of(run: Run, step: str) -> Run:
    """The nested run that a step's current attempt is."""
    row = Step.objects.get(run=run, path=step)
    attempt = Attempt.objects.get(step=row, number=row.attempt)
    assert attempt.task_id is not None
    return Run.objects.get(pk=attempt.task_id)


def test_values_go_in_outputs_come_out_and_both_runs_know_each_other(
    project: Project, data: Pipeline
) -> None:
    said = document(
        nest("data", "data", parameters={"rows": "${pipeline.rows}"}),
        work("train", parameters={"rows": "${data.n}"}),
    )
    run = make_run(make_pipeline(project, "train", document=said), rows=7)
    agent = make_agent()
    settle()
    child = child_of(run, "data")
    assert (child.parameters, child.origin, child.number) == ({"rows": 7}, "parent", 1)
    assert child.parent_attempt is not None
    assert child.parent_attempt.run_id == run.pk
    assert statuses(run) == {"data": "running", "train": "pending"}
    read = queued_tasks(child)[0]
    assert read.parameters == {"General/rows": 7}
    claim(read, agent)
    end(read)
    settle()
    (clean,) = queued_tasks(child)
    claim(clean, agent)
    end(clean, outputs={"n": 42})
    settle()
    child.refresh_from_db()
    assert (child.status, child.outputs) == (Status.COMPLETED, {"n": 42})
    (train,) = queued_tasks(run)
    assert train.parameters == {"General/rows": 42}
    assert child.parent_attempt.run_id == run.pk
    play_all(agent)
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    attempt = Attempt.objects.get(run=run, step__path="data")
    assert (attempt.outputs, attempt.resolved) == ({"n": 42}, {"General/rows": 7})
    check_run(run)
    check_run(child)


def test_the_failure_of_a_nested_run_is_that_of_its_step(project: Project, data: Pipeline) -> None:
    said = document(nest("data", "data"), work("train", parents=["data"]))
    run = make_run(make_pipeline(project, "train", document=said))
    play_all(make_agent(), lambda name, _: _bad(name == "clean"))
    run.refresh_from_db()
    assert statuses(run) == {"data": "failed", "train": "skipped"}
    assert run.status == Status.FAILED
    assert run.reason == '"data" failed: "clean" failed: told to'
    check_run(run)


def test_a_nested_run_is_tried_again_as_its_step_says(project: Project, data: Pipeline) -> None:
    said = document(nest("data", "data", retries={"number": 1}))
    run = make_run(make_pipeline(project, "train", document=said))
    failed: list[str] = []

    def ends(name: str, _: int) -> TaskEvent:
        bad = name == "clean" and not failed
        failed.extend([name] if bad else [])
        return _bad(bad)

    play_all(make_agent(), ends)
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    tried = Run.objects.filter(pipeline=data).order_by("number")
    assert [one.status for one in tried] == ["failed", "completed"]
    assert [one.parent_attempt.number for one in tried if one.parent_attempt] == [1, 2]


def test_a_value_that_does_not_fit_fails_the_step_and_makes_no_run(
    project: Project, data: Pipeline
) -> None:
    said = document(work("load"), nest("data", "data", parameters={"rows": "${load.n}"}))
    run = make_run(make_pipeline(project, "train", document=said))
    agent = make_agent()
    settle()
    (load,) = queued_tasks(run)
    claim(load, agent)
    end(load, outputs={"n": "many"})
    settle()
    assert Step.objects.get(run=run, path="data").reason == (
        'parameter "rows" needs a whole number, not "many"'
    )
    assert not Run.objects.filter(pipeline=data).exists()
    check_run(run)


def test_an_abort_goes_down_all_levels_and_comes_back_confirmed(project: Project) -> None:
    run = make_run(tower(project, depth=3))
    agent = make_agent()
    settle()
    middle = child_of(run, "inner")
    low = child_of(middle, "inner")
    (task,) = queued_tasks(low)
    claim(task, agent)
    settle()
    abort_run(actor="ada", run=run)
    settle()
    for one in (run, middle, low):
        one.refresh_from_db()
        assert one.status == Status.ABORTING
    assert statuses(run) == {"inner": "aborting", "after": "skipped"}
    task.refresh_from_db()
    assert task.status == Status.ABORTING
    end(task, TaskEvent.CONFIRM_GONE)
    settle()
    for one in (run, middle, low):
        one.refresh_from_db()
        assert one.status == Status.ABORTED
        check_run(one)
    asked = [change for change in changes_of(low) if change["kind"] == "asked"]
    assert [(one["data"]["verb"], one["actor"]) for one in asked] == [("abort", "ada")]


def test_only_the_nested_run_of_an_aborted_step_ends(project: Project, data: Pipeline) -> None:
    said = document(nest("a", "data"), nest("b", "data"))
    run = make_run(make_pipeline(project, "two", document=said))
    settle()
    abort_steps(actor="ada", run=run, steps=["a"])
    settle()
    assert statuses(run) == {"a": "aborted", "b": "running"}
    play_all(make_agent())
    run.refresh_from_db()
    assert (statuses(run)["b"], run.status) == ("completed", "aborted")


def test_reopening_a_nested_run_makes_its_step_stale_and_no_more(
    project: Project, data: Pipeline
) -> None:
    run = make_run(make_pipeline(project, "train", document=document(nest("data", "data"))))
    agent = make_agent()
    play_all(agent)
    child = child_of(run, "data")
    rerun(actor="ada", run=child, steps=["clean"])
    play_all(agent)
    run.refresh_from_db()
    child.refresh_from_db()
    step = Step.objects.get(run=run, path="data")
    assert (child.round, run.round, run.status) == (2, 1, "completed")
    assert (step.stale, step.status) == (True, "completed")
    check_run(run)
    rerun(actor="ada", run=run, steps=["data"])
    play_all(agent)
    assert child_of(run, "data").number == 2
    step.refresh_from_db()
    assert (step.stale, step.attempt) == (False, 2)


def test_a_step_keeps_the_version_it_was_published_with_or_takes_the_latest(
    project: Project, data: Pipeline
) -> None:
    said = document(nest("fixed", "data"), nest("newest", "data", version="latest"))
    outer = make_pipeline(project, "both", document=said)
    changed = {**data.draft.document, "steps": [*data.draft.document["steps"], work("more")]}
    save_draft(actor="ada", pipeline=data, document=changed, revision=data.draft.revision)
    publish_pipeline(data)
    run = make_run(outer)
    settle()
    steps = [child_of(run, step).steps_total for step in ("fixed", "newest")]
    assert steps == [2, 3]
    assert run.pins["newest"]["version"] == 2


def test_a_circle_that_latest_closes_later_fails_the_creation(
    project: Project, data: Pipeline
) -> None:
    outer = make_pipeline(project, "outer", document=document(nest("in", "data", version="latest")))
    looped = document(nest("out", "outer"))
    save_draft(actor="ada", pipeline=data, document=looped, revision=1)
    way = '"alpha/data" → "alpha/outer" → "alpha/data"'
    with pytest.raises(Invalid, match=f"run each other in a circle: {way}"):
        publish_pipeline(data)
    # Whoever gets it in all the same, by two that publish at once, is stopped by the run.
    version = data.versions.get()
    outer_pin = {
        "pipeline": "alpha/outer",
        "version": 1,
        "pipeline_version": outer.versions.get().pk,
    }
    type(version).objects.filter(pk=version.pk).update(pins={"out": outer_pin})
    with pytest.raises(Invalid, match="run each other in a circle"):
        start_run(actor="ada", pipeline=outer)


def test_a_pipeline_may_run_an_earlier_version_of_itself(project: Project, data: Pipeline) -> None:
    said = document(nest("before", "data", version=1, parameters={"rows": 3}))
    save_draft(actor="ada", pipeline=data, document=said, revision=1)
    publish_pipeline(data)
    run = make_run(data)
    play_all(make_agent())
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    assert child_of(run, "before").pipeline_id == data.pk


def test_ten_levels_run_and_eleven_are_refused(project: Project) -> None:
    highest = tower(project, depth=11)
    with pytest.raises(Invalid, match="at most 10 deep"):
        start_run(actor="ada", pipeline=highest)
    run = make_run(Pipeline.objects.get(slug="level-9"))
    play_all(make_agent())
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    assert Run.objects.count() == 10


def test_thirty_nested_runs_at_once_need_no_slots_of_their_own(
    project: Project, data: Pipeline
) -> None:
    steps = [nest(f"part {number}", "data") for number in range(30)]
    run = make_run(make_pipeline(project, "wide", document=document(*steps)))
    play_all(make_agent())
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    assert run.tally == {"completed": 30}
    assert sorted(Run.objects.filter(pipeline=data).values_list("number", flat=True)) == list(
        range(1, 31)
    )
    check_run(run)


def _bad(yes: bool) -> TaskEvent:
    return TaskEvent.END_BADLY if yes else TaskEvent.END_WELL


def test_a_fan_out_can_run_a_pipeline_for_each_item(project: Project, data: Pipeline) -> None:
    said = document(
        nest("part", "data", for_each={"list": [3, 4]}, parameters={"rows": "${item}"}),
        outputs={"ns": "${part[*].outputs.n}"},
    )
    run = make_run(make_pipeline(project, "spread", document=said))
    play_all(make_agent())
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    assert [one.parameters for one in Run.objects.filter(pipeline=data).order_by("number")] == [
        {"rows": 3},
        {"rows": 4},
    ]
    check_run(run)


@pytest.mark.parametrize("scopes", [None, ["runs:write"]])
def test_a_nested_run_has_the_scopes_of_the_outermost(
    broker: Any, project: Project, scopes: list[str] | None
) -> None:
    run = start_run(actor="ada", scopes=scopes, pipeline=tower(project, depth=3))
    settle()
    nested = Run.objects.exclude(pk=run.pk)
    assert [one.task.scopes for one in nested.select_related("task")] == [scopes, scopes]
