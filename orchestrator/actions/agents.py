"""Agents: drained and taken back into service. An administrator of the installation does that."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orchestrator import announce, dispatch
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.models import Agent
from orchestrator.store import lines


@transaction.atomic
def drain_agent(*, actor: str, agent_id: UUID) -> Agent:
    """Let an agent take nothing new; what it executes comes to its end, its lease is kept."""
    return _turned(actor, agent_id, draining=True)


@transaction.atomic
def undrain_agent(*, actor: str, agent_id: UUID) -> Agent:
    """Let a drained agent take tasks again."""
    return _turned(actor, agent_id, draining=False)


def _turned(actor: str, agent_id: UUID, *, draining: bool) -> Agent:
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise NotFound("there is no such agent")
    if agent.ended_at is not None or agent.lease_until <= timezone.now():
        raise Conflict(f"agent {agent.name} is gone")
    if agent.draining == draining:
        return agent
    agent.draining = draining
    agent.save(update_fields=["draining"])
    for queue in sorted(agent.queues):
        # Twice the live slots are published, and these have just changed.
        if lines.lock_queue(queue) is not None:
            lines.recall(queue)
            dispatch.ask_for_line(queue)
    record(actor, "agent.drain" if draining else "agent.undrain", agent.pk, None, name=agent.name)
    dispatch.poke_agent(agent.pk, "draining")
    announce.poke("lines")
    return agent
