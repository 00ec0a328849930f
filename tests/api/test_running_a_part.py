"""Running a part of a draft or a version: up to here, or one step alone."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.pipelines import save_draft
from orchestrator.models import Artifact, Attempt, Pipeline, Run, Task
from orchestrator.queries.tasks import find_task_for_attempt
from tests.api.asking import Asker, assert_problem
from tests.engine.playing import claim, end, make_agent, play, queued_tasks, statuses
from tests.makers import make_pipeline, make_run, make_template

RUNS = "pipelines/alpha/tree/runs/"
TREE: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 10}],
    "steps": [
        {"name": "load", "template": "load", "parameters": {"General/rows": "${pipeline.rows}"}},
        {"name": "other", "template": "load"},
        {
            "name": "train",
            "template": "fit",
            "parameters": {
                "General/data": "${load.artifacts.table}",
                "General/note": "${load.outputs.count} rows of ${pipeline.rows}",
            },
        },
        {"name": "show", "template": "fit", "parents": ["train", "other"]},
    ],
}


@pytest.fixture
def tree(project: Any) -> Pipeline:
    make_template(project)
    texts = [{"name": "General/data", "default": ""}, {"name": "General/note", "default": ""}]
    make_template(project, "fit", parameters=texts)
    return make_pipeline(project, "tree", document=TREE)


def start(ada: Asker, revision: int = 1, **body: Any) -> Any:
    return ada.post(RUNS, {"version": "draft", **body}, If_Match=f'"{revision}"')


def run_of(answer: Any) -> Run:
    assert answer.status_code == 201, answer.content
    return Run.objects.get(pk=answer.json()["id"])


def test_a_draft_runs_up_to_a_step(ada: Asker, tree: Pipeline) -> None:
    answer = start(ada, until=["other"])
    assert answer.json()["part"] == {"until": ["other"]}
    run = play(run_of(answer), make_agent())
    assert (run.status, statuses(run)) == ("completed", {"other": "completed"})


def test_problems_of_steps_that_do_not_run_do_not_matter(ada: Asker, tree: Pipeline) -> None:
    broken = {**TREE, "steps": [*TREE["steps"][:3], {"name": "show", "template": "nowhere"}]}
    save_draft(actor="ada", pipeline=tree, document=broken, revision=1)
    assert_problem(start(ada, 2), 400, "invalid")
    run_of(start(ada, 2, until=["train"]))
    problem = assert_problem(start(ada, 2, until=["show"]), 400, "invalid")
    assert problem["problems"][0]["where"] == "steps[3].template"


def finished(tree: Pipeline) -> Task:
    """A whole run whose first step has left an output and an artifact."""
    run, agent = make_run(tree, rows=7), make_agent()
    play_first(run, agent)
    play(run, agent)
    return Task.objects.get(attempts__run=run, name="load")


def play_first(run: Run, agent: Any) -> None:
    from orchestrator.controller import advance

    advance(run.pk)
    task = next(one for one in queued_tasks(run) if one.name == "load")
    claim(task, agent)
    made = {"sha256": "0" * 64, "size": 3, "media_type": "text/csv", "kind": "file"}
    Artifact.objects.create(task=task, fence=task.fence, name="table", **made)
    end(task, outputs={"count": "${7}"})


def test_a_step_runs_alone_with_the_values_of_the_last_run(ada: Asker, tree: Pipeline) -> None:
    load = finished(tree)
    run = run_of(start(ada, only=["train"], parameters={"rows": 3}))
    assert run.part == {"only": ["train"], "given": {"load": {"run": 1, "task": str(load.pk)}}}
    play(run, make_agent("second"))
    assert statuses(run) == {"train": "completed"}
    attempt = Attempt.objects.get(run=run)
    assert attempt.resolved == {
        "General/data": f"artifact://{load.pk}/table",
        # What was given is data; only the run's own parameter was still a reference.
        "General/note": "${7} rows of 3",
    }
    assert attempt.task_id is not None
    assert find_task_for_attempt(attempt.task_id, load.pk) == load
    other = Task.objects.get(attempts__run__number=1, name="other")
    with pytest.raises(Exception, match="has no task"):
        find_task_for_attempt(attempt.task_id, other.pk)


def test_what_is_missing_is_named(ada: Asker, tree: Pipeline) -> None:
    problem = assert_problem(start(ada, only=["train"]), 400, "invalid")
    assert [one["code"] for one in problem["problems"]] == ["no_value", "no_value"]
    assert 'step "load" has not come to a good end' in problem["problems"][0]["message"]
    run_of(start(ada, only=["other"]))


def test_a_part_of_a_published_version_runs_too(ada: Asker, tree: Pipeline) -> None:
    run = run_of(ada.post(RUNS, {"version": 1, "until": ["load"]}))
    assert statuses(play(run, make_agent())) == {"load": "completed"}
    again = ada.post(RUNS, {"like": str(run.pk)}).json()
    assert again["part"] == {"until": ["load"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"until": []}, "missing"),
        ({"only": ["nobody"]}, "unknown_step"),
        ({"until": ["load"], "only": ["load"]}, "bad_value"),
        ({"until": "load"}, "not_a_list"),
        ({"until": ["load"], "like": "01a222c0-c369-7000-9afa-7de85c7591c9"}, ""),
    ],
)
def test_a_part_that_is_none_is_refused(
    ada: Asker, tree: Pipeline, body: dict[str, Any], code: str
) -> None:
    answer = start(ada, **body)
    assert answer.status_code in (400, 404)
    if code:
        assert answer.json()["problems"][0]["code"] == code


def test_a_part_of_an_older_revision_is_refused(ada: Asker, tree: Pipeline) -> None:
    save_draft(actor="ada", pipeline=tree, document={**TREE, "x-a": 1}, revision=1)
    assert_problem(start(ada, 1, until=["load"]), 412, "stale_draft")
    assert_problem(
        ada.post(RUNS, {"version": "draft", "until": ["load"]}), 428, "precondition_required"
    )
