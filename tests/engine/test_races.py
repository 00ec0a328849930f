"""Two at the same time: turns of one run, places of one queue, ends of one task."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from orchestrator.actions.runs import Idempotency, KeyReused, start_run
from orchestrator.controller import advance, serve_line
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Change, Run, Task
from orchestrator.store import signals
from orchestrator.store.tasks import move_task
from tests.engine.playing import check_run, claim, end, make_agent, play, queued_tasks
from tests.engine.starting import diamond, started, wide
from tests.makers import make_pipeline

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[Any]:
    """Run these in threads that begin together; answers what each gave, or its error."""
    gate = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def work(place: int) -> None:
        gate.wait(10)
        try:
            answers[place] = works[place]()
        except Exception as error:  # the test looks at it
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread hangs"
    return answers


def test_many_turns_of_one_run_at_once_launch_each_step_once(broker):
    run = started(wide(30))
    answers = at_once(*[lambda: advance(run.pk)] * 6)
    assert all(isinstance(answer, int) for answer in answers), answers
    agent = make_agent()
    task = queued_tasks(run)[0]
    claim(task, agent)
    end(task)
    at_once(*[lambda: advance(run.pk)] * 6)
    assert Task.objects.filter(attempts__run=run).count() == 31
    check_run(play(run, agent))


def test_a_signal_that_comes_while_a_turn_is_taken_is_not_lost(broker):
    run = started(wide(20))
    agent = make_agent()
    advance(run.pk)
    first = queued_tasks(run)[0]
    claim(first, agent)
    end(first)
    advance(run.pk)
    tasks = queued_tasks(run)

    def finish(task: Task) -> None:
        claim(task, agent)
        end(task)
        advance(run.pk)

    at_once(*[lambda task=task: finish(task) for task in tasks[:8]])
    run.refresh_from_db()
    assert run.tally["completed"] == 9, "an end was not folded although everybody asked for a turn"
    check_run(play(run, agent))


def test_a_task_is_claimed_once_however_often_its_message_comes(broker):
    run = started(diamond())
    advance(run.pk)
    task = queued_tasks(run)[0]
    answers = at_once(*[lambda: move_task(Task.objects.get(pk=task.pk), TaskEvent.CLAIM)] * 6)
    assert sum(answer is True for answer in answers) == 1, answers


def test_places_of_a_queue_are_given_once(broker):
    make_agent()
    run = started(wide(30))
    advance(run.pk)
    task = queued_tasks(run)[0]
    claim(task, make_agent("other"))
    end(task)
    Task.objects.filter(attempts__run=run).update(published_at=None)
    advance(run.pk)
    Task.objects.filter(attempts__run=run, status="queued").update(published_at=None)
    given = at_once(*[lambda: serve_line("default")] * 4)
    assert sum(given) == 16, "two agents of four slots have sixteen places"


def test_runs_that_are_triggered_at_once_are_numbered_without_gaps(broker):
    first = started(diamond())
    at_once(*[lambda: start_run(actor="ada", pipeline=first.pipeline)] * 6)
    numbers = Run.objects.filter(pipeline=first.pipeline).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 8))


def test_one_key_makes_one_run_however_many_ask_at_once(broker):
    first = started(diamond())
    key = Idempotency("token", "key", "hash")
    answers = at_once(
        *[lambda: start_run(actor="ada", pipeline=first.pipeline, idempotency=key).pk] * 6
    )
    assert len(set(answers)) == 1, answers
    assert Run.objects.filter(pipeline=first.pipeline).count() == 2


def test_changes_are_numbered_without_gaps_under_a_storm_of_signals(broker):
    run = started(wide(10))

    def storm() -> None:
        for _ in range(10):
            with transaction.atomic():
                signals.put(run.pk, "abort_steps", {"steps": [0]}, "ada")
            advance(run.pk)

    at_once(*[storm] * 3)
    advance(run.pk)
    numbers = list(
        Change.objects.filter(run=run).order_by("number").values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
    assert Change.objects.filter(run=run, kind__in=("asked", "refused")).count() == 30


def test_one_key_for_two_pipelines_at_once_starts_one_and_refuses_the_other(broker):
    one = started(diamond()).pipeline
    other = make_pipeline(one.project, "other", document=diamond())
    waits = [threading.Event(), threading.Event()]

    def first() -> Run:
        with transaction.atomic():
            run = start_run(actor="ada", pipeline=one, idempotency=Idempotency("t", "k", "one"))
            waits[0].set()
            # The other has met the key by now, or waits for this transaction's end.
            waits[1].wait(0.5)
            return run

    def second() -> Run:
        assert waits[0].wait(10)
        try:
            return start_run(actor="ada", pipeline=other, idempotency=Idempotency("t", "k", "2"))
        finally:
            waits[1].set()

    started_run, refused = at_once(first, second)
    assert isinstance(started_run, Run)
    assert isinstance(refused, KeyReused), refused
    assert Run.objects.count() == 2
