"""A step that may takes the result of an equal earlier task, or says why it could not."""

from __future__ import annotations

import io
from typing import Any

import pytest

from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import start_run
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Artifact, Attempt, Pipeline, Run, Task
from orchestrator.store.contents import content_path, store_content
from tests.engine.playing import check_run, claim, end, make_agent, queued_tasks, statuses
from tests.makers import make_pipeline, make_project, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_artifacts(settings, tmp_path):
    settings.PIPELINES_ARTIFACT_DIR = tmp_path


def chain(**first):
    """load → train, which takes load's artifact and output."""
    rows = {"name": "rows", "type": "integer", "default": 10}
    taken = {"General/data": "${load.artifacts.data}", "General/score": "${load.score}"}
    return {
        "schema": 1,
        "parameters": [rows],
        "steps": [
            {
                "name": "load",
                "template": "load",
                "cache": True,
                "parameters": {"General/rows": "${pipeline.rows}"},
                **first,
            },
            {"name": "train", "template": "train", "cache": True, "parameters": taken},
        ],
    }


def first_run(document=None, **parameters) -> Run:
    project = make_project()
    make_template(project)
    specs = [{"name": "data"}, {"name": "score", "type": "number"}]
    make_template(project, "train", script="print(1)", parameters=specs)
    pipeline = make_pipeline(project, document=document or chain())
    return play(start_run(actor="ada", pipeline=pipeline, parameters=parameters))


def again(run: Run, **more) -> Run:
    pipeline = Pipeline.objects.get(pk=run.pipeline_id)
    return play(start_run(actor="ada", pipeline=pipeline, **more))


def play(run: Run, *, content: str = "numbers", event: TaskEvent = TaskEvent.END_WELL) -> Run:
    """Execute what the run queues; each task leaves an artifact with this content."""
    agent = make_agent(f"agent of {run.number}.{run.last_change}")
    advance(run.pk)
    while waiting := queued_tasks(run):
        for task in waiting:
            claim(task, agent)
            leave(task, content)
            end(task, event, outputs={"score": 0.5})
        advance(run.pk)
    check_run(run)
    return run


def leave(task: Task, content: str) -> None:
    stored = store_content(io.BytesIO(content.encode()))
    Artifact.objects.create(
        task=task,
        fence=task.fence,
        name="data",
        sha256=stored.sha256,
        size=stored.size,
        media_type="text/plain",
        kind="text",
    )


def look(run: Run, step: str, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] | None = attempt(run, step, number).cache
    assert found is not None
    return found


def attempt(run: Run, step: str, number: int = 1) -> Attempt:
    return Attempt.objects.get(run=run, step__path=step, number=number)


def why(run: Run, step: str, number: int = 1) -> str:
    found = look(run, step, number)
    assert not found["hit"]
    return str(found["why"])


def test_an_equal_run_is_taken_whole_from_the_earlier_one(broker):
    first = first_run()
    second = again(first)
    assert statuses(second) == {"load": "cached", "train": "cached"}
    assert second.status == "completed"
    taken = attempt(second, "load")
    assert taken.task == attempt(first, "load").task
    assert (taken.origin, taken.outputs) == ("cached", {"score": 0.5})
    assert taken.resolved == {"General/rows": 10}
    assert not Task.objects.filter(parent=second.pk).exists()


def test_a_first_run_says_that_there_was_nothing(broker):
    assert why(first_run(), "load") == "nothing like it has completed before"


def test_what_has_changed_is_named_with_the_run(broker):
    first = first_run()
    second = again(first, parameters={"rows": 20})
    assert why(second, "load") == "since run #1 of chain: General/rows changed from 10 to 20"
    # Its input is another artifact with the same content.
    assert statuses(second) == {"load": "completed", "train": "cached"}


def test_an_input_counts_by_what_it_holds(broker):
    first = first_run()
    pipeline = Pipeline.objects.get(pk=first.pipeline_id)
    second = start_run(actor="ada", pipeline=pipeline, parameters={"rows": 20})
    play(second, content="other numbers")
    said = "since run #1 of chain: what General/data refers to holds something else"
    assert why(second, "train") == said


def test_a_changed_script_is_another_task(broker):
    first = first_run()
    pipeline = Pipeline.objects.select_related("project").get(pk=first.pipeline_id)
    make_template(pipeline.project, script="print('else')")
    second = again(first, version="draft")
    assert why(second, "load") == "since run #1 of chain: the script has changed"


def test_a_run_without_cache_executes_and_leaves_the_result_for_the_next(broker):
    first = first_run()
    second = again(first, cache=False)
    assert statuses(second) == {"load": "completed", "train": "completed"}
    assert why(second, "load") == "the run was started without cache"
    third = again(first)
    assert attempt(third, "load").task == attempt(second, "load").task


def test_a_result_whose_artifacts_are_gone_is_not_taken(broker):
    first = first_run()
    left = Artifact.objects.filter(task=attempt(first, "load").task).get()
    content_path(left.sha256).unlink()
    assert why(again(first), "load") == "the artifacts of run #1 of chain are gone"


def test_a_failed_task_is_not_taken(broker):
    first = first_run()
    Task.objects.filter(parent=first.pk, name="load").update(status="failed")
    assert not look(again(first), "load")["hit"]


def test_a_step_that_does_not_ask_is_executed(broker):
    first = first_run(chain(cache=False))
    second = again(first)
    assert statuses(second) == {"load": "completed", "train": "cached"}
    assert attempt(second, "load").cache is None


def test_another_project_has_a_cache_of_its_own(broker):
    first_run()
    other = make_project("beta")
    make_template(other)
    document = chain()
    document["steps"] = document["steps"][:1]
    run = play(start_run(actor="ada", pipeline=make_pipeline(other, document=document)))
    assert statuses(run) == {"load": "completed"}


def test_a_rerun_with_nothing_changed_is_executed(broker):
    first = first_run()
    rerun(actor="ada", run=first, steps=["load"])
    play(first)
    assert statuses(first)["load"] == "completed"
    assert "although nothing has changed" in why(first, "load", 2)


def test_a_rerun_with_other_parameters_may_hit(broker):
    first = first_run()
    again(first, parameters={"rows": 20})
    parameters = {"load": {"General/rows": 20}}
    rerun(actor="ada", run=first, steps=["load"], parameters=parameters)
    play(first)
    taken = attempt(first, "load", 2)
    assert (taken.status, taken.outputs) == ("cached", {"score": 0.5})
    assert look(first, "load", 2)["hit"]


def test_steps_beside_each_other_may_take_the_same_result(broker):
    document = chain()
    document["steps"] = [{**document["steps"][0], "name": name} for name in ("a", "b")]
    first = first_run(document)
    second = again(first)
    assert statuses(second) == {"a": "cached", "b": "cached"}


def test_what_is_watched_of_a_taken_result_is_copied_to_the_run(broker):
    watched = chain(monitor_artifacts=[{"artifact": "data", "as": "rows"}])
    first = first_run(watched)
    second = again(first)
    assert attempt(second, "load").status == "cached"
    for run in (first, second):
        run.refresh_from_db()
        rows = Artifact.objects.filter(task=run.pk, fence=run.task.fence)
        assert [(one.name, content_path(one.sha256).read_text()) for one in rows] == [
            ("rows", "numbers")
        ]
