"""What we lay into the broker by hand is what Celery itself would send."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from celery import current_app

from orchestrator import announce, dispatch

pytestmark = pytest.mark.django_db(transaction=True)


def shape_of(message: Any) -> Any:
    """A message without what is another value in each."""
    changing = {"id", "root_id", "correlation_id", "delivery_tag", "reply_to", "origin"}
    if isinstance(message, dict):
        return {
            key: type(value).__name__ if key in changing else shape_of(value)
            for key, value in message.items()
        }
    return message


def taken_from(queue: str) -> dict[str, Any]:
    text = announce.server().rpop(queue)
    assert isinstance(text, bytes)
    message: dict[str, Any] = json.loads(text)
    message["body"] = json.loads(b64decode(message["body"]))
    message["properties"].pop("reply_to", None)
    return message


def test_our_messages_are_those_of_celery(broker: object) -> None:
    current_app.send_task("orchestrator.turn", args=("a run",), queue="ctl")
    celerys = taken_from("ctl")
    dispatch._send([("orchestrator.turn", ("a run",), "ctl")])
    ours = taken_from("ctl")
    assert shape_of(ours) == shape_of(celerys)


def test_no_copy_of_a_message_is_kept_in_the_broker(broker: object) -> None:
    dispatch._send([("orchestrator.turn", ("a run",), "ctl")])
    heard: list[Any] = []
    with (
        current_app.connection_for_read() as connection,
        connection.Consumer(
            [current_app.amqp.queues["ctl"]], callbacks=[lambda _, message: heard.append(message)]
        ),
    ):
        connection.drain_events(timeout=10)
        assert [message.headers["task"] for message in heard] == ["orchestrator.turn"]
        assert not announce.server().exists("unacked")
