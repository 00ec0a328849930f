"""The hub: what has changed, on its way from the engine to all sockets of this web process.

Messages of the engine only name a topic; what has happened is read from the rows. One question
and one encoding per watched run and window serve any number of sockets. Every watched run is
also looked at every few seconds, so a lost message costs seconds, never a change.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.queries.runs import last_changes
from pipelines_ui.presence import PREFIX, DraftWatch
from pipelines_ui.watching import RunWatch, Socket, Watch, ask

logger = logging.getLogger(__name__)

CHANNEL = "pokes"
WINDOW_SECONDS = 0.1
LOOK_SECONDS = 5.0
LISTEN_SECONDS = 1.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0


class Hub:
    """All watched topics of one web process."""

    def __init__(self, redis_url: str, *, window_seconds: float = WINDOW_SECONDS) -> None:
        self._redis_url = redis_url
        self._window_seconds = window_seconds
        self._watches: dict[str, Watch] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._wanted = asyncio.Event()

    async def watch(
        self, topic: str, socket: Socket, *, run_id: UUID | None = None, since: int | None = None
    ) -> None:
        """Send what happens to a topic to a socket from now on, and what it missed before."""
        seconds = self._window_seconds
        watch = self._watches.get(topic)
        if watch is None:
            watch = RunWatch(topic, run_id, seconds) if run_id else Watch(topic, seconds)
            self._add(watch)
        await watch.add(socket, since)

    async def meet(self, topic: str, socket: Socket, *, draft: UUID, name: str) -> None:
        """The same for a draft: the page is told who else has it open, and they of this one."""
        watch = self._watches.get(topic)
        if not isinstance(watch, DraftWatch):
            watch = DraftWatch(topic, draft, self._window_seconds, self._redis_url, CHANNEL)
            self._add(watch)
        await watch.join(socket, name)

    def _add(self, watch: Watch) -> None:
        self._watches[watch.topic] = watch
        if not self._tasks:
            self._wake()

    def leave(self, topic: str, socket: Socket) -> None:
        """Send no more of a topic to a socket."""
        watch = self._watches.get(topic)
        if watch is None:
            return
        watch.drop(socket)
        if not watch.sockets:
            watch.close()
            del self._watches[topic]
        if not self._watches:
            self._rest()

    def poke(self, topic: str) -> None:
        """Somebody says that this has changed, or that somebody has come or gone."""
        watch = self._watches.get(topic.removeprefix(PREFIX))
        if watch is None:
            return
        if not topic.startswith(PREFIX):
            watch.window.touch()
        elif isinstance(watch, DraftWatch):
            watch.presence.touch()

    @property
    def topics(self) -> tuple[str, ...]:
        """What is watched now."""
        return tuple(self._watches)

    def _wake(self) -> None:
        # Each waking has its own flag: an old listener must not take the new one for its own.
        self._wanted = asyncio.Event()
        self._wanted.set()
        listening = asyncio.create_task(self._listen(self._wanted))
        self._tasks = [listening, asyncio.create_task(self._look())]

    def _rest(self) -> None:
        # Redis' client can swallow a cancellation while it connects; the flag is seen anyway.
        self._wanted.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _listen(self, wanted: asyncio.Event) -> None:
        """Hear the engine's pokes; reconnect for ever."""
        wait = FIRST_WAIT_SECONDS
        while wanted.is_set():
            try:
                async with (
                    Redis.from_url(
                        self._redis_url,
                        socket_connect_timeout=5,
                        socket_keepalive=True,
                        health_check_interval=10,
                    ) as redis,
                    redis.pubsub() as channel,
                ):
                    await channel.subscribe(CHANNEL)
                    while wanted.is_set():
                        if message := await channel.get_message(timeout=LISTEN_SECONDS):
                            wait = FIRST_WAIT_SECONDS
                            self._hear(message)
            except (RedisError, OSError) as error:
                logger.warning("live changes: no connection to Redis (%s); trying again", error)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Whatever was said while nobody listened is lost: look at everything.
            for topic in self.topics:
                self.poke(topic)
        elif message["type"] == "message":
            self.poke(bytes(message["data"]).decode("utf-8", "replace"))

    async def _look(self) -> None:
        """Ask every few seconds whether something has changed without anybody saying so."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            watches = list(self._watches.values())
            runs = {watch.run_id: watch for watch in watches if isinstance(watch, RunWatch)}
            if runs:
                await self._look_at_runs(runs)
            for watch in watches:
                if isinstance(watch, DraftWatch):
                    await watch.look()

    async def _look_at_runs(self, runs: dict[UUID, RunWatch]) -> None:
        try:
            numbers = await ask(last_changes, list(runs))
        except DatabaseError as error:
            logger.warning("watched runs cannot be looked at: %s", error)
            return
        for run_id, number in numbers.items():
            if runs[run_id].number != number:
                runs[run_id].window.touch()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this process (of this event loop, of which a web process has one)."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub(settings.PIPELINES_REDIS_URL)
    return found
