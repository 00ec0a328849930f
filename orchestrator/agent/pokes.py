"""Hears at once that something is to be aborted; the heartbeat hears of it for certain."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

_SILENCE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0


class Pokes:
    """A thread that listens on this agent's channel, and comes back whenever Redis is back."""

    def __init__(self, agent_id: uuid.UUID, look: Callable[[], None]) -> None:
        self._channel = f"agent:{agent_id}"
        self._look = look
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="agent-pokes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(_SILENCE_SECONDS * 3)

    def _work(self) -> None:
        pause = 0.1
        while not self._stopped.is_set():
            try:
                with redis.Redis.from_url(
                    settings.PIPELINES_REDIS_URL, socket_connect_timeout=2, socket_keepalive=True
                ) as client:
                    self._listen(client)
                pause = 0.1
            except (redis.RedisError, OSError) as error:
                logger.debug("not listening for pokes: %s", error)
                self._stopped.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _listen(self, client: redis.Redis) -> None:
        with client.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(self._channel)
            # What was said before we listened is in the database.
            self._look()
            while not self._stopped.is_set():
                if subscription.get_message(timeout=_SILENCE_SECONDS):
                    self._look()
