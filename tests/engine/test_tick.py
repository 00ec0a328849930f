"""The tick repeats the question for whatever was lost: messages, agents, the whole broker."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator import announce, clock
from orchestrator.actions.runs import abort_run
from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.management.ticking import tick_forever
from orchestrator.models import Agent, Broker, Run, Signal, Step, Task
from tests.engine.playing import check_run, claim, end, make_agent, queued_tasks, statuses
from tests.engine.starting import diamond, started, wide

pytestmark = pytest.mark.django_db(transaction=True)


def long_ago(seconds: float = 60):
    return timezone.now() - timedelta(seconds=seconds)


def let_lease_run_out(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(lease_until=long_ago())


def messages(broker, queue: str = "q.default") -> int:
    return announce.server().llen(queue)


def test_a_run_whose_message_was_lost_is_advanced(broker):
    run = started(diamond())
    Signal.objects.update(at=long_ago())
    clock.tick()
    assert statuses(run)["load"] == "queued"


def test_a_task_whose_agent_was_lost_crashes_and_is_tried_again(broker):
    run = started(diamond())
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    let_lease_run_out(task)
    clock.end_leases()
    task.refresh_from_db()
    assert task.status == "crashed"
    assert task.outcome["reason"] == "agent hand was lost"
    advance(run.pk)
    assert statuses(run)["load"] == "queued"
    assert Step.objects.get(run=run, path="load").attempt == 2
    check_run(run)


def test_an_aborted_task_whose_agent_was_lost_says_that_its_end_is_not_confirmed(broker):
    run = started(diamond())
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    abort_run(actor="ada", run=run)
    advance(run.pk)
    let_lease_run_out(task)
    clock.tick()
    advance(run.pk)
    assert statuses(run)["load"] == "aborted"
    assert "not confirmed" in Step.objects.get(run=run, path="load").reason
    check_run(run)
    assert run.status == "aborted"


def test_a_lease_that_is_renewed_is_left_alone(broker):
    run = started(diamond())
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    clock.end_leases()
    task.refresh_from_db()
    assert task.status == "running"


def test_an_agent_whose_lease_is_over_is_gone(broker):
    agent = make_agent()
    Agent.objects.update(lease_until=long_ago())
    clock.end_leases()
    agent.refresh_from_db()
    assert agent.ended_at is not None


def test_an_emptied_broker_gets_everything_again_at_once(broker):
    make_agent()
    clock.tick()
    run = started(diamond())
    advance(run.pk)
    assert messages(broker) == 1
    announce.server().flushall()
    clock.tick()
    assert messages(broker) == 1
    assert Broker.objects.count() == 1
    clock.tick()
    assert messages(broker) == 1, "published again although nothing was lost"


def test_a_lost_message_is_sent_again_only_when_the_broker_has_none(broker):
    make_agent()
    clock.tick()
    run = started(diamond())
    advance(run.pk)
    Task.objects.filter(attempts__run=run).update(published_at=long_ago())
    clock.tick()
    assert messages(broker) == 1
    announce.server().delete("q.default")
    Task.objects.filter(attempts__run=run).update(published_at=long_ago())
    clock.tick()
    assert messages(broker) == 1


def test_a_broker_that_is_away_costs_nothing_but_time(broker):
    make_agent()
    run = started(diamond())
    broker.kill()
    advance(run.pk)
    clock.tick()
    assert Task.objects.get(attempts__run=run).published_at is None
    broker.start()
    announce.reachability._silent_until = 0
    clock.tick()
    assert messages(broker) == 1


def test_a_retry_starts_when_its_delay_is_over(broker):
    run = started(diamond() | {"defaults": {"retries": {"number": 1, "delay": 3600}}})
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent())
    end(task, TaskEvent.END_BADLY)
    advance(run.pk)
    clock.tick()
    assert statuses(run)["load"] == "pending"
    Step.objects.filter(run=run, path="load").update(due_at=long_ago())
    Run.objects.filter(pk=run.pk).update(due_at=long_ago())
    clock.tick()
    assert statuses(run)["load"] == "queued"
    check_run(run)


def test_a_lost_message_is_sent_again_although_others_wait_for_their_turn(broker):
    make_agent()
    clock.tick()
    run = started(wide(3))
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent("second"))
    end(task)
    broker_list = "q.default"
    announce.server().delete(broker_list)
    advance(run.pk)
    assert messages(broker) == 3
    announce.server().lpop(broker_list)
    Task.objects.filter(attempts__run=run, status="queued").update(published_at=long_ago())
    clock.tick()
    assert messages(broker) >= 3, "one task would wait until the queue is empty"
    there = messages(broker)
    clock.tick()
    assert messages(broker) == there


def test_a_tick_that_was_killed_after_it_saw_an_emptied_broker_is_made_good(broker):
    make_agent()
    clock.tick()
    run = started(diamond())
    advance(run.pk)
    announce.server().flushall()
    # It had set the key and got no further.
    announce.server().set(clock.EPOCH_KEY, "new")
    clock.tick()
    assert messages(broker) == 1
    assert Broker.objects.get().epoch == "new"


def test_the_tick_goes_on_whatever_one_round_of_it_meets(broker, monkeypatch, caplog):
    stop = threading.Event()
    rounds: list[int] = []

    def troubled() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise ValueError("a fault of ours")
        stop.set()

    monkeypatch.setattr(clock, "tick", troubled)
    tick_forever(stop)
    assert rounds == [0, 1]
    assert "a fault of ours" in caplog.text
