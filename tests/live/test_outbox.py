"""What waits for a slow browser is bounded; it then learns that it must ask again."""

from __future__ import annotations

import json

import pytest

from pipelines_ui.outbox import Outbox

pytestmark = pytest.mark.asyncio


async def test_frames_leave_in_the_order_they_came() -> None:
    outbox = Outbox()
    for text in ("a", "b", "c"):
        outbox.put("run:1", text)
    assert [await outbox.take() for _ in range(3)] == ["a", "b", "c"]


@pytest.mark.parametrize("outbox", [Outbox(most_frames=3), Outbox(most_bytes=100)])
async def test_too_much_becomes_one_resync_and_then_frames_again(outbox: Outbox) -> None:
    for _ in range(10):
        outbox.put("run:1", "x" * 40)
    outbox.put("", "pong")
    assert await outbox.take() == "pong"
    assert json.loads(await outbox.take()) == {"topic": "run:1", "resync": True}
    outbox.put("run:1", "after")
    assert await outbox.take() == "after"


async def test_a_topic_that_is_left_sends_nothing_more() -> None:
    outbox = Outbox()
    outbox.put("run:1", "a")
    outbox.put("run:2", "b")
    outbox.drop("run:1")
    assert await outbox.take() == "b"
