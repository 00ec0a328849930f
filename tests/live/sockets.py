"""A browser's websocket for tests: speaks ASGI to the real application, without a server."""

from __future__ import annotations

import json
import time
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.test import Client

from orchestrator.models import User

HOST = b"testserver"
ORIGIN = b"http://testserver"


class Page:
    """One page's socket."""

    def __init__(self, application: ApplicationCommunicator) -> None:
        self._application = application

    async def send(self, **message: Any) -> None:
        await self.send_text(json.dumps(message))

    async def send_text(self, text: str) -> None:
        await self._application.send_input({"type": "websocket.receive", "text": text})

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        """The next message."""
        event = await self._application.receive_output(seconds)
        assert event["type"] == "websocket.send", event
        received: dict[str, Any] = json.loads(event["text"])
        return received

    async def next_about(self, topic: str, seconds: float = 10) -> dict[str, Any]:
        """The next message with this topic; others are passed over."""
        end = time.monotonic() + seconds
        seen = []
        while time.monotonic() < end:
            message = await self.next(end - time.monotonic())
            if message.get("topic") == topic:
                return message
            seen.append(message)
        raise AssertionError(f"nothing about {topic}; seen: {seen}")

    async def is_silent(self, seconds: float) -> bool:
        return bool(await self._application.receive_nothing(seconds, 0.01))

    async def closed_with(self) -> int:
        event = await self._application.receive_output(10)
        assert event["type"] == "websocket.close", event
        return int(event["code"])

    async def close(self) -> None:
        await self._application.send_input({"type": "websocket.disconnect", "code": 1005})
        await self._application.wait(10)


def cookie_of(user: User | None) -> bytes:
    """A session's cookie, as the browser of a signed-in user sends it."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()).encode()


async def connect(cookie: bytes, *, origin: bytes = ORIGIN) -> Page:
    """Open a socket; tests close it."""
    from pipelines_ui.asgi import application

    scope = {
        "type": "websocket",
        "path": "/ws/",
        "raw_path": b"/ws/",
        "query_string": b"",
        "subprotocols": [],
        "headers": [(b"host", HOST), (b"origin", origin), (b"cookie", cookie)],
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    answer = await communicator.receive_output(10)
    assert answer["type"] == "websocket.accept", f"refused: {answer}"
    return Page(communicator)
