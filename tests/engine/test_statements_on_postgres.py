"""PostgreSQL keeps the plans of the statements that every step asks for."""

from __future__ import annotations

import pytest
from django.db import connection

from orchestrator.controller import advance
from tests.engine.starting import long_chain, started
from tests.engine.test_turns_cost_what_changed import execute_one

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_a_chain_leaves_its_statements_prepared(broker: object) -> None:
    connection.close()
    run = started(long_chain(12))
    advance(run.pk)
    for _ in range(12):
        execute_one(run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]
    for begins in ("UPDATE orchestrator_task", "INSERT INTO orchestrator_change"):
        assert any(one.replace('"', "").startswith(begins) for one in kept), kept
