"""What a step is watched for is copied to its run when it has ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from orchestrator.actions.reruns import rerun
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Artifact, Run, Sample, Task
from orchestrator.queries.samples import sample_summary
from orchestrator.queries.steps import count_artifacts, run_artifacts
from tests.engine.playing import check_run, claim, end, make_agent, queued_tasks
from tests.engine.scripting import Script, asking, driven
from tests.engine.starting import started

pytestmark = pytest.mark.django_db


def report(task: Task, title: str, series: str, *values: float) -> None:
    now = timezone.now()
    Sample.objects.bulk_create(
        Sample(
            task=task, fence=task.fence, title=title, series=series, n=n, step=n, value=v, at=now
        )
        for n, v in enumerate(values)
    )


def play(run: Run, *values: float) -> Run:
    agent = make_agent(f"agent {run.number} {values}")
    advance(run.pk)
    while waiting := queued_tasks(run):
        for task in waiting:
            claim(task, agent)
            report(task, "loss", "train", *values)
            report(task, "loss", "test", values[-1] + 1)
            report(task, "other", "x", 7)
            end(task)
        advance(run.pk)
    check_run(run)
    return run


def of_run(run: Run) -> dict[str, tuple[int, Any]]:
    rows = sample_summary(run.pk, run.task.fence)
    return {f"{one['title']}/{one['series']}": (one["count"], one["last"]) for one in rows}


def document(*steps: tuple[str, list[dict[str, str]]], **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "steps": [
            {"name": name, "template": "load", "monitor": watch, **more} for name, watch in steps
        ],
    }


def test_what_is_watched_is_copied_and_nothing_else(broker):
    run = play(started(document(("a", [{"title": "loss", "series": "train"}]))), 3.0, 2.0)
    assert of_run(run) == {"loss/train": (2, 2.0)}
    assert run.metrics == {"loss/train": 2.0}


def test_a_title_alone_means_all_of_its_series(broker):
    run = play(started(document(("a", [{"title": "loss"}]))), 3.0)
    assert set(of_run(run)) == {"loss/train", "loss/test"}


def test_two_steps_that_are_watched_for_the_same_are_told_apart(broker):
    watch = [{"title": "loss", "series": "train"}]
    run = play(started(document(("a", watch), ("b", watch))), 3.0)
    assert set(of_run(run)) == {"loss/a · train", "loss/b · train"}


def test_another_attempt_takes_the_place_of_the_one_before_also_in_a_new_round(broker):
    watch = [{"title": "loss", "series": "train"}]
    run = play(started(document(("a", watch), ("b", [{"title": "other"}]))), 3.0, 2.0)
    rerun(actor="ada", run=run, steps=["a"])
    play(run, 1.0)
    run = Run.objects.get(pk=run.pk)
    assert of_run(run) == {"loss/train": (1, 1.0), "other/x": (1, 7.0)}
    assert run.metrics == {"loss/train": 1.0, "other/x": 7.0}


def test_metrics_may_have_other_names_in_the_run(broker):
    watch = [
        {"title": "loss", "series": "train", "as_title": "Loss", "as_series": "a"},
        {"title": "loss", "as_title": "All"},
    ]
    run = play(started(document(("a", watch))), 3.0, 2.0)
    assert of_run(run) == {"Loss/a": (2, 2.0), "All/train": (2, 2.0), "All/test": (1, 3.0)}
    assert run.metrics == {"Loss/a": 2.0, "All/train": 2.0, "All/test": 3.0}


def leave(task: Task, **contents: str) -> None:
    """Leave artifacts: names with their contents; those that begin with model are models."""
    for name, content in contents.items():
        Artifact.objects.update_or_create(
            task=task,
            fence=task.fence,
            name=name,
            defaults={
                "sha256": content * 64,
                "size": 1,
                "media_type": "text/plain",
                "kind": "model" if name.startswith("model") else "file",
                "metadata": {"of": task.name},
            },
        )


def play_leaving(run: Run, *left: dict[str, str], event: TaskEvent = TaskEvent.END_WELL) -> Run:
    """Execute what is queued; each task leaves the next of these."""
    agent = make_agent(f"agent {run.number} {left}")
    advance(run.pk)
    going = iter(left)
    while waiting := queued_tasks(run):
        for task in waiting:
            claim(task, agent)
            task.refresh_from_db()
            leave(task, **next(going, {}))
            end(task, event)
        advance(run.pk)
    check_run(run)
    return Run.objects.get(pk=run.pk)


def left_in(run: Run) -> dict[str, str]:
    """The artifacts of the run's task: names with what they hold."""
    rows = Artifact.objects.filter(task=run.pk, fence=run.task.fence)
    return {one.name: one.sha256[0] for one in rows.order_by("name")}


def leaving(*names: str, **more: Any) -> dict[str, Any]:
    return document(*((name, []) for name in names), **more)


def test_artifacts_and_models_are_copied_under_the_names_that_are_said(broker):
    said = leaving(
        "a",
        monitor_artifacts=[{"artifact": "data"}, {"artifact": "rest", "as": "remainder"}],
        monitor_models=[{"model": "model_*"}, {"model": "data"}, {"model": "model", "as": "best"}],
    )
    left = {"data": "1", "rest": "2", "other": "3", "model": "4", "model_x": "5", "modelling": "6"}
    run = play_leaving(started(said), left)
    assert left_in(run) == {"best": "4", "data": "1", "model_x": "5", "remainder": "2"}
    copy = Artifact.objects.get(task=run.pk, name="best")
    assert (copy.kind, copy.metadata) == ("model", {"of": "a"})


def test_all_models_are_meant_by_a_star(broker):
    run = play_leaving(
        started(leaving("a", monitor_models=[{"model": "*"}])),
        {"model_a": "1", "model_b": "2", "data": "3"},
    )
    assert left_in(run) == {"model_a": "1", "model_b": "2"}


def test_steps_that_leave_the_same_are_told_apart(broker):
    said = leaving("a", "b c", monitor_artifacts=[{"artifact": "data"}])
    run = play_leaving(started(said), {"data": "1"}, {"data": "2"})
    assert left_in(run) == {"a.data": "1", "b c.data": "2"}


def test_items_of_a_fan_out_are_told_apart(broker):
    said = leaving("a", monitor_artifacts=[{"artifact": "data"}], for_each={"list": [1, 2]})
    run = play_leaving(started(said), {"data": "1"}, {"data": "2"})
    assert left_in(run) == {"a.0.data": "1", "a.1.data": "2"}


def test_what_another_attempt_leaves_counts_and_the_rest_stays_in_a_new_round(broker):
    said = leaving("a", monitor_artifacts=[{"artifact": "data"}, {"artifact": "first"}])
    run = play_leaving(started(said), {"data": "1", "first": "1"})
    rerun(actor="ada", run=run, steps=["a"])
    run = play_leaving(run, {"data": "2"})
    assert run.task.fence > 1
    assert left_in(run) == {"data": "2", "first": "1"}


def test_the_last_one_counts_if_the_run_has_such_an_artifact_itself(broker):
    run = started(leaving("a", monitor_artifacts=[{"artifact": "data"}]))
    advance(run.pk)
    run = Run.objects.get(pk=run.pk)
    leave(run.task, data="9", own="9")
    run = play_leaving(run, {"data": "1"})
    assert left_in(run) == {"data": "1", "own": "9"}


def test_what_a_failed_step_has_left_is_copied_too(broker):
    said = leaving("a", monitor_artifacts=[{"artifact": "data"}])
    run = play_leaving(started(said), {"data": "1"}, event=TaskEvent.END_BADLY)
    assert (run.status, left_in(run)) == ("failed", {"data": "1"})


def test_a_run_shows_its_own_artifacts_before_those_of_its_steps(broker):
    said = leaving("a", monitor_artifacts=[{"artifact": "data", "as": "result"}])
    run = play_leaving(started(said), {"data": "1", "rest": "2"})
    shown = [(one["step"], one["name"]) for one in run_artifacts(run)]
    assert shown == [("", "result"), ("a", "data"), ("a", "rest")]
    assert run_artifacts(run)[0]["url"] == f"/api/v1/tasks/{run.pk}/artifacts/result/"
    assert len(run_artifacts(run, 2)) == 2
    assert count_artifacts(run) == 3


def test_the_copies_go_with_a_script_that_is_taken_up(broker):
    run = driven(asking("post", monitor_artifacts=[{"artifact": "data"}]))
    script = Script(run)
    script.begin()
    (task,) = queued_tasks(run)
    claim(task, script.agent)
    task.refresh_from_db()
    leave(task, data="1")
    end(task)
    script.turn()
    assert script.answered()
    before = script.task.fence
    assert left_in(run) == {"data": "1"}
    script.end(TaskEvent.CANNOT_RUN)
    run = Run.objects.get(pk=run.pk)
    assert (run.taken_up, run.task.fence) == (1, before + 1)
    assert left_in(run) == {"data": "1"}
