"""The websocket as a browser sees it: who may listen, in which order news comes, what is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from orchestrator.models import Membership, Run, User
from pipelines_ui import live, watching
from pipelines_ui.outbox import Outbox
from tests.live.rows import add_changes, make_project, make_run, make_user
from tests.live.sockets import Page, connect, cookie_of
from tests.services import RedisServer

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


class Scene:
    """A run, somebody who may see it, somebody who may not, and a way to poke."""

    def __init__(self) -> None:
        project = make_project()
        self.run: Run = make_run(project)
        self.topic = f"run:{self.run.pk}"
        self.owner: User = make_user("ada", project)
        self.stranger: User = make_user("eve", make_project("other"))
        self.cookies = {
            "ada": cookie_of(self.owner), "eve": cookie_of(self.stranger), "": b"",
        }  # fmt: skip
        self.pages: list[Page] = []

    async def open(self, who: str = "ada") -> Page:
        page = await connect(self.cookies[who])
        self.pages.append(page)
        return page

    async def watch(self, since: int | None = None) -> Page:
        page = await self.open()
        await page.send(subscribe=[{"topic": self.topic, "since": since}])
        first = await page.next()
        if "subscribed" in first:
            assert first == {"subscribed": [self.topic]}
        else:
            self.first = first
        return page

    async def happen(self, *changes: tuple[str, dict[str, Any]], poke: bool = True) -> int:
        number: int = await in_thread(add_changes, self.run, *changes)
        if poke:
            await self.poke(self.topic)
        return number

    async def poke(self, topic: str) -> None:
        def publish() -> None:
            with redis.Redis.from_url(settings.PIPELINES_REDIS_URL) as client:
                client.publish(live.CHANNEL, topic)

        await asyncio.to_thread(publish)


async def in_thread(work: Any, *arguments: Any) -> Any:
    def worked() -> Any:
        try:
            return work(*arguments)
        finally:
            connections.close_all()

    return await asyncio.to_thread(worked)


@pytest_asyncio.fixture
async def scene(broker: RedisServer, transactional_db: None) -> AsyncIterator[Scene]:
    made = await sync_to_async(Scene)()
    yield made
    for page in made.pages:
        await page.close()
    await nothing_is_left()
    # The thread that Channels asks the session in keeps its connection for the next question.
    await sync_to_async(connections.close_all)()


async def nothing_is_left() -> None:
    """When the last page is gone, no task of the hub or of a socket goes on."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        _, left = await asyncio.wait(others, timeout=5)
        assert not left, [task.get_stack() for task in left]


def progress(value: float, step: int = 0) -> tuple[str, dict[str, Any]]:
    return ("progress", {"step": step, "value": value})


async def test_a_change_reaches_every_page_that_watches(scene: Scene) -> None:
    pages = [await scene.watch(), await scene.watch()]
    await scene.happen(progress(0.5))
    for page in pages:
        frame = await page.next_about(scene.topic)
        assert (frame["from"], frame["to"]) == (1, 1)
        assert frame["changes"][0]["data"] == {"step": 0, "value": 0.5}


async def test_a_page_gets_what_it_missed_since_its_number(scene: Scene) -> None:
    await scene.happen(progress(0.1), progress(0.2, 1), progress(0.3, 2))
    page = await scene.open()
    await page.send(subscribe=[{"topic": scene.topic, "since": 1}])
    frame = await page.next_about(scene.topic)
    assert (frame["from"], frame["to"]) == (2, 3)
    assert [change["n"] for change in frame["changes"]] == [2, 3]


async def test_frames_follow_each_other_without_a_gap(scene: Scene) -> None:
    page = await scene.watch()
    number = 0
    for i in range(30):
        number = await scene.happen(progress(i / 30, i % 3))
    seen = 0
    while seen < number:
        frame = await page.next_about(scene.topic)
        assert frame["from"] <= seen + 1 <= frame["to"]
        seen = frame["to"]


async def test_values_of_one_window_are_merged(scene: Scene) -> None:
    page = await scene.watch()
    await scene.happen(*[progress(i / 100) for i in range(100)])
    frame = await page.next_about(scene.topic)
    assert (frame["from"], frame["to"], len(frame["changes"])) == (1, 100, 1)


async def test_many_pages_cost_one_question_a_window(scene: Scene) -> None:
    pages = [await scene.watch() for _ in range(10)]
    watch = live.hub()._watches[scene.topic]
    assert isinstance(watch, live.RunWatch)
    await settle(watch)
    asked = watch.questions
    await scene.happen(progress(0.5))
    for page in pages:
        await page.next_about(scene.topic)
    await settle(watch)
    assert watch.questions - asked <= 2


async def settle(watch: live.Watch) -> None:
    while watch.window._task is not None:
        await asyncio.sleep(0.01)


async def test_a_change_that_nobody_announced_is_found(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.2)
    page = await scene.watch()
    await scene.happen(progress(0.5), poke=False)
    assert (await page.next_about(scene.topic))["to"] == 1


async def test_the_hub_listens_again_after_redis_was_gone(
    scene: Scene, broker: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 600)
    page = await scene.watch()
    await scene.happen(progress(0.1))
    assert (await page.next_about(scene.topic))["to"] == 1
    await asyncio.to_thread(broker.kill)
    await scene.happen(progress(0.2), poke=False)
    await asyncio.to_thread(broker.start)
    assert (await page.next_about(scene.topic, 20))["to"] == 2
    await scene.happen(progress(0.3))
    assert (await page.next_about(scene.topic))["to"] == 3


async def test_somebody_far_behind_is_told_to_fetch_the_snapshot(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_CHANGES", 50)
    await scene.happen(*[progress(i / 100) for i in range(60)])
    page = await scene.open()
    await page.send(subscribe=[{"topic": scene.topic, "since": 0}])
    assert await page.next_about(scene.topic) == {"topic": scene.topic, "resync": True}
    await scene.happen(progress(0.9))
    assert (await page.next_about(scene.topic))["from"] == 61


async def test_other_topics_are_only_poked(scene: Scene) -> None:
    page = await scene.open()
    await page.send(subscribe=[{"topic": "lines"}, {"topic": f"project:{scene.run.project_id}"}])
    # Listening begins with a look at everything, which may poke by itself.
    while not await page.is_silent(0.5):
        await page.next()
    await scene.poke("lines")
    assert await page.next() == {"topic": "lines", "poke": True}


async def test_a_page_that_unsubscribes_hears_nothing_more(scene: Scene) -> None:
    page = await scene.watch()
    await page.send(unsubscribe=[scene.topic], ping=7)
    while await page.next() != {"pong": 7}:
        pass
    await scene.happen(progress(0.5))
    assert await page.is_silent(0.4)


async def test_a_hub_that_wakes_and_rests_leaves_nothing_behind(broker: RedisServer) -> None:
    hub = live.Hub(settings.PIPELINES_REDIS_URL)
    outbox = Outbox()
    for i in range(60):
        await hub.watch("lines", outbox)
        # Rests while it connects, while it subscribes, while it listens.
        for _ in range(i % 20):
            await asyncio.sleep(0)
        hub.leave("lines", outbox)
    await nothing_is_left()


async def test_the_hub_rests_when_nobody_watches(scene: Scene) -> None:
    page = await scene.watch()
    assert live.hub().topics == (scene.topic,)
    await page.close()
    scene.pages.remove(page)
    assert live.hub().topics == ()
    assert live.hub()._tasks == []


@pytest.mark.parametrize("topic", ["run:{run}", "project:{project}", "pipeline:{pipeline}"])
async def test_what_is_foreign_is_not_found(scene: Scene, topic: str) -> None:
    run = scene.run
    name = topic.format(run=run.pk, project=run.project_id, pipeline=run.pipeline_id)
    page = await scene.open("eve")
    await page.send(subscribe=[{"topic": name}])
    assert await page.next() == {"topic": name, "error": "not_found"}
    assert await page.next() == {"subscribed": []}


@pytest.mark.parametrize("topic", ["run:x", "nothing", "run:" + "0" * 32, "log:5", "", "run"])
async def test_an_unknown_topic_is_not_found(scene: Scene, topic: str) -> None:
    page = await scene.open()
    await page.send(subscribe=[{"topic": topic}])
    assert await page.next() == {"topic": topic, "error": "not_found"}


async def test_who_is_not_signed_in_is_turned_away(scene: Scene) -> None:
    page = await scene.open("")
    assert await page.closed_with() == 4401


async def test_a_page_of_another_port_is_turned_away(scene: Scene) -> None:
    page = await connect(scene.cookies["ada"], origin=b"http://testserver:81")
    assert await page.closed_with() == 4403


async def test_a_page_of_another_host_gets_no_socket(scene: Scene) -> None:
    with pytest.raises(AssertionError, match="refused"):
        await connect(scene.cookies["ada"], origin=b"http://elsewhere.example")


async def test_somebody_who_lost_the_membership_hears_no_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines_ui.consumers.RECHECK_SECONDS", 0.1)
    page = await scene.watch()
    await in_thread(Membership.objects.filter(user=scene.owner).delete)
    assert await page.next_about(scene.topic) == {"topic": scene.topic, "error": "not_found"}


async def test_who_signs_out_is_closed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.sessions.models import Session

    monkeypatch.setattr("pipelines_ui.consumers.RECHECK_SECONDS", 0.1)
    page = await scene.watch()
    await in_thread(Session.objects.all().delete)
    assert await page.closed_with() == 4401


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"subscribe": 5}', '{"subscribe": [7]}', '{"subscribe": [{}]}',
     '{"subscribe": [{"topic": "lines", "since": -1}]}', '{"ping": "' + "x" * 70_000 + '"}',
     '{"unsubscribe": {}}', "[" * 5000],
)  # fmt: skip
async def test_a_bad_message_is_answered_and_the_page_goes_on(scene: Scene, text: str) -> None:
    page = await scene.open()
    await page.send_text(text)
    assert (await page.next())["error"] == "bad_message"
    await page.send(ping=1)
    assert await page.next() == {"pong": 1}


async def test_a_page_has_at_most_fifty_topics(scene: Scene) -> None:
    page = await scene.open()
    names = [f"log:{scene.run.pk}:{fence}" for fence in range(51)]
    await page.send(subscribe=[{"topic": name} for name in names])
    refused = await page.next_about(names[-1])
    assert refused == {"topic": names[-1], "error": "too_many_topics"}
    assert len(live.hub().topics) == 50
