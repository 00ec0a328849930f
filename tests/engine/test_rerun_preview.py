"""What a rerun is said to do, held against what it does; and how long it is said to take."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.actions.reruns import foresee, rerun
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Run, Signal
from tests.engine.playing import claim, make_agent, play, queued_tasks
from tests.engine.starting import diamond, started

pytestmark = pytest.mark.django_db


def effects(shown):
    return {name: step["effect"] for name, step in shown["steps"].items()}


def lasting(run: Run, **seconds: float) -> Run:
    """Let the attempts of these steps have taken so long."""
    for attempt in Attempt.objects.filter(run=run).select_related("step"):
        if attempt.step.path in seconds and attempt.started_at:
            attempt.ended_at = attempt.started_at + timedelta(seconds=seconds[attempt.step.path])
            attempt.save(update_fields=["ended_at"])
    return run


def test_what_is_foreseen_happens(broker):
    run = play(started(diamond()), make_agent())
    shown = foresee(run=run, from_="left")
    assert effects(shown) == {
        "load": "reused",
        "left": "will run",
        "right": "reused",
        "join": "will run",
    }
    assert shown["counts"] == {"will run": 2, "reused": 2}
    assert shown["steps"]["join"]["attempt"] == 2
    assert not Signal.objects.filter(run=run).exists()
    rerun(actor="ada", run=run, from_="left")
    play(run, make_agent("second"))
    again = Attempt.objects.filter(run=run, round=2).values_list("step__path", "number")
    assert dict(again) == {"left": 2, "join": 2}


def test_a_running_step_is_foreseen_to_be_aborted_first(broker):
    run = started(diamond())
    advance(run.pk)
    claim(queued_tasks(run)[0], make_agent())
    shown = foresee(run=run, everything=True)
    assert shown["counts"] == {"aborted first": 1, "will run": 3}


def test_what_would_be_refused_says_why(broker):
    run = play(started(diamond()), make_agent())
    shown = foresee(run=run, failed=True)
    assert (shown["refused"], shown["steps"]) == ("there is nothing to rerun", {})


def test_the_expected_time_comes_from_earlier_attempts(broker):
    run = lasting(play(started(diamond()), make_agent()), load=10, left=20, right=5, join=2)
    rerun(actor="ada", run=run, steps=["left"])
    lasting(play(run, make_agent("second")), left=40)
    shown = foresee(run=run, everything=True)
    assert shown["steps"]["left"]["usual_seconds"] == 40.0
    assert shown["expected_seconds"] == 52.0
    assert shown["based_on"] == "5 earlier attempts"


def test_without_history_it_says_whose(broker):
    run = play(started(diamond()), make_agent(), lambda name, _: TaskEvent.END_BADLY)
    shown = foresee(run=run, failed=True)
    assert shown["expected_seconds"] is None
    assert shown["based_on"] == "no earlier runs of load, left, right and 1 more"


def test_the_preview_of_many_steps_asks_few_questions(broker, django_assert_max_num_queries):
    from tests.engine.starting import wide

    run = play(started(wide(300)), make_agent())
    with django_assert_max_num_queries(12):
        shown = foresee(run=run, from_="start")
    assert shown["counts"] == {"will run": 302}


def test_of_a_fan_out_that_failed_what_is_foreseen_happens(broker):
    from tests.engine.test_fan_outs import fan_out, loaded

    run = loaded(fan_out(), [1, 2, 3])
    play(
        run,
        make_agent("second"),
        lambda name, _: TaskEvent.END_BADLY if name == "work[1]" else TaskEvent.END_WELL,
    )
    assert run.status == "failed"
    shown = foresee(run=run, failed=True, parameters={"work[1]": {"rows": 7}})
    assert shown["counts"] == {"will run": 2, "reused": 3}
    assert shown["steps"]["work[1]"]["attempt"] == 2
    rerun(actor="ada", run=run, failed=True, parameters={"work[1]": {"rows": 7}})
    play(run, make_agent("third"))
    assert run.status == "completed"
    again = Attempt.objects.filter(run=run, round=2).values_list("step__path", "number")
    assert dict(again) == {"work[1]": 2, "join": 1}
    assert Attempt.objects.get(run=run, step__path="work[1]", number=2).resolved == {
        "General/rows": 7
    }
