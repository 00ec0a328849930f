"""Who has a draft open: one entry a page, in a sorted set of Redis, each with the second it ends.

A web process writes its pages' entries anew every few seconds. Those of a process that has died
end by themselves, and after a restart of Redis they are there again with the next writing.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.queries.pipelines import draft_state
from pipelines_ui.frames import draft_frame, others_frame
from pipelines_ui.watching import Socket, Watch, Window, ask

logger = logging.getLogger(__name__)

PRESENT_SECONDS = 15.0
PREFIX = "present:"
"""What a poke begins with when somebody has come to a topic or left it."""


@dataclass(slots=True)
class Guest:
    """A page that has the draft open, and what it was last told of the others."""

    name: str
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    told: list[str] | None = None

    @property
    def entry(self) -> str:
        return f"{self.key} {self.name}"


class DraftWatch(Watch):
    """A draft: pokes tell its revision and who saved it, and every page hears who else is there."""

    def __init__(
        self, topic: str, draft: UUID, seconds: float, redis_url: str, channel: str
    ) -> None:
        super().__init__(topic, seconds)
        self.draft = draft
        self.presence = Window(self._tell_who_is_there, seconds)
        self.revision: int | None = None
        self._guests: dict[Socket, Guest] = {}
        self._entries = _Entries(redis_url, channel, topic)
        self._leaving: set[asyncio.Task[None]] = set()

    async def join(self, socket: Socket, name: str) -> None:
        """Serve one more page; asking again gives it the whole list again."""
        self.sockets.add(socket)
        guest = self._guests.setdefault(socket, Guest(name))
        guest.told = None
        if self.revision is None and (state := await self._state()):
            self.revision = state[0]
        await self._entries.keep([guest.entry], say_so=True)
        self.presence.touch()

    def drop(self, socket: Socket) -> None:
        super().drop(socket)
        if guest := self._guests.pop(socket, None):
            task = asyncio.create_task(self._entries.forget(guest.entry))
            # Nobody else holds it until it is done.
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def close(self) -> None:
        super().close()
        self.presence.close()

    async def look(self) -> None:
        """Write the entries anew, and find out what nobody has told of."""
        await self._entries.keep([guest.entry for guest in self._guests.values()])
        self.presence.touch()
        state = await self._state()
        if state and state[0] != self.revision:
            self.window.touch()

    async def _send(self) -> None:
        if state := await self._state():
            self.revision, by = state
            self.give(draft_frame(self.topic, self.revision, by))

    async def _state(self) -> tuple[int, str] | None:
        try:
            return await ask(draft_state, self.draft)
        except DatabaseError as error:
            # The next look, in a few seconds at the latest, asks again.
            logger.warning("draft %s cannot be read: %s", self.draft, error)
            return None

    async def _tell_who_is_there(self) -> None:
        there = await self._entries.read()
        if there is None:
            return
        for socket, guest in self._guests.items():
            others = sorted(name for key, name in there.items() if key != guest.key)
            if others != guest.told:
                guest.told = others
                socket.put(self.topic, others_frame(self.topic, others))


class _Entries:
    """The entries of one draft in Redis. Without Redis nobody is told of anybody."""

    def __init__(self, redis_url: str, channel: str, topic: str) -> None:
        self._redis_url = redis_url
        self._channel = channel
        self._set = f"{PREFIX}{topic}"

    async def read(self) -> dict[str, str] | None:
        """The names of all that are there, by key; nothing when that cannot be found out."""
        try:
            async with self._commands() as commands:
                commands.zremrangebyscore(self._set, "-inf", time.time())
                commands.zrange(self._set, 0, -1)
                entries = (await commands.execute())[-1]
        except (RedisError, OSError) as error:
            logger.warning("%s cannot be read: %s", self._set, error)
            return None
        return dict(bytes(entry).decode().split(" ", 1) for entry in entries)

    async def keep(self, entries: list[str], *, say_so: bool = False) -> None:
        """Let these stay for a while; the others are told of new ones."""
        until = time.time() + PRESENT_SECONDS
        try:
            async with self._commands() as commands:
                commands.zadd(self._set, dict.fromkeys(entries, until))
                commands.expire(self._set, int(2 * PRESENT_SECONDS))
                if say_so:
                    commands.publish(self._channel, self._set)
                await commands.execute()
        except (RedisError, OSError) as error:
            # The next look, in a few seconds, writes them again.
            logger.warning("%s cannot be kept: %s", self._set, error)

    async def forget(self, entry: str) -> None:
        """Take one out; if that fails it ends by itself."""
        try:
            async with self._commands() as commands:
                commands.zrem(self._set, entry)
                commands.publish(self._channel, self._set)
                await commands.execute()
        except (RedisError, OSError) as error:
            logger.warning("%s keeps one for a while: %s", self._set, error)

    @asynccontextmanager
    async def _commands(self) -> AsyncIterator[Any]:
        # A connection each time: there are few commands, and none to watch over in between.
        async with Redis.from_url(
            self._redis_url, socket_timeout=2, socket_connect_timeout=2
        ) as redis:
            yield redis.pipeline(transaction=False)
