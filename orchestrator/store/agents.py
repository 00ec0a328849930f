"""Agents' rows: an agent is alive while its lease lasts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from django.db.models.functions import Now

from orchestrator.domain.states import TaskEvent, tasks_that_may
from orchestrator.models import Agent, Task
from orchestrator.store.execution import after

_REMEMBERED = timedelta(days=7)


def register(
    *, name: str, host: str, pid: int, queues: Sequence[str], slots: int, lease: float
) -> uuid.UUID:
    """Make the row of an agent that starts; every start is an agent of its own."""
    agent = Agent(
        name=name, host=host, pid=pid, queues=list(queues), slots=slots, load={"running": 0}
    )
    agent.lease_until = after(lease)
    agent.save(force_insert=True)
    return agent.id


def drain(agent_id: uuid.UUID) -> None:
    """Nothing new is taken; what runs may end."""
    Agent.objects.filter(id=agent_id).update(draining=True)


def is_draining(agent_id: uuid.UUID) -> bool:
    """True when the agent is to take nothing new."""
    return Agent.objects.filter(id=agent_id, draining=True).exists()


def retire(agent_id: uuid.UUID) -> None:
    """The agent has left."""
    Agent.objects.filter(id=agent_id).update(ended_at=Now(), lease_until=Now())


def lost_on(host: str, *, but_not: uuid.UUID, is_alive: Callable[[int], bool]) -> list[uuid.UUID]:
    """The agents that this host had lately and whose process is there no more."""
    rows = Agent.objects.filter(host=host, started_at__gt=Now() - _REMEMBERED).exclude(id=but_not)
    return [
        agent_id
        for agent_id, pid, ended_at in rows.values_list("id", "pid", "ended_at")
        if ended_at is not None or not is_alive(pid)
    ]


def executing(task_ids: Iterable[uuid.UUID]) -> set[tuple[uuid.UUID, int]]:
    """Those of the tasks that an agent holds now, with their fences."""
    rows = Task.objects.filter(id__in=list(task_ids), status__in=tasks_that_may(TaskEvent.END_WELL))
    return set(rows.values_list("id", "fence"))
