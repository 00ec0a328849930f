"""A turn that cannot get on, or that goes round for nothing, would hold up everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator import controller
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, abort_steps, clone_run
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Run, Step, Task
from orchestrator.store import turns
from tests.engine.playing import (
    changes_of,
    check_run,
    claim,
    end,
    make_agent,
    play,
    queued_tasks,
    statuses,
)
from tests.engine.starting import Document, diamond, started, wide

pytestmark = pytest.mark.django_db

ENOUGH = 50
"""More turns than any of these runs needs; one that goes round for nothing takes them all."""


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    monkeypatch.setattr(turns, "STEPS_A_TURN", 20)
    monkeypatch.setattr(turns, "DECISIONS_A_TURN", 7)
    monkeypatch.setattr(turns, "LOADED_A_TURN", 7)
    monkeypatch.setattr(controller, "TURNS_AT_ONCE", ENOUGH)


def task_of(run: Run, step: str) -> Task:
    return Task.objects.filter(attempts__run=run, attempts__step__path=step).latest("id")


def do(run: Run, step: str, event: TaskEvent = TaskEvent.END_WELL) -> None:
    """Claim and end one step's task, and take the turn that follows."""
    task = task_of(run, step)
    if task.status == "queued":
        claim(task, make_agent())
    end(task, event, reason="" if event is TaskEvent.END_WELL else "told to")
    assert advance(run.pk) < ENOUGH


def let_delay_pass(run: Run) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Step.objects.filter(run=run, due_at__isnull=False).update(due_at=past)
    Run.objects.filter(pk=run.pk).update(due_at=past)


def test_a_run_ends_in_a_turn_that_is_filled_to_the_last_decision(broker, monkeypatch):
    planned = []

    def count(*values):
        planned.append(1)
        assert len(planned) < ENOUGH, "the turn goes round for ever"
        return plan(*values)

    plan = controller.plan
    monkeypatch.setattr(controller, "plan", count)
    run = started(wide(6))
    advance(run.pk)
    do(run, "start", TaskEvent.END_BADLY)
    run.refresh_from_db()
    assert run.status == "failed"
    check_run(run)


def two_parents(**third: object) -> Document:
    """quick, slow → third."""
    return {
        "schema": 1,
        "steps": [
            {"name": "quick", "template": "load"},
            {"name": "slow", "template": "load"},
            {"name": "third", "template": "load", "parents": ["quick", "slow"], **third},
        ],
    }


def test_a_retry_is_not_held_up_by_a_parent_that_it_did_not_wait_for(broker):
    run = started(two_parents(trigger="any_succeeded", retries={"number": 1, "delay": 60}))
    advance(run.pk)
    claim(task_of(run, "slow"), make_agent())
    do(run, "quick")
    do(run, "third", TaskEvent.END_BADLY)
    assert statuses(run) == {"quick": "completed", "slow": "running", "third": "pending"}
    let_delay_pass(run)
    advance(run.pk)
    assert statuses(run)["third"] == "queued"
    check_run(run)


def test_a_retry_whose_parent_is_run_anew_waits_for_it_in_peace(broker):
    run = started(two_parents(retries={"number": 1, "delay": 60}))
    advance(run.pk)
    do(run, "quick")
    do(run, "slow")
    do(run, "third", TaskEvent.END_BADLY)
    rerun(actor="ada", run=run, steps=["slow"])
    advance(run.pk)
    let_delay_pass(run)
    assert advance(run.pk) <= 1, "the turn found something due again and again"
    assert statuses(run)["third"] == "pending"
    do(run, "slow")
    assert statuses(run)["third"] == "queued"
    check_run(run)


def test_steps_that_are_asked_to_end_are_waited_for_in_peace(broker):
    run = started(wide(30))
    agent = make_agent()
    advance(run.pk)
    do(run, "start")
    running = queued_tasks(run)[:20]
    for task in running:
        claim(task, agent)
    abort_run(actor="ada", run=run)
    advance(run.pk)
    assert list(statuses(run).values()).count("aborting") == 20
    for task in running:
        task.refresh_from_db()
        end(task, TaskEvent.CONFIRM_GONE)
        assert advance(run.pk) <= 1, "it looked again and again at those that end later"
    check_run(run)
    assert run.status == "aborted"


@pytest.mark.parametrize("ask", ["rerun", "abort"])
def test_what_is_asked_amid_a_long_story_does_not_make_it_forgotten(broker, monkeypatch, ask):
    run = started(wide(60))
    agent = make_agent()
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, agent)
    end(task, TaskEvent.END_BADLY)
    monkeypatch.setattr(controller, "TURNS_AT_ONCE", 1)
    advance(run.pk)
    assert "pending" in statuses(run).values(), "the story was not long enough for one turn"
    monkeypatch.setattr(controller, "TURNS_AT_ONCE", ENOUGH)
    if ask == "rerun":
        rerun(actor="ada", run=run, steps=["start"])
        play(run, agent)
        assert run.status == "completed"
    else:
        abort_run(actor="ada", run=run)
        advance(run.pk)
        check_run(run)
        assert run.status == "failed"
        rerun(actor="ada", run=run, failed=True)
        play(run, agent)
    check_run(run)


def test_a_step_of_a_draft_cannot_be_aborted_and_the_draft_lives_on(broker):
    run = play(started(diamond()), make_agent())
    draft = clone_run(actor="ada", run=run)
    abort_steps(actor="ada", run=draft, steps=["load"])
    advance(draft.pk)
    refused = changes_of(draft)[-1]
    assert (refused["kind"], refused["data"]["reason"]) == (
        "refused",
        'step "load" has not started',
    )


def test_a_queue_that_is_no_name_fails_the_step_and_not_the_turn(broker):
    document = diamond()
    document["steps"][3]["queue"] = "${left.outputs.where}"
    run = started(document)
    agent = make_agent()
    advance(run.pk)
    do(run, "load")
    do(run, "right")
    task = task_of(run, "left")
    claim(task, agent)
    end(task, outputs={"where": ["a", "b"]})
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, statuses(run)["join"]) == ("failed", "failed")
    assert "queue" in Step.objects.get(run=run, path="join").reason
    check_run(run)
