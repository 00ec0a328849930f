"""Progress becomes a change at most once a second for each step, and its last value always."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator import clock
from orchestrator.actions.attempts import set_progress
from orchestrator.controller import advance
from orchestrator.models import Change, Run, Step, Task
from tests.engine.playing import check_run, claim, make_agent, queued_tasks
from tests.engine.starting import diamond, started

pytestmark = pytest.mark.django_db(transaction=True)


def running() -> tuple[Run, Task]:
    """A run whose first step runs."""
    run = started(diamond())
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    advance(run.pk)
    return run, task


def told(run: Run) -> list[float]:
    changes = Change.objects.filter(run=run, kind="progress").order_by("number")
    return [change.data["value"] for change in changes]


def let_a_second_pass(task: Task) -> None:
    earlier = timezone.now() - timedelta(seconds=2)
    Task.objects.filter(pk=task.pk).update(progress_told_at=earlier)


def report(task: Task, *values: float) -> None:
    for value in values:
        set_progress(task=task, fence=task.fence, value=value)


def test_a_burst_is_one_change_and_its_last_value_follows(broker):
    run, task = running()
    report(task, 0.1, 0.2, 0.3, 0.4)
    advance(run.pk)
    assert told(run) == [0.1]
    clock.tick()
    assert told(run) == [0.1]
    let_a_second_pass(task)
    clock.tick()
    advance(run.pk)
    assert told(run) == [0.1, 0.4]
    assert Step.objects.get(run=run, path="load").progress == 0.4
    check_run(run)


def test_what_is_told_is_not_told_again(broker):
    run, task = running()
    report(task, 0.5)
    advance(run.pk)
    for _ in range(3):
        let_a_second_pass(task)
        clock.tick()
        advance(run.pk)
    assert told(run) == [0.5]


def test_two_ticks_at_once_tell_once(broker):
    run, task = running()
    report(task, 0.1, 0.2)
    advance(run.pk)
    let_a_second_pass(task)
    clock.tell_progress()
    clock.tell_progress()
    advance(run.pk)
    assert told(run) == [0.1, 0.2]


def test_the_first_value_and_one_after_a_pause_go_at_once(broker):
    run, task = running()
    report(task, 0.1)
    let_a_second_pass(task)
    report(task, 0.7)
    advance(run.pk)
    # Both wait in the mailbox; what is told is how far it is now.
    assert told(run) == [0.7]
