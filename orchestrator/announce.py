"""Telling browsers and agents that there is something to look at. Only after commit.

A poke is the name of a topic and nothing else; whoever hears it asks the database. Losing one
costs a moment, because every listener also looks by itself from time to time.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cache

import redis
from django.conf import settings
from django.db import transaction

CHANNEL = "pokes"
"""The Redis channel on which topics are published."""

PAUSE_SECONDS = 1.0
"""How long an unreachable server is left alone, so that nobody waits for it again and again."""

log = logging.getLogger(__name__)


@cache
def server() -> redis.Redis:
    """This process's client; commands fail within a second when the server does not answer."""
    client: redis.Redis = redis.Redis.from_url(
        settings.PIPELINES_REDIS_URL, socket_timeout=1, socket_connect_timeout=0.5
    )
    return client


class _Reachability:
    """Remembers for a moment that the server did not answer, and says so once a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._told_at = -60.0

    def is_worth_trying(self) -> bool:
        return time.monotonic() >= self._silent_until

    def failed(self, error: Exception) -> None:
        with self._lock:
            now = time.monotonic()
            self._silent_until = now + PAUSE_SECONDS
            if now - self._told_at >= 60:
                self._told_at = now
                log.warning("The Redis server cannot be reached: %s", error)


reachability = _Reachability()


def poke(*topics: str) -> None:
    """Ask whoever watches these topics to look again, once this transaction is committed."""
    transaction.on_commit(lambda: _publish(*((CHANNEL, topic) for topic in topics)))


def poke_agent(agent_id: object, task_id: object) -> None:
    """Ask an agent to look at one of its tasks at once, once this transaction is committed."""
    transaction.on_commit(lambda: _publish((f"agent:{agent_id}", str(task_id))))


def _publish(*messages: tuple[str, str]) -> None:
    if not reachability.is_worth_trying():
        return
    try:
        with server().pipeline(transaction=False) as pipe:
            for channel, text in messages:
                pipe.publish(channel, text)
            pipe.execute()
    except redis.RedisError as error:
        reachability.failed(error)
