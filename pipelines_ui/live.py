"""The hub: what has changed, on its way from the engine to all sockets of this web process.

Messages of the engine only name a topic; what has happened is read from the rows. One question
and one encoding per watched run and window serve any number of sockets. Every watched run is
also looked at every few seconds, so a lost message costs seconds, never a change.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.queries.runs import MOST_CHANGES, changes_since, last_changes
from pipelines_ui.frames import changes_frame, poke_frame, resync_frame
from pipelines_ui.outbox import MOST_BYTES

logger = logging.getLogger(__name__)

CHANNEL = "pokes"
WINDOW_SECONDS = 0.1
LOOK_SECONDS = 5.0
LISTEN_SECONDS = 1.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0

Answer = TypeVar("Answer")


class Socket(Protocol):
    """Where frames go: one browser's page."""

    def put(self, topic: str, text: str) -> None: ...


async def ask(question: Callable[..., Answer], *arguments: Any) -> Answer:
    """Ask the database from a thread, and keep no connection open afterwards."""

    def asked() -> Answer:
        try:
            return question(*arguments)
        finally:
            connections.close_all()

    return await sync_to_async(asked, thread_sensitive=False)()


class Window:
    """Does a job at once after silence, and otherwise once at the end of each window."""

    def __init__(self, job: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._job = job
        self._seconds = seconds
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def touch(self) -> None:
        """Say that there may be something to do."""
        self._wanted = True
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    def close(self) -> None:
        """Do nothing more."""
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._job()
                await asyncio.sleep(self._seconds)
        finally:
            self._task = None


class Watch:
    """A topic of which only pokes are sent on."""

    def __init__(self, topic: str, seconds: float) -> None:
        self.topic = topic
        self.sockets: set[Socket] = set()
        self.window = Window(self._send, seconds)

    async def add(self, socket: Socket, since: int | None) -> None:
        """Serve one more socket."""
        self.sockets.add(socket)

    async def _send(self) -> None:
        self.give(poke_frame(self.topic))

    def give(self, text: str) -> None:
        """Put one frame, encoded once, into the outbox of every socket."""
        for socket in self.sockets:
            socket.put(self.topic, text)


class RunWatch(Watch):
    """A run: its numbered changes are sent on, merged over a window."""

    def __init__(self, topic: str, run_id: UUID, seconds: float) -> None:
        super().__init__(topic, seconds)
        self.run_id = run_id
        self.number: int | None = None
        self.questions = 0
        self._lock = asyncio.Lock()

    async def add(self, socket: Socket, since: int | None) -> None:
        """Serve one more socket, first with what it has missed since that number.

        It joins before anything is read, so nothing falls between; frames may overlap.
        """
        self.sockets.add(socket)
        async with self._lock:
            if self.number is None:
                self.number = (await ask(last_changes, [self.run_id])).get(self.run_id, 0)
            if since is not None and since < self.number:
                text, _ = await self._frame(since)
                if text:
                    socket.put(self.topic, text)
        # Something may have happened since the run was last looked at.
        self.window.touch()

    async def _send(self) -> None:
        async with self._lock:
            if self.number is None or not self.sockets:
                return
            try:
                text, self.number = await self._frame(self.number)
            except DatabaseError as error:
                # The next look, in a few seconds at the latest, begins from the same number.
                logger.warning("changes of run %s cannot be read: %s", self.run_id, error)
                return
        if text:
            self.give(text)

    async def _frame(self, since: int) -> tuple[str, int]:
        """The frame of everything after *since* and its last number; ``resync`` if it is much."""
        self.questions += 1
        frame = await ask(changes_since, self.run_id, since, MOST_CHANGES)
        changes = frame["changes"]
        if not changes:
            return "", since
        if len(changes) == MOST_CHANGES:
            newest = (await ask(last_changes, [self.run_id])).get(self.run_id, frame["to"])
            return resync_frame(self.topic), max(newest, frame["to"])
        text = changes_frame(self.topic, frame)
        # A snapshot is smaller than what would be thrown out of every outbox again.
        return (text if len(text) < MOST_BYTES else resync_frame(self.topic)), frame["to"]


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
        watch = self._watches.get(topic)
        if watch is None:
            seconds = self._window_seconds
            watch = RunWatch(topic, run_id, seconds) if run_id else Watch(topic, seconds)
            self._watches[topic] = watch
        if not self._tasks:
            self._wake()
        await watch.add(socket, since)

    def leave(self, topic: str, socket: Socket) -> None:
        """Send no more of a topic to a socket."""
        watch = self._watches.get(topic)
        if watch is None:
            return
        watch.sockets.discard(socket)
        if not watch.sockets:
            watch.window.close()
            del self._watches[topic]
        if not self._watches:
            self._rest()

    def poke(self, topic: str) -> None:
        """Somebody says that this has changed."""
        if watch := self._watches.get(topic):
            watch.window.touch()

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
        """Ask every few seconds whether a watched run has changed without anybody saying so."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            runs = {
                watch.run_id: watch
                for watch in self._watches.values()
                if isinstance(watch, RunWatch)
            }
            if not runs:
                continue
            try:
                numbers = await ask(last_changes, list(runs))
            except DatabaseError as error:
                logger.warning("watched runs cannot be looked at: %s", error)
                continue
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
