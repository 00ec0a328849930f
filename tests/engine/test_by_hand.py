"""Steps that a person ends: the rows, the tasks and the values that others take."""

from __future__ import annotations

import pytest

from orchestrator.actions.by_hand import complete_step, fail_step, skip_step
from orchestrator.controller import advance
from orchestrator.domain.errors import CapExceeded, Invalid, NotFound
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Run, Task
from tests.engine.playing import (
    changes_of,
    check_run,
    claim,
    make_agent,
    play,
    queued_tasks,
    statuses,
)
from tests.engine.starting import started

pytestmark = pytest.mark.django_db

STEPS = [
    {"name": "train", "template": "load"},
    {"name": "test", "template": "load", "parameters": {"rows": "${train.score}"}},
]
DOCUMENT = {"schema": 1, "steps": STEPS, "outputs": {"score": "${train.score}"}}


def failed_run() -> Run:
    return play(started(DOCUMENT), make_agent(), lambda *_: TaskEvent.END_BADLY)


def test_what_was_given_by_hand_is_taken_by_the_children_and_by_the_run(broker):
    run = failed_run()
    complete_step(actor="ada", run=run, step="train", reason="trained here", outputs={"score": 7})
    play(run, make_agent("second"))
    assert (run.status, run.round, run.outputs) == ("completed", 2, {"score": 7})
    attempt = Attempt.objects.get(run=run, step__path="train", number=2)
    assert (attempt.origin, attempt.actor, attempt.task) == ("by hand", "ada", None)
    assert (attempt.status, attempt.outputs) == ("completed", {"score": 7})
    test = Attempt.objects.get(run=run, step__path="test")
    assert test.resolved == {"General/rows": 7}
    assert test.inputs[0]["attempt"] == 2
    check_run(run)


def test_a_completed_step_that_gave_nothing_fails_who_wants_something_of_it(broker):
    run = failed_run()
    complete_step(actor="ada", run=run, step="train", reason="no matter")
    play(run, make_agent("second"))
    assert statuses(run) == {"train": "completed", "test": "failed"}
    assert run.reason.endswith('step "train" gave no output "score" (it gave: none)')
    check_run(run)


def test_a_queued_step_is_skipped_and_its_task_does_not_start_any_more(broker):
    run = started(DOCUMENT)
    advance(run.pk)
    (task,) = queued_tasks(run)
    skip_step(actor="ada", run=run, step="train", reason="not today")
    advance(run.pk)
    run.refresh_from_db()
    assert statuses(run) == {"train": "skipped", "test": "skipped"}
    assert run.status == "completed"
    task.refresh_from_db()
    assert task.status == "aborted"
    assert task.outcome["reason"] == "by ada: not today"
    assert Attempt.objects.get(run=run).status == "skipped"
    check_run(run)


def test_one_that_has_been_claimed_runs_on_and_who_asked_is_told(broker):
    run = started(DOCUMENT)
    advance(run.pk)
    claim(queued_tasks(run)[0], make_agent())
    number = skip_step(actor="ada", run=run, step="train", reason="not today")
    advance(run.pk)
    assert statuses(run)["train"] == "running"
    (refused,) = [change for change in changes_of(run) if change["kind"] == "refused"]
    assert refused["data"]["signal"] == number
    assert refused["data"]["reason"].startswith('step "train" is running')
    check_run(run)


def test_a_step_is_failed_before_its_turn(broker):
    run = started(DOCUMENT)
    advance(run.pk)
    fail_step(actor="ada", run=run, step="test", reason="the data are wrong")
    play(run, make_agent())
    assert (run.status, statuses(run)) == ("failed", {"train": "completed", "test": "failed"})
    assert run.reason == '"test" failed: by ada: the data are wrong'
    assert Task.objects.filter(parent=run.task).count() == 1
    check_run(run)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"reason": "  "}, Invalid),
        ({"reason": "x" * 1001}, Invalid),
        ({"reason": "so", "step": "deploy"}, NotFound),
        ({"reason": "so", "outputs": {"text": "x" * 2**20}}, CapExceeded),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(broker, wish, error):
    with pytest.raises(error):
        complete_step(**{"actor": "ada", "run": started(DOCUMENT), "step": "train", **wish})
