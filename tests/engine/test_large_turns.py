"""Turns are cut where they grow long, and go on where they were cut."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions.runs import abort_run
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Run, Step, Task
from orchestrator.store import turns
from tests.engine.playing import check_run, claim, end, make_agent, play, queued_tasks, statuses
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


def step(name: str, *parents: str, trigger: str = "all_succeeded") -> dict[str, Any]:
    return {"name": name, "template": "load", "parents": list(parents), "trigger": trigger}


def failed_at_its_start(*steps: dict[str, Any]) -> Run:
    """A run whose "start" has failed, "data" is loaded and "long" waits, after all that follows."""
    roots = [step("start"), step("data"), step("long")]
    run = started({"schema": 1, "steps": [*roots, *steps]})
    agent = make_agent()
    advance(run.pk)
    for task, event in zip(
        queued_tasks(run), (TaskEvent.END_BADLY, TaskEvent.END_WELL), strict=False
    ):
        claim(task, agent)
        end(task, event)
    advance(run.pk)
    check_run(run)
    return run


def test_what_need_not_wait_for_a_long_step_does_not_although_a_turn_was_cut(broker):
    many = [step(f"work {place}", "start") for place in range(10)]
    found = statuses(
        failed_at_its_start(
            *many,
            step("join", "work 0", "long"),
            step("alarm", "work 0", "long", trigger="any_failed"),
        )
    )
    assert found["long"] == "queued"
    assert found["join"] == "skipped"
    assert found["alarm"] == "queued"


def test_where_a_turn_is_cut_does_not_change_what_a_step_is_skipped_for(broker):
    # Both parents of "join" end in the same moment, with the cut between them: the bad one counts.
    many = [step(f"work {place}", "start") for place in range(10)]
    found = statuses(
        failed_at_its_start(
            step("not needed", "data", trigger="any_failed"),
            *many,
            step("join", "not needed", "work 9", "long"),
            step("alarm", "join", trigger="any_failed"),
        )
    )
    assert found["not needed"] == found["work 9"] == found["join"] == "skipped"
    assert found["alarm"] == "queued"
