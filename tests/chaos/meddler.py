"""Stands between the workers and their broker: doubles, delays, drops and reorders messages.

It takes messages from the same lists as the workers do, so what it gets they do not.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from random import Random
from typing import Any

import redis

from tests.faults.workload import QUEUES

LONGEST_DELAY_SECONDS = 2.0
_PAUSE_SECONDS = 0.005


class Meddler:
    """Meddles from its making until it is stopped; counts what it has done."""

    def __init__(self, url: str, chance: Random) -> None:
        self.done: Counter[str] = Counter()
        self._url = url
        self._chance = chance
        self._held: list[tuple[float, Any, Any]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="meddler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give back what is still held and end."""
        self._stopped.set()
        self._thread.join(30)

    def _work(self) -> None:
        with redis.Redis.from_url(self._url, socket_timeout=5) as server:
            while not self._stopped.is_set():
                taken = server.brpop(list(QUEUES), timeout=0.1)
                if taken is not None:
                    self._meddle(server, *taken)
                self._give_back(server, time.monotonic())
                # Not faster than the workers, or nothing would get through.
                time.sleep(_PAUSE_SECONDS)
            self._give_back(server, float("inf"))

    def _meddle(self, server: Any, queue: Any, message: Any) -> None:
        deed = self._chance.choice(("passed on", "doubled", "reordered", "delayed", "dropped"))
        self.done[deed] += 1
        if deed == "passed on":
            server.rpush(queue, message)
        elif deed == "doubled":
            server.rpush(queue, message, message)
            self._hold(queue, message)
        elif deed == "reordered":
            server.lpush(queue, message)
        elif deed == "delayed":
            self._hold(queue, message)

    def _hold(self, queue: Any, message: Any) -> None:
        until = time.monotonic() + self._chance.uniform(0, LONGEST_DELAY_SECONDS)
        self._held.append((until, queue, message))

    def _give_back(self, server: Any, now: float) -> None:
        due = [each for each in self._held if each[0] <= now]
        self._held = [each for each in self._held if each[0] > now]
        for _, queue, message in due:
            server.lpush(queue, message)
