"""Agents' rows: an agent is alive while its lease lasts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models.functions import Now

from orchestrator.models import Agent
from orchestrator.store.execution import after


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


def retire(agent_id: uuid.UUID) -> None:
    """The agent has left."""
    Agent.objects.filter(id=agent_id).update(ended_at=Now(), lease_until=Now())
