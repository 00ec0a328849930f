"""Runs that wait: for people, for the clock, for each other; on the rows of both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from orchestrator.actions import steering
from orchestrator.actions.approvals import answer_approval
from orchestrator.actions.runs import abort_run, abort_steps
from orchestrator.clock import runs_to_advance
from orchestrator.controller import advance, serve_line
from orchestrator.domain.errors import Invalid, NotAllowed
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Line, Membership, Run, Step, Task, User
from orchestrator.queries.rights import Actor, actor_for
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
from tests.engine.starting import started, wide

pytestmark = pytest.mark.django_db

FORM = [{"name": "limit", "type": "integer", "default": 3, "minimum": 1}]


def asking(**approval: Any) -> Run:
    """train → approve → deploy, where the question is open."""
    steps = [
        {"name": "train", "template": "load"},
        {
            "name": "approve",
            "kind": "approval",
            "parameters": {"score": "${train.score}"},
            "approval": {"form": FORM, **approval},
        },
        {"name": "deploy", "template": "load", "parameters": {"rows": "${approve.limit}"}},
    ]
    run = started({"schema": 1, "steps": steps})
    advance(run.pk)
    (task,) = queued_tasks(run)
    claim(task, make_agent())
    end(task, outputs={"score": 0.9})
    advance(run.pk)
    run.refresh_from_db()
    return run


def somebody(run: Run, role: str) -> Actor:
    user = User.objects.create(username=role)
    Membership.objects.create(project=run.project, user=user, role=role)
    return actor_for(user)


def let_pass(run: Run, seconds: float) -> None:
    """As if so much time had passed: everything that is due is due earlier."""
    earlier = timedelta(seconds=seconds)
    Step.objects.filter(run=run).update(due_at=F("due_at") - earlier)
    Run.objects.filter(pk=run.pk).update(
        due_at=F("due_at") - earlier, deadline_at=F("deadline_at") - earlier
    )


def test_a_person_is_shown_what_came_before_and_what_they_say_goes_on(broker):
    run = asking()
    assert statuses(run) == {"train": "completed", "approve": "awaiting", "deploy": "pending"}
    question = Attempt.objects.get(run=run, step__path="approve")
    assert (question.resolved, question.status) == ({"score": 0.9}, "awaiting")
    assert question.inputs[0]["step"] == "train"
    check_run(run)
    answer_approval(
        actor=somebody(run, "operator"), run=run, step="approve", approved=True, values={"limit": 7}
    )
    play(run, make_agent("second"))
    assert run.status == "completed"
    deploy = Attempt.objects.get(run=run, step__path="deploy")
    assert deploy.resolved == {"General/rows": 7}
    question.refresh_from_db()
    assert (question.actor, question.outputs["by"]) == ("operator", "operator")
    check_run(run)


def test_what_is_rejected_has_failed_with_the_words_of_who_did(broker):
    run = asking()
    answer_approval(
        actor=somebody(run, "admin"), run=run, step="approve", approved=False, comment="too low"
    )
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == ("failed", '"approve" failed: rejected by admin: too low')
    assert Attempt.objects.get(run=run, step__path="approve").outputs["limit"] == 3
    check_run(run)


def test_who_may_answer_is_said_by_the_document(broker):
    run = asking(roles=["editor"])
    wish: Any = {"run": run, "step": "approve", "approved": True}
    with pytest.raises(NotAllowed, match="editor"):
        answer_approval(actor=somebody(run, "operator"), **wish)
    with pytest.raises(Invalid, match="at least 1"):
        answer_approval(actor=somebody(run, "admin"), **wish, values={"limit": 0})
    answer_approval(actor=somebody(run, "editor"), **wish)
    advance(run.pk)
    assert statuses(run)["approve"] == "completed"


def test_nobody_answers_until_the_deadline_and_the_tick_notices(broker):
    run = asking(deadline=3600, on_deadline="approve")
    assert runs_to_advance() == []
    let_pass(run, 3600)
    assert runs_to_advance() == [run.pk]
    play(run, make_agent("second"))
    assert run.status == "completed"
    assert Attempt.objects.get(run=run, step__path="deploy").resolved == {"General/rows": 3}
    check_run(run)


@pytest.mark.parametrize("whole", [True, False])
def test_a_question_is_withdrawn_with_its_step(broker, whole):
    run = asking()
    if whole:
        abort_run(actor="ada", run=run)
    else:
        abort_steps(actor="ada", run=run, steps=["approve"])
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, statuses(run)["approve"]) == ("aborted", "aborted")
    check_run(run)


def test_while_a_run_is_paused_its_tasks_get_no_places(broker):
    Line.objects.filter(name="default").update(limit=1)
    run = started({"schema": 1, "steps": [{"name": n, "template": "load"} for n in "ab"]})
    advance(run.pk)
    first, second = queued_tasks(run)
    assert first.published_at
    assert second.published_at is None
    steering.pause_run(actor="ada", run=run)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == ("paused", "paused by ada")
    claim(first, make_agent())
    end(first)
    advance(run.pk)
    assert serve_line("default") == 0
    steering.resume_run(actor="ada", run=run)
    advance(run.pk)
    second.refresh_from_db()
    assert second.published_at
    assert not second.held
    check_run(run)


def test_a_run_pauses_before_a_step_and_one_says_so_while_it_runs(broker):
    steps = [{"name": "a", "template": "load"}, {"name": "b", "template": "load", "parents": ["a"]}]
    run = started({"schema": 1, "steps": steps, "run": {"pause_at": ["a"]}})
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.reason) == ("paused", 'paused before "a"')
    steering.set_breakpoints(actor="ada", run=run, steps=["b"])
    steering.resume_run(actor="ada", run=run)
    play(run, make_agent())
    assert (run.status, statuses(run)) == ("paused", {"a": "completed", "b": "pending"})
    assert run.options["pause_at"] == ["b"]
    steering.resume_run(actor="ada", run=run)
    play(run, make_agent("second"))
    assert run.status == "completed"
    check_run(run)


def test_a_step_that_no_agent_takes_in_time_fails_and_its_task_is_ended(broker):
    step = {"name": "a", "template": "load", "queue_timeout": 60}
    run = started({"schema": 1, "steps": [step]})
    advance(run.pk)
    assert Step.objects.get(run=run).due_why == "queue_timeout"
    let_pass(run, 60)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.due_at) == ("failed", None)
    assert run.reason == '"a" failed: it waited in its queue for 1 min'
    assert Task.objects.get(parent=run.task).status == "aborted"
    check_run(run)


def test_a_run_that_takes_too_long_is_ended_and_has_failed(broker):
    run = started({**wide(3), "run": {"timeout": 3600}})
    advance(run.pk)
    (task,) = queued_tasks(run)
    claim(task, make_agent())
    advance(run.pk)
    let_pass(run, 3600)
    assert runs_to_advance() == [run.pk]
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, statuses(run)["start"]) == ("aborting", "aborting")
    task.refresh_from_db()
    end(task, TaskEvent.CONFIRM_GONE)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == ("failed", "deadline")
    assert run.reason == "the run took longer than 1 h"
    check_run(run)


def test_the_first_failure_ends_everything_that_was_not_loaded_too(broker):
    run = started({**wide(6), "run": {"abort_on_failure": True}})
    play_until = make_agent()
    advance(run.pk)
    (first,) = queued_tasks(run)
    claim(first, play_until)
    end(first)
    advance(run.pk)
    task, *others = queued_tasks(run)
    claim(task, play_until)
    end(task, TaskEvent.END_BADLY, reason="told to")
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.stop_reason) == ("failed", "failure")
    assert run.reason == '"work 0" failed: told to'
    assert len(others) == 5
    assert set(statuses(run).values()) == {"completed", "failed", "aborted", "skipped"}
    check_run(run)


def test_so_many_steps_run_at_a_time_and_conditions_that_fail_take_no_place(broker):
    document = wide(7)
    for step in document["steps"][1:4]:
        step["when"] = "1 > 2"
    run = started({**document, "run": {"max_parallel": 2}})
    agent, most = make_agent(), 0
    advance(run.pk)
    while tasks := queued_tasks(run):
        most = max(most, len(tasks))
        claim(tasks[0], agent)
        end(tasks[0])
        advance(run.pk)
    run.refresh_from_db()
    assert (most, run.status) == (2, "completed")
    assert [change["kind"] for change in changes_of(run)].count("attempt_added") == 5
    check_run(run)
