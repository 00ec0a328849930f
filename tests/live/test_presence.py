"""Who else has a draft open, and who saved it: across pages, web processes and their deaths."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from orchestrator.actions.pipelines import save_draft
from orchestrator.models import Pipeline
from pipelines_ui import live, presence
from tests.live.sockets import Page, connect, cookie_of
from tests.live.test_socket import in_thread, nothing_is_left
from tests.makers import make_member, make_pipeline, make_project
from tests.services import RedisServer

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


class Room:
    """A draft, and two people who edit it."""

    def __init__(self) -> None:
        project = make_project("alpha", owner="ada")
        ben = make_member(project, "ben", "editor")
        ben.first_name, ben.last_name = "Ben", "Brown"
        ben.save()
        self.pipeline: Pipeline = make_pipeline(project)
        self.topic = f"draft:{self.pipeline.pk}"
        self.cookies = {
            name: cookie_of(project.memberships.get(user__username=name).user)
            for name in ("ada", "ben")
        }
        self.pages: list[Page] = []

    async def enter(self, who: str) -> Page:
        page = await connect(self.cookies[who])
        self.pages.append(page)
        await page.send(subscribe=[{"topic": self.topic}])
        return page

    def save(self, revision: int, by: str = "ada") -> None:
        document = {"schema": 1, "steps": [], "x-saved": revision}
        save_draft(actor=by, pipeline=self.pipeline, document=document, revision=revision)


@pytest_asyncio.fixture
async def room(broker: RedisServer, transactional_db: None) -> AsyncIterator[Room]:
    made = await sync_to_async(Room)()
    yield made
    for page in made.pages:
        await page.close()
    await nothing_is_left()
    await sync_to_async(connections.close_all)()


async def told(page: Page, *names: str, seconds: float = 10) -> None:
    """Wait until the page knows exactly these others."""
    seen: list[Any] = []
    while True:
        try:
            message = await page.next(seconds)
        except TimeoutError:
            raise AssertionError(f"not told of {names}; seen: {seen}") from None
        seen.append(message)
        if message.get("others") == [{"name": name} for name in names]:
            return


async def poked(page: Page, topic: str, revision: int) -> dict[str, Any]:
    """The poke that tells of this revision; a page may be poked without a reason before it."""
    while True:
        message = await page.next_about(topic)
        if message.get("revision") == revision:
            return message


async def test_pages_hear_of_each_other_as_they_come_and_go(room: Room) -> None:
    ada = await room.enter("ada")
    await told(ada)
    ben = await room.enter("ben")
    await told(ben, "ada")
    await told(ada, "Ben Brown")
    second = await room.enter("ada")
    await told(second, "Ben Brown", "ada")
    await told(ada, "Ben Brown", "ada")
    await second.close()
    room.pages.remove(second)
    await told(ada, "Ben Brown")
    await ben.send(unsubscribe=[room.topic])
    await told(ada)


async def test_asking_again_gives_the_list_again(room: Room) -> None:
    ada = await room.enter("ada")
    await room.enter("ben")
    await told(ada, "Ben Brown")
    await ada.send(subscribe=[{"topic": room.topic}])
    await told(ada, "Ben Brown")


async def test_a_save_is_told_with_its_revision_and_its_author(room: Room) -> None:
    page = await room.enter("ada")
    await told(page)
    await in_thread(room.save, 1, "ben")
    frame = await poked(page, room.topic, 2)
    assert frame == {"topic": room.topic, "poke": True, "revision": 2, "by": "ben"}


async def test_a_save_that_nobody_tells_of_is_found(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.1)
    page = await room.enter("ada")
    await told(page)
    monkeypatch.setattr("orchestrator.announce._publish", lambda *_: None)
    await in_thread(room.save, 1)
    assert await poked(page, room.topic, 2)


class OtherProcess:
    """The hub of another web process, and a page of it."""

    def __init__(self) -> None:
        self.hub = live.Hub(settings.PIPELINES_REDIS_URL)
        self.heard: list[dict[str, Any]] = []

    def put(self, topic: str, text: str) -> None:
        self.heard.append(json.loads(text))

    async def enter(self, room: Room, name: str) -> None:
        await self.hub.meet(room.topic, self, draft=room.pipeline.pk, name=name)

    async def told(self, *names: str) -> None:
        wanted = [{"name": name} for name in names]
        for _ in range(100):
            lists = [message["others"] for message in self.heard if "others" in message]
            if lists and lists[-1] == wanted:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not told of {names}; heard: {self.heard}")

    def die(self) -> None:
        """Stop where it stands: no page of it says goodbye."""
        self.hub._rest()
        for watch in self.hub._watches.values():
            watch.close()


async def test_other_web_processes_hear_of_it_too(room: Room) -> None:
    ada = await room.enter("ada")
    await told(ada)
    other = OtherProcess()
    await other.enter(room, "zoe")
    await told(ada, "zoe")
    await other.told("ada")
    other.hub.leave(room.topic, other)
    await told(ada)


async def test_the_pages_of_a_dead_process_are_gone_after_a_while(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(presence, "PRESENT_SECONDS", 1.0)
    ada = await room.enter("ada")
    other = OtherProcess()
    await other.enter(room, "zoe")
    await told(ada, "zoe")
    other.die()
    await told(ada)


async def test_presence_is_there_again_after_a_restart_of_redis(
    room: Room, broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.2)
    ada = await room.enter("ada")
    ben = await room.enter("ben")
    await told(ada, "Ben Brown")
    await asyncio.to_thread(broker.kill)
    await asyncio.to_thread(broker.start)
    cleo = OtherProcess()
    await cleo.enter(room, "cleo")
    await cleo.told("Ben Brown", "ada")
    await told(ben, "ada", "cleo")
    cleo.hub.leave(room.topic, cleo)
