"""Sending Celery messages, only after commit. A message carries an id and a fence: *look*.

When the broker is away nothing is sent and nobody waits; the tick asks again for whatever was
lost. Tasks are named by text, so nothing here imports what will execute them.
"""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence

from celery import current_app
from django.db import transaction
from redis import RedisError

from orchestrator import announce
from orchestrator.announce import poke_agent

__all__ = [
    "ask_for_line",
    "ask_for_runs_line",
    "ask_for_turn",
    "poke_agent",
    "publish",
    "waiting_in_broker",
]

CONTROL_QUEUE = "ctl"

_Message = tuple[str, tuple[object, ...], str]


def agent_queue(name: str) -> str:
    """The Celery queue underneath the queue that people know as *name*."""
    return f"q.{name}"


def ask_for_turn(run_id: uuid.UUID) -> None:
    """Ask a controller to take a turn of the run."""
    transaction.on_commit(lambda: _send([("orchestrator.turn", (str(run_id),), CONTROL_QUEUE)]))


def ask_for_line(name: str) -> None:
    """Ask a controller to give out places in a queue."""
    transaction.on_commit(lambda: _send([("orchestrator.line", (name,), CONTROL_QUEUE)]))


def ask_for_runs_line(line: int) -> None:
    """Ask a controller to give out the places of a pipeline or of a concurrency key."""
    transaction.on_commit(lambda: _send([("orchestrator.runs_line", (line,), CONTROL_QUEUE)]))


def publish(
    tasks: Sequence[tuple[uuid.UUID, int, str]],
    *,
    topics: Collection[str] = (),
    lost: Callable[[], None] | None = None,
) -> None:
    """Tell the agents of each queue that these tasks (id, fence, queue) wait for them.

    Whoever watches the *topics* is poked in the same round trip.
    """
    messages = [
        ("orchestrator.execute", (str(task_id), fence), agent_queue(queue))
        for task_id, fence, queue in tasks
    ]
    if messages or topics:
        transaction.on_commit(lambda: _send(messages, topics=sorted(topics), lost=lost))


def waiting_in_broker(queue: str) -> int | None:
    """How many messages the broker holds for a queue; None when it cannot be asked."""
    try:
        return int(announce.server().llen(agent_queue(queue)))
    except RedisError as error:
        announce.reachability.failed(error)
        return None


def _send(
    messages: Sequence[_Message],
    *,
    topics: Sequence[str] = (),
    lost: Callable[[], None] | None = None,
) -> None:
    if announce.reachability.is_worth_trying():
        try:
            with announce.server().pipeline(transaction=False) as pipe:
                for topic in topics:
                    pipe.publish(announce.CHANNEL, topic)
                for name, arguments, queue in messages:
                    pipe.lpush(queue, _written(name, arguments, queue))
                pipe.execute()
            return
        except RedisError as error:
            announce.reachability.failed(error)
    if lost is not None:
        lost()


def _written(name: str, arguments: tuple[object, ...], queue: str) -> str:
    """A Celery message as kombu lays it into a Redis list.

    By hand because many then go out in one round trip of a client that gives up within a second;
    sent through Celery each one takes three, and seconds when the server is away.
    """
    message = current_app.amqp.as_task_v2(
        str(uuid.uuid4()), name, arguments, {}, ignore_result=None
    )
    properties = {
        **message.properties,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": queue},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    return json.dumps(
        {
            "body": b64encode(json.dumps(message.body).encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": message.headers,
            "properties": properties,
        }
    )
