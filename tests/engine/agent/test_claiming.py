"""A task is claimed once and its end recorded once, whatever the messages do."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models.functions import Now

from orchestrator.agent.execution import execute
from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Agent, Artifact, Task
from orchestrator.store import agents, execution
from orchestrator.store.execution import Result, StoredArtifact
from tests.engine.agent.by_hand import InBackground, log_of, python, run, wait_for


def another_agent() -> uuid.UUID:
    return agents.register(
        name="other", host="elsewhere", pid=1, queues=["default"], slots=1, lease=30
    )


@pytest.mark.django_db(transaction=True)
def test_of_many_deliveries_one_wins() -> None:
    task = python("pass")
    agent_id = another_agent()
    together = threading.Barrier(4)

    def claim() -> bool:
        together.wait(10)
        try:
            return execution.claim(task.id, 1, agent_id, 30) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        won = [future.result() for future in [pool.submit(claim) for _ in range(4)]]
    assert sorted(won) == [False, False, False, True]


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize(
    "change",
    [
        {"fence": 2},
        {"status": Status.DRAFT},
        {"status": Status.RUNNING},
        {"status": Status.ABORTED},
        {"abort_requested_at": Now()},
    ],
)
def test_a_message_that_is_out_of_date_starts_nothing(change: dict[str, object]) -> None:
    task = python("print('started')")
    Task.objects.filter(id=task.id).update(**change)
    assert execute(task.id, 1) == ("", None)
    assert log_of(task) == ""


def test_a_message_that_reaches_a_drained_agent_is_given_back(agent: ServingAgent) -> None:
    task = python("print('started')")
    Task.objects.filter(id=task.id).update(published_at=Now())
    agents.drain(agent.id)
    agent.renew()
    assert execute(task.id, 1) == (task.queue, None)
    task.refresh_from_db()
    assert (task.status, task.published_at) == (Status.QUEUED, None)
    assert log_of(task) == ""


@pytest.mark.usefixtures("agent")
def test_a_message_that_comes_again_starts_nothing() -> None:
    task = run(python("print('started')"))
    assert execute(task.id, 1) == ("", None)
    assert log_of(task, "stdout") == "started\n"


@pytest.mark.django_db(transaction=True)
def test_the_result_of_a_fenced_execution_is_dropped() -> None:
    task, agent_id = python("pass"), another_agent()
    assert execution.claim(task.id, 1, agent_id, 30)
    Task.objects.filter(id=task.id).update(fence=2, status=Status.QUEUED)
    artifact = StoredArtifact("x", "0" * 64, 1, "text/plain", "file", {}, "")
    result = Result(TaskEvent.END_WELL, outputs={"late": True}, artifacts=[artifact])
    assert execution.finish(task.id, 1, agent_id, result) is None
    task.refresh_from_db()
    assert (task.status, task.outputs) == (Status.QUEUED, {})
    assert not Artifact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_only_the_agent_that_claimed_a_task_may_end_it() -> None:
    task, agent_id = python("pass"), another_agent()
    assert execution.claim(task.id, 1, agent_id, 30)
    result = Result(TaskEvent.END_WELL)
    assert execution.finish(task.id, 1, another_agent(), result) is None
    assert execution.finish(task.id, 1, agent_id, result) == Status.COMPLETED
    assert execution.finish(task.id, 1, agent_id, result) is None


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (TaskEvent.END_WELL, Status.COMPLETED),
        (TaskEvent.END_BADLY, Status.ABORTED),
        (TaskEvent.CANNOT_RUN, Status.ABORTED),
        (TaskEvent.CONFIRM_GONE, Status.ABORTED),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_an_end_while_aborting(event: TaskEvent, status: Status) -> None:
    task, agent_id = python("pass"), another_agent()
    assert execution.claim(task.id, 1, agent_id, 30)
    Task.objects.filter(id=task.id).update(status=Status.ABORTING)
    assert execution.finish(task.id, 1, agent_id, Result(event)) == status


@pytest.mark.django_db(transaction=True)
def test_a_released_task_waits_again_with_a_new_fence() -> None:
    task, agent_id = python("pass"), another_agent()
    assert execution.claim(task.id, 1, agent_id, 30)
    assert execution.release(task.id, 1, agent_id)
    task.refresh_from_db()
    assert (task.status, task.fence, task.agent_id) == (Status.QUEUED, 2, None)
    assert not execution.release(task.id, 1, agent_id)
    assert execution.claim(task.id, 1, agent_id, 30) is None
    assert execution.claim(task.id, 2, agent_id, 30)


@pytest.mark.django_db(transaction=True)
def test_one_renewal_tells_what_to_abort_and_what_is_lost() -> None:
    agent_id = another_agent()
    kept, aborted, fenced, gone = (python("pass") for _ in range(4))
    for task in (kept, aborted, fenced, gone):
        assert execution.claim(task.id, 1, agent_id, 5)
    Task.objects.filter(id=aborted.id).update(status=Status.ABORTING)
    Task.objects.filter(id=fenced.id).update(fence=2)
    Task.objects.filter(id=gone.id).update(status=Status.CRASHED)
    before = Task.objects.get(id=kept.id).lease_until
    held = [(task.id, 1) for task in (kept, aborted, fenced, gone)]
    renewal = execution.renew(agent_id, held, 60)
    assert renewal.to_abort == {(aborted.id, 1)}
    assert renewal.lost == {(fenced.id, 1), (gone.id, 1)}
    after = Task.objects.get(id=kept.id).lease_until
    assert before is not None
    assert after is not None
    assert 40 < (after - before).total_seconds() < 80
    assert Agent.objects.get(id=agent_id).load == {"running": 4}


def test_what_was_taken_from_an_agent_is_ended_there(agent: ServingAgent) -> None:
    step = InBackground(python("import time\nprint('up', flush=True)\ntime.sleep(600)"))
    wait_for(lambda: log_of(step.task), "its first line")
    Task.objects.filter(id=step.task.id).update(
        status=Status.CRASHED, outcome={"reason": "agent lost"}
    )
    agent.look()
    task = step.join()
    assert (task.status, task.outcome) == (Status.CRASHED, {"reason": "agent lost"})


def test_attempt_tokens_cannot_be_made_up() -> None:
    task_id = uuid.uuid4()
    token = execution.attempt_token(task_id, 3)
    assert execution.read_attempt_token(token) == (task_id, 3)
    assert execution.read_attempt_token(token[:-1] + ("a" if token[-1] != "a" else "b")) is None
    assert execution.read_attempt_token("nonsense") is None
