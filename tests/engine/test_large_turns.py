"""Turns are cut where they grow long, and go on where they were cut."""

from __future__ import annotations

import pytest

from orchestrator.actions.runs import abort_run
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Step, Task
from orchestrator.store import turns
from tests.engine.playing import check_run, claim, end, make_agent, play, queued_tasks
from tests.engine.starting import long_chain, started, wide

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    # The caps are plain numbers, so that a turn can be made to end after a handful of steps.
    monkeypatch.setattr(turns, "STEPS_A_TURN", 20)
    monkeypatch.setattr(turns, "DECISIONS_A_TURN", 7)
    monkeypatch.setattr(turns, "LOADED_A_TURN", 7)
    monkeypatch.setattr(turns, "SIGNALS_A_TURN", 5)


def test_a_wide_run_is_carried_through_in_many_turns(broker):
    run = play(started(wide(60)), make_agent())
    assert run.status == "completed"
    assert Attempt.objects.filter(run=run).count() == 62
    check_run(run)


def test_all_of_a_wide_run_is_skipped_although_it_takes_many_turns(broker):
    run = play(
        started(wide(60)),
        make_agent(),
        lambda name, _: TaskEvent.END_BADLY if name == "start" else TaskEvent.END_WELL,
    )
    assert Step.objects.filter(run=run, status="skipped", reason='"start" failed').count() == 61
    check_run(run)
    assert run.status == "failed"


def test_a_long_chain_is_skipped_to_its_end(broker):
    run = play(
        started(long_chain(90)),
        make_agent(),
        lambda name, _: TaskEvent.END_BADLY if name == "step 3" else TaskEvent.END_WELL,
    )
    assert Step.objects.filter(run=run, status="skipped", reason='"step 3" failed').count() == 86
    check_run(run)


def test_an_abort_reaches_every_step_of_a_wide_run(broker):
    run = started(wide(60))
    agent = make_agent()
    advance(run.pk)
    first = queued_tasks(run)[0]
    claim(first, agent)
    end(first)
    advance(run.pk)
    running = queued_tasks(run)[:3]
    for task in running:
        claim(task, agent)
    abort_run(actor="ada", run=run)
    advance(run.pk)
    assert Task.objects.filter(attempts__run=run, status="aborting").count() == 3
    for task in running:
        task.refresh_from_db()
        end(task, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    check_run(run)
    assert run.status == "aborted"
