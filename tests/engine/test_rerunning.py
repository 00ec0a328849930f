"""What becomes of a run that is reopened, and of what was overridden before."""

from __future__ import annotations

import pytest

from orchestrator import controller
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import clone_run, enqueue_run
from orchestrator.controller import advance
from orchestrator.domain.errors import Invalid
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Line, Step, Task
from orchestrator.store import signals, turns
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
from tests.engine.starting import diamond, started, wide
from tests.makers import make_pipeline, make_project, make_template

pytestmark = pytest.mark.django_db


def fail(step: str):
    return lambda name, _: TaskEvent.END_BADLY if name == step else TaskEvent.END_WELL


def started_with_depth():
    from orchestrator.actions.runs import start_run

    project = make_project()
    specs = [
        {"name": f"General/{name}", "type": "integer", "default": 1} for name in ("rows", "depth")
    ]
    make_template(project, parameters=specs)
    pipeline = make_pipeline(
        project, document={"schema": 1, "steps": [{"name": "a", "template": "load"}]}
    )
    return start_run(actor="ada", pipeline=pipeline)


def test_a_rerun_keeps_what_earlier_ones_have_overridden(broker):
    run = play(started_with_depth(), make_agent())
    for changed in ({"rows": 3}, {"depth": 5}):
        rerun(actor="ada", run=run, steps=["a"], parameters={"a": changed})
        play(run, make_agent(str(changed)))
    assert Attempt.objects.get(run=run, number=3).resolved == {
        "General/rows": 3,
        "General/depth": 5,
    }
    check_run(run)


def test_what_failed_is_rerun_in_the_queue_that_was_asked_for(broker):
    Line.objects.create(kind="queue", name="big")
    run = play(started(diamond()), make_agent(), fail("left"))
    rerun(actor="ada", run=run, failed=True, queue="big")
    advance(run.pk)
    assert [task.queue for task in queued_tasks(run)] == ["big"]


def test_overrides_for_what_failed_are_taken_and_others_are_refused(broker):
    run = play(started(diamond()), make_agent(), fail("left"))
    rerun(actor="ada", run=run, failed=True, parameters={"right": {"rows": 3}})
    advance(run.pk)
    refused = changes_of(run)[-1]
    assert refused["data"]["reason"] == 'step "right" is not among those that are rerun'
    rerun(actor="ada", run=run, failed=True, parameters={"left": {"rows": 3}})
    advance(run.pk)
    assert queued_tasks(run)[0].parameters == {"General/rows": 3}
    with pytest.raises(Invalid, match="not among"):
        rerun(actor="ada", run=run, steps=["left"], parameters={"right": {"rows": 3}})


def test_a_run_that_is_reopened_and_ends_in_the_same_turn_tells_the_whole_story(broker):
    run = play(started(diamond()), make_agent(), fail("join"))
    before = Task.objects.get(pk=run.pk)
    Line.objects.filter(name="default").delete()
    rerun(actor="ada", run=run, failed=True)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.round) == ("failed", 2)
    assert run.reason == '"join" failed: there is no queue "default"'
    after = Task.objects.get(pk=run.pk)
    assert (after.fence, after.status) == (before.fence + 1, "failed")
    assert after.ended_at == run.ended_at
    assert after.outcome == {"reason": run.reason}
    check_run(run)


def test_every_round_of_a_run_has_a_fence_and_its_tasks_say_which(broker):
    run = play(started(diamond()), make_agent(), fail("join"))
    rerun(actor="ada", run=run, failed=True)
    play(run, make_agent("second"))
    assert Task.objects.get(pk=run.pk).fence == 2
    fences = Task.objects.filter(attempts__run=run).order_by("attempts__round", "id")
    assert [task.created_by and task.created_by["fence"] for task in fences] == [1, 1, 1, 1, 2]


def test_a_draft_that_is_enqueued_gets_its_fence(broker):
    draft = clone_run(actor="ada", run=play(started(diamond()), make_agent()))
    enqueue_run(actor="ada", run=draft)
    play(draft, make_agent("second"))
    task = Task.objects.get(pk=draft.pk)
    assert (task.fence, task.status) == (1, "completed")
    assert task.queued_at is not None


def test_a_draft_that_is_enqueued_twice_answers_both_who_asked(broker):
    draft = clone_run(actor="ada", run=play(started(diamond()), make_agent()))
    first, second = (enqueue_run(actor=actor, run=draft) for actor in ("ada", "bob"))
    advance(draft.pk)
    answers = [change for change in changes_of(draft) if change["kind"] in ("asked", "refused")]
    assert [(each["kind"], each["actor"], each["data"]["signal"]) for each in answers] == [
        ("asked", "ada", first),
        ("refused", "bob", second),
    ]
    draft.refresh_from_db()
    assert draft.status == "running"


def test_outputs_are_those_of_the_last_round(broker):
    document = diamond() | {"outputs": {"kept": "${left.outputs.kept}"}}
    run = started(document)
    agent = make_agent()
    advance(run.pk)
    while waiting := queued_tasks(run):
        for task in waiting:
            claim(task, agent)
            end(task, outputs={"kept": 5})
        advance(run.pk)
    run.refresh_from_db()
    assert run.outputs == {"kept": 5}
    rerun(actor="ada", run=run, steps=["join"])
    play(run, agent, fail("join"))
    assert (run.status, run.outputs) == ("failed", {})


def test_a_step_that_stays_held_up_names_what_holds_it_up(broker):
    run = play(
        started(diamond()),
        make_agent(),
        lambda name, _: TaskEvent.END_BADLY if name in ("left", "right") else TaskEvent.END_WELL,
    )
    rerun(actor="ada", run=run, steps=["left"])
    play(run, make_agent("second"))
    assert Step.objects.get(run=run, path="join").reason == '"right" failed'
    check_run(run)


def test_what_a_long_turn_left_over_is_read_before_a_full_mailbox(broker, monkeypatch):
    monkeypatch.setattr(turns, "STEPS_A_TURN", 20)
    monkeypatch.setattr(turns, "DECISIONS_A_TURN", 7)
    monkeypatch.setattr(turns, "SIGNALS_A_TURN", 5)
    run = started(wide(60))
    agent = make_agent()
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, agent)
    end(task, TaskEvent.END_BADLY)
    for _ in range(3):
        signals.put(run.pk, "progress", {"step": 0, "attempt": 9, "value": 0.5})
    # Before the turn can say what it left over, these are in the mailbox already.
    signals.put(run.pk, "rerun", {"steps": [0]}, "ada")
    for _ in range(5):
        signals.put(run.pk, "progress", {"step": 0, "attempt": 9, "value": 0.5})
    assert controller.advance(run.pk) < 50
    play(run, agent)
    assert run.status == "completed"
    check_run(run)


def test_an_abort_of_many_waiting_steps_costs_few_questions(broker, django_assert_max_num_queries):
    from orchestrator.actions.runs import abort_run

    run = started(wide(120))
    agent = make_agent()
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, agent)
    end(task)
    advance(run.pk)
    abort_run(actor="ada", run=run)
    with django_assert_max_num_queries(60):
        advance(run.pk)
    run.refresh_from_db()
    assert run.status == "aborted"
    check_run(run)


def test_a_step_is_rerun_with_another_version_of_its_template(broker):
    run = play(started_with_depth(), make_agent())
    specs = [{"name": "General/rows", "type": "integer", "default": 1}]
    newest = make_template(run.project, script="print('better')\n", parameters=specs)
    with pytest.raises(Invalid, match="there are the versions 1, 2, not 7"):
        rerun(actor="ada", run=run, steps=["a"], versions={"a": 7})
    rerun(
        actor="ada", run=run, steps=["a"], versions={"a": "latest"}, parameters={"a": {"rows": 3}}
    )
    play(run, make_agent("second"))
    again = Attempt.objects.get(run=run, number=2)
    assert again.task
    assert again.task.template_version_id == newest.pk
    assert again.resolved["General/rows"] == 3


def test_what_is_stale_is_refreshed(broker):
    document = diamond(parameters={"rows": "${load.outputs.kept}"})
    run = started(document)
    agent = make_agent()
    advance(run.pk)
    while waiting := queued_tasks(run):
        for task in waiting:
            claim(task, agent)
            end(task, outputs={"kept": 5})
        advance(run.pk)
    rerun(actor="ada", run=run, steps=["load"])
    advance(run.pk)
    claim(task := queued_tasks(run)[0], agent)
    end(task, outputs={"kept": 7})
    advance(run.pk)
    assert [s.path for s in Step.objects.filter(run=run, stale=True)] == ["left"]
    rerun(actor="ada", run=run, stale=True)
    play(run, agent)
    assert not Step.objects.filter(run=run, stale=True).exists()
    assert Attempt.objects.get(run=run, step__path="left", number=2).resolved == {"General/rows": 7}
    check_run(run)


def test_a_running_step_is_ended_first_and_comes_again_with_other_parameters(broker):
    run = started(diamond())
    agent = make_agent()
    advance(run.pk)
    load = queued_tasks(run)[0]
    claim(load, agent)
    advance(run.pk)
    rerun(actor="bob", run=run, steps=["load"], parameters={"load": {"rows": 3}})
    advance(run.pk)
    load.refresh_from_db()
    assert (load.status, statuses(run)["load"]) == ("aborting", "aborting")
    assert not queued_tasks(run)
    end(load, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    (again,) = queued_tasks(run)
    assert again.parameters == {"General/rows": 3}
    second = Attempt.objects.get(task=again)
    assert (second.number, second.origin, second.actor) == (2, "rerun", "bob")
    check_run(run)
    play(run, agent)
    assert (run.status, run.round) == ("completed", 1)


def test_a_step_that_waits_runs_as_the_last_rerun_of_it_wants(broker):
    run = started(diamond())
    advance(run.pk)
    for rows in (3, 4):
        rerun(actor="ada", run=run, steps=["join"], parameters={"join": {"rows": rows}})
        advance(run.pk)
    check_run(run)
    play(run, make_agent())
    join = Attempt.objects.get(run=run, step__path="join")
    assert (join.number, join.resolved) == (1, {"General/rows": 4})
    check_run(run)
