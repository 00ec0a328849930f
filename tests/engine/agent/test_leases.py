"""An agent that cannot renew its leases ends its steps before somebody else may start them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError

from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Task
from orchestrator.store import execution
from tests.engine.agent.by_hand import InBackground, log_of, python, wait_for
from tests.engine.agent.test_ending import daemon_of, is_there, stubborn


def away(*_: object) -> None:
    raise DatabaseError("away")


def test_a_step_outlives_its_first_lease(agent: ServingAgent) -> None:
    step = InBackground(
        python(f"import time\ntime.sleep({settings.PIPELINES_LEASE_SECONDS * 1.5})\nprint('done')")
    )
    task = step.join()
    assert (task.status, log_of(task)) == (Status.COMPLETED, "done\n")


def test_without_a_database_a_step_is_gone_before_its_lease_is_over(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    step = InBackground(stubborn(tmp_path / "pid"))
    pid = daemon_of(tmp_path / "pid")
    monkeypatch.setattr(execution, "renew", away)
    wait_for(lambda: not is_there(pid), "the end of the daemon")
    # The database's clock set this end; no renewal can have moved it since.
    task = step.join()
    assert (task.status, task.outcome["reason"]) == (
        Status.CRASHED,
        f"its agent could not renew the lease of {settings.PIPELINES_LEASE_SECONDS:g} s",
    )


def test_the_end_of_a_step_is_recorded_when_the_database_is_back(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = execution.finish
    refused: list[object] = []

    def away_for_a_while(*arguments: object) -> object:
        if len(refused) < 3:
            refused.append(arguments)
            away()
        return finish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(execution, "finish", away_for_a_while)
    task = InBackground(python("print('done')")).join()
    assert len(refused) == 3
    assert (task.status, log_of(task)) == (Status.COMPLETED, "done\n")


def test_a_late_end_does_not_overwrite_what_the_sweep_said(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "renew", away)
    step = InBackground(python("import time; print('up', flush=True); time.sleep(600)"))
    wait_for(lambda: log_of(step.task), "its first line")
    Task.objects.filter(id=step.task.id).update(
        status=Status.CRASHED, outcome={"reason": "agent lost"}
    )
    assert step.join().outcome == {"reason": "agent lost"}


def test_an_agent_lives_as_long_as_it_renews(agent: ServingAgent) -> None:
    first = Agent.objects.get(id=agent.id).lease_until
    wait_for(lambda: Agent.objects.get(id=agent.id).lease_until > first, "a renewal")
    agent.drain()
    assert Agent.objects.get(id=agent.id).draining
