"""What only row locks can get wrong: a mailbox must take signals while a turn is being taken."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from orchestrator.controller import advance
from orchestrator.store import signals, turns
from tests.engine.starting import diamond, started
from tests.engine.test_races import at_once
from tests.services import wait_for

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


def test_a_frozen_process_loses_the_lock_of_its_run(broker):
    run = started(diamond())
    with pytest.raises(DatabaseError), transaction.atomic():  # noqa: PT012 - it ends inside
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == ("10s",), "the setting does not reach the server"
            cursor.execute("SET idle_in_transaction_session_timeout = '200ms'")
        assert turns.open_mail(run.pk) is not None
        wait_for(lambda: at_once(lambda: advance(run.pk))[0], seconds=20, what="a turn by another")
        turns.open_mail(run.pk)
    connection.close()
