"""The agent as a process of its own: it takes tasks from its queues, and comes to good ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from orchestrator import dispatch
from orchestrator.actions.agents import drain_agent, undrain_agent
from orchestrator.agent.forked.supervisor import marked
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Task
from tests.engine.agent.by_hand import log_of, python, wait_for
from tests.engine.agent.test_ending import daemon_of, is_there, stubborn, supervisor_of

if TYPE_CHECKING:
    from tests.services import RedisServer

Start = Callable[..., "AgentProcess"]


class AgentProcess:
    """`manage.py agent` on the test's database."""

    def __init__(self, log: Path, drain: float) -> None:
        self.log = log
        before = set(Agent.objects.values_list("id", flat=True))
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "agent", "--queues", "tested", "--slots", "2"],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    **os.environ,
                    "PIPELINES_DATABASE_URL": database_url(),
                    "PIPELINES_DRAIN_SECONDS": str(drain),
                },
                start_new_session=True,
            )
        self.row = wait_for(
            lambda: Agent.objects.exclude(id__in=before).first(), f"a row of the agent ({log})"
        )

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def database_url() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}"
    return f"postgresql://{user}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@pytest.fixture
def start(transactional_db: None, broker: RedisServer, tmp_path: Path) -> Iterator[Start]:
    """Start agents; all of them are ended with the test."""
    started: list[AgentProcess] = []

    def start_one(*, drain: float = 20) -> AgentProcess:
        agent = AgentProcess(tmp_path / f"agent{len(started)}.log", drain)
        started.append(agent)
        return agent

    yield start_one
    for agent in started:
        if agent.process.poll() is None:
            agent.process.kill()
            agent.process.wait(10)


def publish(task: Task) -> Task:
    Task.objects.filter(id=task.id).update(queue="tested")
    wait_for(lambda: dispatch.waiting_in_broker("default") is not None, "the broker")
    dispatch.publish([(task.id, task.fence, "tested")])
    return task


def status_of(task: Task) -> str:
    return Task.objects.get(id=task.id).status


def wait_for_status(task: Task, status: Status) -> None:
    wait_for(lambda: status_of(task) == status, f"task {task.id} to be {status}")


def test_an_agent_executes_what_its_queue_holds(start: Start) -> None:
    first = publish(python("print('before it started')"))
    agent = start()
    second = publish(python("print('after it started')"))
    for task in (first, second):
        wait_for_status(task, Status.COMPLETED)
    assert log_of(second) == "after it started\n"
    assert Task.objects.get(id=first.id).agent_id == agent.row.id


def test_an_abort_reaches_the_agent(start: Start, tmp_path: Path) -> None:
    start()
    task = publish(stubborn(tmp_path / "pid", limits={"grace": 0.2}))
    pid = daemon_of(tmp_path / "pid")
    Task.objects.filter(id=task.id).update(status=Status.ABORTING)
    dispatch.poke_agent(Task.objects.get(id=task.id).agent_id, task.id)
    wait_for_status(task, Status.ABORTED)
    assert not is_there(pid)


def test_a_killed_agent_leaves_no_process_behind(start: Start, tmp_path: Path) -> None:
    agent = start()
    task = publish(stubborn(tmp_path / "pid"))
    pid = daemon_of(tmp_path / "pid")
    agent.end(signal.SIGKILL)
    wait_for(lambda: not is_there(pid), "the end of the daemon")
    wait_for(
        lambda: not marked(f"PIPELINES_TASK={task.id}.1".encode()), "the end of all its processes"
    )


def test_a_frozen_agents_steps_end_with_their_leases(start: Start, tmp_path: Path) -> None:
    agent = start()
    publish(stubborn(tmp_path / "pid"))
    pid = daemon_of(tmp_path / "pid")
    agent.process.send_signal(signal.SIGSTOP)
    wait_for(lambda: not is_there(pid), "the end of the daemon")


def test_a_stopping_agent_lets_its_steps_end(start: Start) -> None:
    agent = start(drain=20)
    task = publish(python("import time; print('up', flush=True); time.sleep(1); print('done')"))
    wait_for(lambda: log_of(task), "its first line")
    assert agent.end(signal.SIGTERM) == 0
    assert (status_of(task), log_of(task)) == (Status.COMPLETED, "up\ndone\n")
    row = Agent.objects.get(id=agent.row.id)
    assert row.draining
    assert row.ended_at is not None


def test_a_stopping_agent_gives_back_what_does_not_end(start: Start, tmp_path: Path) -> None:
    agent = start(drain=0.2)
    task = publish(stubborn(tmp_path / "pid", limits={"grace": 0.2}))
    pid = daemon_of(tmp_path / "pid")
    assert agent.end(signal.SIGTERM) == 0
    assert not is_there(pid)
    task.refresh_from_db()
    assert (task.status, task.fence, task.agent_id) == (Status.QUEUED, 2, None)


def test_a_new_agent_clears_up_after_one_that_was_killed_with_its_supervisor(
    start: Start, tmp_path: Path
) -> None:
    agent = start()
    task = publish(stubborn(tmp_path / "pid"))
    pid = daemon_of(tmp_path / "pid")
    agent.process.send_signal(signal.SIGSTOP)
    os.kill(supervisor_of(task), signal.SIGKILL)
    agent.end(signal.SIGKILL)
    assert is_there(pid)
    Task.objects.filter(id=task.id).update(status=Status.CRASHED)
    start()
    wait_for(lambda: not is_there(pid), "the end of the daemon")
    folder = Path(settings.PIPELINES_DATA_DIR) / "work" / f"{task.id}.1"
    wait_for(lambda: not folder.exists(), "the working folder's end")


def test_a_drained_agent_ends_what_it_has_and_takes_nothing_new(start: Start) -> None:
    agent = start()
    working = publish(python("import time; print('up', flush=True); time.sleep(2)"))
    wait_for(lambda: log_of(working), "its first line")
    drain_agent(actor="root", agent_id=agent.row.id)
    wait_for(lambda: "is drained" in agent.log.read_text(), "the agent to have heard it")
    wait_for(lambda: "Canceling queue" in agent.log.read_text(), "the worker to leave the queue")
    waiting = publish(python("print('later')"))
    wait_for_status(working, Status.COMPLETED)
    assert status_of(waiting) == Status.QUEUED
    assert dispatch.waiting_in_broker("tested") == 1
    undrain_agent(actor="root", agent_id=agent.row.id)
    wait_for_status(waiting, Status.COMPLETED)
    assert agent.end(signal.SIGTERM) == 0


def test_a_drained_agent_stays_so_when_the_broker_comes_back(
    start: Start, broker: RedisServer
) -> None:
    agent = start()
    other = start()
    drain_agent(actor="root", agent_id=agent.row.id)
    wait_for(lambda: "Canceling queue" in agent.log.read_text(), "the worker to leave the queue")
    broker.kill()
    broker.start()
    tasks = [publish(python("print('done')")) for _ in range(4)]
    for task in tasks:
        wait_for_status(task, Status.COMPLETED)
        assert Task.objects.get(id=task.id).agent_id == other.row.id
    assert Agent.objects.get(id=agent.row.id).lease_until > timezone.now()
