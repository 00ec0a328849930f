"""Twelve ways in which pipelines elsewhere go wrong; each is looked for here, with rows.

Numbers 1 and 2 (what the bad end of a step means for its children and for the run) are also the
rows of ``tests/domain/test_outcome_matrix.py``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_steps, start_run
from orchestrator.controller import advance
from orchestrator.domain.errors import Invalid
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Attempt, Line, Pipeline, Run, Step, Task
from tests.engine.hooking import Play, Raises, python
from tests.engine.playing import (
    changes_of,
    check_run,
    claim,
    end,
    make_agent,
    play,
    play_all,
    queued_tasks,
    statuses,
)
from tests.engine.starting import started
from tests.makers import make_pipeline, make_run

pytestmark = pytest.mark.django_db


def two_branches(**a: Any) -> dict[str, Any]:
    """a → b, and c beside them; *a* says more of the first."""
    return {
        "schema": 1,
        "steps": [
            {"name": "a", "template": "load", **a},
            {"name": "b", "template": "load", "parents": ["a"]},
            {"name": "c", "template": "load"},
        ],
    }


def failing(*names: str):
    return lambda name, _: TaskEvent.END_BADLY if name in names else TaskEvent.END_WELL


def ended(run: Run) -> tuple[dict[str, str], str]:
    check_run(run)
    return statuses(run), run.status


def test_1_whether_a_failure_counts_and_whether_children_run_is_said_and_done(broker):
    run = play(started(two_branches(may_fail=True)), make_agent(), failing("a"))
    assert ended(run) == ({"a": "failed", "b": "completed", "c": "completed"}, "completed")


def test_2_an_aborted_step_leaves_the_run_aborted_and_other_branches_run_on(broker):
    run = started(two_branches())
    advance(run.pk)
    abort_steps(actor="ada", run=run, steps=["a"])
    play(run, make_agent())
    assert ended(run) == ({"a": "aborted", "b": "skipped", "c": "completed"}, "aborted")


def test_3_a_limit_of_time_is_one_of_seconds_of_running_and_waiting_does_not_count(broker):
    run = started(two_branches(timeout=2))
    advance(run.pk)
    a = queued_tasks(run)[0]
    assert a.limits["timeout"] == 2
    assert a.started_at is None
    claim(a, agent := make_agent())
    # The supervisor keeps the time and ends it so: tests/engine/agent/test_ending.py.
    end(a, TaskEvent.END_BADLY, reason="it took longer than 2 s")
    play(run, agent)
    assert ended(run) == ({"a": "failed", "b": "skipped", "c": "completed"}, "failed")
    assert run.reason == '"a" failed: it took longer than 2 s'


def test_4_a_run_that_takes_longer_than_it_may_has_failed(broker):
    run = started(two_branches() | {"run": {"timeout": 60}})
    advance(run.pk)
    agent = make_agent()
    a, _ = queued_tasks(run)
    claim(a, agent)
    late = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(due_at=late, deadline_at=late)
    advance(run.pk)
    assert statuses(run) == {"a": "aborting", "b": "skipped", "c": "aborted"}
    a.refresh_from_db()
    end(a, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    run.refresh_from_db()
    assert (ended(run)[1], run.reason) == ("failed", "the run took longer than 1 min")


def test_5_a_reference_without_a_value_fails_its_step_while_the_others_run_on(broker):
    document = two_branches()
    document["steps"][1]["parameters"] = {"General/rows": "${a.outputs.nope}"}
    run = play(started(document), make_agent())
    assert ended(run) == ({"a": "completed", "b": "failed", "c": "completed"}, "failed")
    assert 'step "a" gave no output "nope"' in run.reason


@pytest.mark.parametrize("kind", ["pre", "post"])
def test_5_a_hook_that_raises_fails_its_step_while_the_others_run_on(broker, kind):
    run = started(two_branches(hooks={kind: [python()]}))
    Play(lambda *_: Raises("no")).until_it_rests(run)
    assert ended(run) == ({"a": "failed", "b": "skipped", "c": "completed"}, "failed")
    assert run.reason == f'"a" failed: its {kind} hook failed: ValueError: no'


def test_6_a_step_whose_queue_is_gone_fails_and_the_run_ends(broker):
    Line.objects.create(kind="queue", name="gone")
    run = started(two_branches(queue="gone"))
    Line.objects.filter(name="gone").delete()
    play(run, make_agent())
    assert ended(run) == ({"a": "failed", "b": "skipped", "c": "completed"}, "failed")
    assert run.reason == '"a" failed: there is no queue "gone"'


def test_7_a_hook_that_says_no_to_a_task_that_is_made_passes_its_step_over(broker):
    run = started(two_branches() | {"hooks": {"created": [python()]}})
    Play(lambda _, event: event["step"]["name"] != "a").until_it_rests(run)
    assert ended(run) == ({"a": "skipped", "b": "skipped", "c": "completed"}, "completed")
    assert not Task.objects.filter(parent=run.pk, status__in=["draft", "queued"]).exists()


def test_8_going_on_after_a_failure_takes_what_had_ended_well_as_it_is(broker):
    run = play(started(two_branches()), make_agent(), failing("b"))
    kept = {a.step.path: a.task_id for a in Attempt.objects.filter(run=run, status="completed")}
    rerun(actor="ada", run=run, failed=True)
    play(run, make_agent("second"))
    assert ended(run)[1] == "completed"
    for name, task in kept.items():
        assert Attempt.objects.get(run=run, step__path=name).task_id == task
    assert Step.objects.get(run=run, path="b").attempt == 2


def test_9_a_retry_is_a_task_of_its_own_after_a_delay_also_when_its_agent_was_lost(broker):
    run = started(two_branches(retries={"number": 1, "delay": 60}))
    advance(run.pk)
    agent = make_agent()
    first = queued_tasks(run)[0]
    claim(first, agent)
    end(first, TaskEvent.CANNOT_RUN, reason="its agent was lost")
    advance(run.pk)
    second = queued_tasks(run)[0]
    claim(second, agent)
    end(second, TaskEvent.END_BADLY, reason="exit code 1")
    advance(run.pk)
    step = Step.objects.get(run=run, path="a")
    attempts = Attempt.objects.filter(step=step).order_by("number")
    assert [(a.status, a.origin) for a in attempts] == [
        ("crashed", "first"),
        ("failed", "retry"),
        ("pending", "retry"),
    ]
    assert (step.status, step.due_at is not None) == ("pending", True)
    assert first.pk != second.pk
    assert Task.objects.get(pk=first.pk).outcome["reason"] == "its agent was lost"


def test_10_a_step_that_ends_is_told_of_at_once_by_a_numbered_change(broker):
    """No page asks again and again; how the change reaches it: tests/live/test_socket.py."""
    run = started(two_branches())
    advance(run.pk)
    before = changes_of(run)[-1]["n"]
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    end(task)
    advance(run.pk)
    told = [
        (change["data"]["step"], change["data"]["status"])
        for change in changes_of(run)
        if change["n"] > before and change["kind"] == "step_status"
    ]
    assert told == [(0, "completed"), (1, "queued")]


@pytest.mark.parametrize(
    ("given", "code"), [({"rowz": 1}, "unknown_parameter"), ({"rows": "many"}, "bad_value")]
)
def test_11_what_a_trigger_gives_is_checked_by_name_and_type(broker, given, code):
    document = two_branches()
    document["parameters"] = [{"name": "rows", "type": "integer", "default": 1}]
    run = started(document)
    with pytest.raises(Invalid) as error:
        start_run(actor="ada", pipeline=Pipeline.objects.get(), parameters=given)
    assert [problem.code for problem in error.value.problems] == [code]
    assert Run.objects.get() == run


def test_12_the_controller_of_a_run_holds_no_slot(broker):
    """One agent with one slot serves everything, also the queue of the controllers."""
    agent = make_agent(queues=("default", "services"))
    run = started(two_branches())
    advance(run.pk)
    controller = Task.objects.get(pk=run.pk)
    assert (controller.status, controller.agent, controller.published_at) == (
        Status.RUNNING,
        None,
        None,
    )
    play(run, agent)
    assert ended(run)[1] == "completed"


@pytest.mark.django_db(transaction=True)
def test_12_nor_does_a_run_inside_another(broker):
    inner = started(two_branches()).pipeline
    step = {"name": "whole", "kind": "pipeline", "pipeline": inner.slug}
    outer = make_run(make_pipeline(inner.project, "outer", document={"schema": 1, "steps": [step]}))
    play_all(make_agent())
    outer.refresh_from_db()
    assert ended(outer)[1] == "completed"
    assert not Task.objects.filter(run__isnull=False, agent__isnull=False).exists()
