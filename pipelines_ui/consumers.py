"""The websocket, one a page: checks rights, joins topics; sends no snapshots, takes no orders.

Messages in both directions are in docs/live.md.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model

from orchestrator.queries import rights
from orchestrator.queries.topics import DRAFT, RUN, Topic, project_of, read_topic
from pipelines_ui.frames import encoded
from pipelines_ui.live import Hub, hub
from pipelines_ui.outbox import Outbox
from pipelines_ui.watching import ask

SIGN_IN_FIRST = 4401
FOREIGN_PAGE = 4403
TRY_LATER = 1013

MOST_TOPICS = 50
MOST_INBOUND = 64 * 1024
STUCK_SECONDS = 30.0
RECHECK_SECONDS = 60.0


class BadMessage(Exception):
    """A message that cannot be understood, with the reason."""


class LiveConsumer(AsyncWebsocketConsumer):
    """One page that listens."""

    background: ClassVar[tuple[str, ...]] = ("_send_frames", "_recheck_for_ever")

    async def connect(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.outbox = Outbox()
        self.tasks: list[asyncio.Task[None]] = []
        self.is_dropped = False
        await self.accept()
        # Accepted first: a browser learns the code of a close, but nothing of a refused handshake.
        if not _same_origin(self.scope):
            await self.close(FOREIGN_PAGE)
            return
        if not self.scope["user"].is_authenticated:
            await self.close(SIGN_IN_FIRST)
            return
        self.hub: Hub = hub()
        self.tasks = [asyncio.create_task(getattr(self, name)()) for name in self.background]

    async def disconnect(self, code: int) -> None:
        self._leave_all()
        for task in self.tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.tasks or self.is_dropped:
            return
        try:
            await self._follow(_read(text_data))
        except BadMessage as error:
            self._answer({"error": "bad_message", "detail": str(error)})
        if self.outbox.is_flooded:
            # It asks and asks and reads no answer; while this waits, nothing is read of it.
            await self._drop()

    async def _follow(self, message: dict[str, Any]) -> None:
        if "ping" in message:
            self._answer({"pong": message["ping"]})
        for name in _listed(message, "unsubscribe"):
            self._leave(str(name))
        if "subscribe" in message:
            for wanted in _listed(message, "subscribe"):
                await self._join(wanted)
            self._answer({"subscribed": list(self.topics)})

    async def _join(self, wanted: object) -> None:
        name, since = _wanted(wanted)
        topic = read_topic(name)
        if topic is None or not await ask(_may_see, self.scope["user"], topic):
            self._answer({"topic": name, "error": "not_found"})
            return
        if topic.name not in self.topics and len(self.topics) >= MOST_TOPICS:
            self._answer({"topic": name, "error": "too_many_topics"})
            return
        self.topics[topic.name] = topic
        if topic.kind == DRAFT and topic.id is not None:
            user = self.scope["user"]
            name = user.get_full_name() or user.get_username()
            await self.hub.meet(topic.name, self.outbox, draft=topic.id, name=name)
            return
        run_id = topic.id if topic.kind == RUN else None
        await self.hub.watch(topic.name, self.outbox, run_id=run_id, since=since)

    def _leave(self, name: str) -> None:
        if self.topics.pop(name, None):
            self.hub.leave(name, self.outbox)
            self.outbox.drop(name)

    def _leave_all(self) -> None:
        for name in list(self.topics):
            self._leave(name)

    async def _drop(self) -> None:
        """Feed it no more; the close itself waits until the browser reads again, or is gone."""
        if self.is_dropped:
            return
        self.is_dropped = True
        self._leave_all()
        self.outbox.clear()
        for task in self.tasks:
            if task is not asyncio.current_task():
                task.cancel()
        await self.close(TRY_LATER)

    def _answer(self, message: dict[str, Any]) -> None:
        self.outbox.put("", encoded(message))

    async def _send_frames(self) -> None:
        while True:
            text = await self.outbox.take()
            try:
                async with asyncio.timeout(STUCK_SECONDS):
                    await self.send(text_data=text)
            except TimeoutError:
                await self._drop()
                return

    async def _recheck_for_ever(self) -> None:
        """Notice within a minute that somebody has signed out or lost a membership."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            if not await ask(_is_signed_in, self.scope):
                await self.close(SIGN_IN_FIRST)
                return
            for topic in list(self.topics.values()):
                if not await ask(_may_see, self.scope["user"], topic):
                    self._leave(topic.name)
                    self._answer({"topic": topic.name, "error": "not_found"})


def _same_origin(scope: Any) -> bool:
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    return urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1") != ""


def _is_signed_in(scope: Any) -> bool:
    session = scope["session"]
    user = scope["user"]
    return bool(
        session.session_key
        and session.exists(session.session_key)
        and get_user_model().objects.filter(pk=user.pk, is_active=True).exists()
    )


def _may_see(user: Any, topic: Topic) -> bool:
    if topic.id is None:
        return True
    project = project_of(topic)
    return project is not None and rights.can(rights.actor_for(user), "view", project)


def _read(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MOST_INBOUND:
        raise BadMessage(f"a message is text of at most {MOST_INBOUND} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise BadMessage("a message is an object")
    return message


def _listed(message: dict[str, Any], key: str) -> list[Any]:
    found = message.get(key, [])
    if not isinstance(found, list):
        raise BadMessage(f'"{key}" is a list')
    return found


def _wanted(wanted: object) -> tuple[str, int | None]:
    if not isinstance(wanted, dict) or not isinstance(wanted.get("topic"), str):
        raise BadMessage('a subscription is {"topic": name, "since": number}')
    since = wanted.get("since")
    if since is not None and (not isinstance(since, int) or isinstance(since, bool) or since < 0):
        raise BadMessage('"since" is the number of a change')
    return wanted["topic"], since
