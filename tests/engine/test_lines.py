"""The order of a line, also of what is published already; pauses, limits and drained agents."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import pytest

from orchestrator import announce
from orchestrator.actions.agents import drain_agent, undrain_agent
from orchestrator.actions.places import move_to_front, set_priority
from orchestrator.actions.queues import change_queue
from orchestrator.controller import serve_line
from orchestrator.domain.errors import Conflict
from orchestrator.domain.states import Status
from orchestrator.models import Agent, Task
from orchestrator.store import execution, lines
from tests.makers import make_agent, make_project, make_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(broker: object) -> list[Task]:
    """Six tasks of one agent with two slots; four of them are published."""
    project = make_project()
    make_agent("one")
    tasks = [make_waiting(project, f"task {n}", age=10 - n) for n in range(6)]
    assert serve_line("default") == 4
    return fresh(tasks)


def fresh(tasks: Sequence[Task]) -> list[Task]:
    found = Task.objects.in_bulk([task.pk for task in tasks])
    return [found[task.pk] for task in tasks]


def published() -> list[str]:
    """What the agents may claim, in the order of the line."""
    rows = lines.in_line("default").filter(published_at__isnull=False)
    return list(rows.values_list("name", flat=True))


def in_broker() -> list[tuple[str, int]]:
    """Ids and fences as the broker will hand them out."""
    raw = announce.server().lrange("q.default", 0, -1)
    bodies = [json.loads(base64.b64decode(json.loads(one)["body"])) for one in reversed(raw)]
    return [(arguments[0], arguments[1]) for arguments, *_ in bodies]


def test_the_front_is_before_what_is_published_already(waiting: list[Task]) -> None:
    last = waiting[5]
    move_to_front(actor="ada", task=last)
    assert published() == []
    serve_line("default")
    assert published() == ["task 5", "task 0", "task 1", "task 2"]
    current = {(str(task.pk), task.fence): task.name for task in fresh(waiting)}
    handed_out = [current[message] for message in in_broker() if message in current]
    assert handed_out == ["task 5", "task 0", "task 1", "task 2"]


def test_the_messages_of_before_mean_nothing(waiting: list[Task]) -> None:
    move_to_front(actor="ada", task=waiting[5])
    serve_line("default")
    agent = Agent.objects.get()
    assert execution.claim(waiting[0].pk, waiting[0].fence, agent.pk, 60) is None
    (now,) = fresh([waiting[0]])
    assert execution.claim(now.pk, now.fence, agent.pk, 60) is not None


def test_what_an_agent_has_claimed_is_not_recalled(waiting: list[Task]) -> None:
    agent = Agent.objects.get()
    execution.claim(waiting[0].pk, waiting[0].fence, agent.pk, 60)
    set_priority(actor="ada", task=waiting[5], priority=7)
    claimed, second = fresh(waiting[:2])
    assert (claimed.status, claimed.fence) == (Status.RUNNING, waiting[0].fence)
    assert second.fence == waiting[1].fence + 1
    with pytest.raises(Conflict):
        move_to_front(actor="ada", task=waiting[0])


def test_nothing_more_starts_in_a_paused_queue(waiting: list[Task]) -> None:
    change_queue(actor="root", name="default", paused=True)
    agent = Agent.objects.get()
    assert serve_line("default") == 0
    for task in waiting[:4]:
        assert execution.claim(task.pk, task.fence, agent.pk, 60) is None
    change_queue(actor="root", name="default", paused=False)
    serve_line("default")
    assert published() == ["task 0", "task 1", "task 2", "task 3"]


def test_a_lower_limit_takes_back_what_has_not_started(waiting: list[Task]) -> None:
    agent = Agent.objects.get()
    execution.claim(waiting[0].pk, waiting[0].fence, agent.pk, 60)
    change_queue(actor="root", name="default", limit=2)
    serve_line("default")
    assert published() == ["task 1"]
    change_queue(actor="root", name="default", limit=1)
    serve_line("default")
    assert published() == []
    change_queue(actor="root", name="default", limit=None)
    serve_line("default")
    assert published() == ["task 1", "task 2", "task 3", "task 4"]


def test_a_drained_agent_has_no_slots(waiting: list[Task]) -> None:
    agent = Agent.objects.get()
    make_agent("two", slots=1)
    drain_agent(actor="root", agent_id=agent.pk)
    serve_line("default")
    assert published() == ["task 0", "task 1"]
    undrain_agent(actor="root", agent_id=agent.pk)
    serve_line("default")
    assert len(published()) == 6


def test_a_change_that_changes_nothing_recalls_nothing(waiting: list[Task]) -> None:
    change_queue(actor="root", name="default", paused=False, limit=None)
    assert [task.fence for task in fresh(waiting)] == [task.fence for task in waiting]
