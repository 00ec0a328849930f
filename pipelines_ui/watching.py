"""Watched topics: who listens to each, and what is sent when something may have changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.db import connections

from orchestrator.queries.runs import MOST_CHANGES, changes_since, last_changes
from pipelines_ui.frames import changes_frame, poke_frame, resync_frame
from pipelines_ui.outbox import MOST_BYTES

logger = logging.getLogger(__name__)

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

    def drop(self, socket: Socket) -> None:
        """Serve a socket no longer."""
        self.sockets.discard(socket)

    def close(self) -> None:
        """Send nothing more."""
        self.window.close()

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
