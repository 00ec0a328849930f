"""Sending Celery messages, only after commit. A message carries an id and a fence: *look*.

When the broker is away nothing is sent and nobody waits; the tick asks again for whatever was
lost. Tasks are named by text, so nothing here imports what will execute them.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError
from redis import RedisError

from orchestrator import announce
from orchestrator.announce import poke_agent

__all__ = ["ask_for_line", "ask_for_turn", "poke_agent", "publish", "waiting_in_broker"]

CONTROL_QUEUE = "ctl"

log = logging.getLogger(__name__)


def agent_queue(name: str) -> str:
    """The Celery queue underneath the queue that people know as *name*."""
    return f"q.{name}"


def ask_for_turn(run_id: uuid.UUID) -> None:
    """Ask a controller to take a turn of the run."""
    transaction.on_commit(lambda: _send([("orchestrator.turn", (str(run_id),), CONTROL_QUEUE)]))


def ask_for_line(name: str) -> None:
    """Ask a controller to give out places in a queue."""
    transaction.on_commit(lambda: _send([("orchestrator.line", (name,), CONTROL_QUEUE)]))


def publish(
    tasks: Sequence[tuple[uuid.UUID, int, str]], *, lost: Callable[[], None] | None = None
) -> None:
    """Tell the agents of each queue that these tasks (id, fence, queue) wait for them."""
    messages = [
        ("orchestrator.execute", (str(task_id), fence), agent_queue(queue))
        for task_id, fence, queue in tasks
    ]
    if messages:
        transaction.on_commit(lambda: _send(messages, lost=lost))


def waiting_in_broker(queue: str) -> int | None:
    """How many messages the broker holds for a queue; None when it cannot be asked."""
    try:
        return int(announce.server().llen(agent_queue(queue)))
    except RedisError as error:
        announce.reachability.failed(error)
        return None


def _send(
    messages: Sequence[tuple[str, tuple[object, ...], str]],
    *,
    lost: Callable[[], None] | None = None,
) -> None:
    # Celery tries for seconds to reach a broker that is away; a ping tells at once.
    if announce.is_reachable():
        try:
            with current_app.producer_or_acquire() as producer:
                for name, arguments, queue in messages:
                    current_app.send_task(name, args=arguments, queue=queue, producer=producer)
            return
        except (KombuError, OperationalError, RedisError, OSError) as error:
            announce.reachability.failed(error)
    if lost is not None:
        lost()
