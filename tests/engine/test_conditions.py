"""Conditions decide at launch, by what earlier steps gave and by the run's parameters."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.controller import advance
from orchestrator.models import Attempt, Run, Step
from tests.engine.playing import check_run, claim, end, make_agent, queued_tasks, statuses
from tests.engine.starting import started

pytestmark = pytest.mark.django_db


def run_with(condition: str, **outputs: Any) -> Run:
    """A run whose step "deploy" asks for *condition* after "train" gave *outputs*."""
    steps = [
        {"name": "train", "template": "load"},
        {"name": "deploy", "template": "load", "when": condition},
        {"name": "tell", "template": "load", "parents": ["deploy"]},
    ]
    run = started({"schema": 1, "steps": steps})
    advance(run.pk)
    (task,) = queued_tasks(run)
    claim(task, make_agent())
    end(task, outputs=outputs)
    advance(run.pk)
    run.refresh_from_db()
    check_run(run)
    return run


def test_a_condition_that_holds_lets_its_step_start(broker):
    run = run_with("${train.score} > 0.9", score=0.95)
    assert statuses(run) == {"train": "completed", "deploy": "queued", "tell": "pending"}


def test_one_that_does_not_hold_skips_its_step_and_says_by_which_values(broker):
    run = run_with("${train.score} > 0.9", score=0.5)
    assert statuses(run) == {"train": "completed", "deploy": "skipped", "tell": "skipped"}
    assert (
        Step.objects.get(run=run, path="deploy").reason
        == "its condition does not hold: ${train.outputs.score} > 0.9 (train.outputs.score is 0.5)"
    )
    assert run.status == "completed"
    assert not Attempt.objects.filter(run=run, step__path="deploy").exists()


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ({}, 'step "train" gave no output "score" (it gave: none)'),
        ({"score": "high"}, 'an order needs numbers, not the text "high"'),
    ],
)
def test_one_that_cannot_be_computed_fails_its_step_in_words(broker, outputs, reason):
    run = run_with("${train.score} > 0.9", **outputs)
    assert statuses(run) == {"train": "completed", "deploy": "failed", "tell": "skipped"}
    assert reason in Step.objects.get(run=run, path="deploy").reason
    assert run.status == "failed"
