"""A run advances through its turns; what is told of it always explains its rows."""

from __future__ import annotations

import pytest

from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, abort_steps
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Step, Task
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
from tests.engine.starting import diamond, started

pytestmark = pytest.mark.django_db


def test_a_diamond_completes_and_its_children_wait_for_their_parents(broker):
    run = started(diamond())
    agent = make_agent()
    advance(run.pk)
    assert [task.name for task in queued_tasks(run)] == ["load"]
    assert statuses(run) == {
        "load": "queued",
        "left": "pending",
        "right": "pending",
        "join": "pending",
    }
    play(run, agent)
    assert set(statuses(run).values()) == {"completed"}
    assert run.status == "completed"
    check_run(run)


def test_each_step_has_its_own_task_with_the_run_as_parent(broker):
    run = play(started(diamond()), make_agent())
    tasks = list(Task.objects.filter(parent=run.pk))
    assert sorted(task.name for task in tasks) == ["join", "left", "load", "right"]
    assert {task.template_version and task.template_version.number for task in tasks} == {1}


def test_a_failed_parent_skips_its_children_and_names_itself(broker):
    def ends(name: str, _attempt: int) -> TaskEvent:
        return TaskEvent.END_BADLY if name == "left" else TaskEvent.END_WELL

    run = play(started(diamond()), make_agent(), ends)
    assert statuses(run)["join"] == "skipped"
    assert Step.objects.get(run=run, path="join").reason == '"left" failed'
    assert run.status == "failed"
    assert run.reason == '"left" failed: told to'
    check_run(run)


def test_rerunning_what_failed_revives_what_was_skipped_because_of_it(broker):
    agent = make_agent()
    bad = {"left"}

    def ends(name: str, _attempt: int) -> TaskEvent:
        return TaskEvent.END_BADLY if name in bad else TaskEvent.END_WELL

    run = play(started(diamond()), agent, ends)
    bad.clear()
    rerun(actor="ada", run=run, failed=True)
    play(run, agent, ends)
    assert run.status == "completed"
    assert run.round == 2
    numbers = Attempt.objects.filter(run=run).values_list("step__path", "number")
    assert sorted(numbers) == [("join", 1), ("left", 1), ("left", 2), ("load", 1), ("right", 1)]
    check_run(run)


def test_rerunning_one_step_runs_only_that_and_what_it_had_held_up(broker):
    agent = make_agent()
    run = play(started(diamond()), agent)
    rerun(actor="bob", run=run, steps=["left"])
    play(run, agent)
    assert Attempt.objects.filter(run=run, step__path="left").count() == 2
    assert Attempt.objects.filter(run=run).count() == 5
    assert Attempt.objects.get(run=run, step__path="left", number=2).actor == "bob"
    assert run.status == "completed"
    check_run(run)


def test_aborting_a_step_that_waits_for_an_agent_ends_it_at_once(broker):
    run = started(diamond())
    agent = make_agent()
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, agent)
    end(task)
    advance(run.pk)
    abort_steps(actor="ada", run=run, steps=["left"])
    advance(run.pk)
    assert statuses(run)["left"] == "aborted"
    assert statuses(run)["join"] == "skipped"
    play(run, agent)
    assert run.status == "aborted"
    check_run(run)


def test_aborting_a_running_step_shows_aborting_until_its_agent_confirms(broker):
    run = started(diamond())
    agent = make_agent()
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, agent)
    advance(run.pk)
    assert statuses(run)["load"] == "running"
    abort_run(actor="ada", run=run)
    advance(run.pk)
    run.refresh_from_db()
    assert run.status == "aborting"
    assert statuses(run)["load"] == "aborting"
    assert statuses(run)["join"] == "skipped"
    task.refresh_from_db()
    end(task, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    check_run(run)
    assert run.status == "aborted"


def test_a_crashed_attempt_is_tried_again_by_itself_at_most_twice(broker):
    run = play(
        started(diamond()),
        make_agent(),
        lambda name, _: TaskEvent.CANNOT_RUN if name == "left" else TaskEvent.END_WELL,
    )
    assert Attempt.objects.filter(run=run, step__path="left").count() == 3
    assert statuses(run)["left"] == "crashed"
    check_run(run)


def test_a_step_that_may_fail_does_not_hold_up_its_children(broker):
    run = play(
        started(diamond(may_fail=True)),
        make_agent(),
        lambda name, _: TaskEvent.END_BADLY if name == "left" else TaskEvent.END_WELL,
    )
    assert statuses(run)["left"] == "failed"
    assert statuses(run)["join"] == "completed"
    assert run.status == "completed"
    check_run(run)


def test_references_bring_parameters_and_outputs_and_are_kept_as_inputs(broker):
    document = {
        "schema": 1,
        "parameters": [{"name": "rows", "type": "integer", "default": 10}],
        "steps": [
            {"name": "a", "template": "load", "parameters": {"rows": "${pipeline.rows}"}},
            {"name": "b", "template": "load", "parameters": {"rows": "${a.outputs.kept}"}},
        ],
        "outputs": {"kept": "${a.kept}"},
    }
    run = started(document, rows=7)
    agent = make_agent()
    advance(run.pk)
    first = queued_tasks(run)[0]
    assert first.parameters == {"General/rows": 7}
    claim(first, agent)
    end(first, outputs={"kept": 5})
    advance(run.pk)
    assert queued_tasks(run)[0].parameters == {"General/rows": 5}
    play(run, agent)
    taken = Attempt.objects.get(run=run, step__path="b").inputs
    assert taken == [{"step": "a", "attempt": 1, "name": "a.outputs.kept", "value": 5}]
    assert run.outputs == {"kept": 5}
    check_run(run)
    rerun(actor="ada", run=run, steps=["a"])
    advance(run.pk)
    assert Step.objects.get(run=run, path="b").stale
    check_run(run)


def test_a_reference_without_a_value_fails_the_step_in_plain_words(broker):
    document = {
        "schema": 1,
        "steps": [
            {"name": "a", "template": "load"},
            {"name": "b", "template": "load", "parameters": {"rows": "${a.outputs.kept}"}},
        ],
    }
    run = play(started(document), make_agent())
    assert statuses(run) == {"a": "completed", "b": "failed"}
    reason = Step.objects.get(run=run, path="b").reason
    assert 'step "a" gave no output "kept"' in reason
    check_run(run)


def test_turns_without_news_change_nothing(broker):
    run = play(started(diamond()), make_agent())
    told = changes_of(run)
    assert advance(run.pk) == 0
    assert changes_of(run) == told
