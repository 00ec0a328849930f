"""What only row locks can get wrong: a mailbox must take signals while a turn is being taken."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from orchestrator.controller import advance
from orchestrator.store import signals, turns
from tests.engine.starting import diamond, started
from tests.engine.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_a_signal_does_not_wait_for_the_turn_that_is_being_taken(broker):
    run = started(diamond())

    def put() -> int:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            return signals.put(run.pk, "start", {})

    with transaction.atomic():
        assert turns.open_mail(run.pk) is not None
        (answer,) = at_once(put)
    assert isinstance(answer, int), f"it waited for the turn's lock: {answer}"


def test_a_turn_is_not_passed_over_because_somebody_is_putting_a_signal(broker):
    run = started(diamond())
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Keys are checked at the commit, which is short; this holds their lock for longer.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        signals.put(run.pk, "progress", {"step": 0, "attempt": 1, "value": 0.5})
        (answer,) = at_once(lambda: advance(run.pk))
    assert isinstance(answer, int), answer
    assert answer > 0, "the turn was taken for one that is going on already"


def test_two_turns_of_one_run_are_never_taken_at_once(broker):
    run = started(diamond())
    with transaction.atomic():
        assert turns.open_mail(run.pk) is not None
        assert at_once(lambda: advance(run.pk)) == [0]
