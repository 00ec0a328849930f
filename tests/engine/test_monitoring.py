"""Metrics that a step is watched for are copied to its run when it has ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from orchestrator.actions.reruns import rerun
from orchestrator.controller import advance
from orchestrator.models import Run, Sample, Task
from orchestrator.queries.samples import sample_summary
from tests.engine.playing import check_run, claim, end, make_agent, queued_tasks
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


def document(*steps: tuple[str, list[dict[str, str]]]) -> dict[str, Any]:
    return {
        "schema": 1,
        "steps": [{"name": name, "template": "load", "monitor": watch} for name, watch in steps],
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
