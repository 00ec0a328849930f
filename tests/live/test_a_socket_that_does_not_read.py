"""A browser that does not read is not fed without bound: real uvicorn, real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn

from orchestrator.models import User
from pipelines_ui import live
from pipelines_ui.frames import encoded
from pipelines_ui.outbox import MOST_BYTES
from tests.live.rows import make_project, make_user
from tests.live.sockets import cookie_of
from tests.services import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)

FRAME_BYTES = 60_000
FRAMES = 400
# The kernel takes some megabytes by itself, on both sides of a connection.
KERNEL_BYTES = 8_000_000
# A close with code 1013.
TRY_LATER = b"\x88\x02\x03\xf5"


class Server:
    """uvicorn with the real application, in a thread of this process."""

    def __init__(self) -> None:
        from pipelines_ui.asgi import application

        config = uvicorn.Config(application, port=0, lifespan="off", log_config=None)
        self.server = uvicorn.Server(config)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        wait_for(lambda: self.server.started)
        self.port: int = self.server.servers[0].sockets[0].getsockname()[1]

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve())
        self.loop.run_until_complete(end_what_is_left())
        self.loop.close()

    @property
    def open_connections(self) -> int:
        return len(self.server.server_state.connections)

    def watch(self) -> live.Watch | None:
        found = live._hubs.get(self.loop)
        return found._watches.get("lines") if found else None

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(20)


async def end_what_is_left() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def wait_for(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.001)


def masked(message: dict[str, object]) -> bytes:
    """A text frame as browsers send it."""
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big") + bytes(4) + text


PINGS = masked({"ping": "x" * 8000}) * 4


class Browser:
    """A socket that has subscribed to the lines, and reads only when it is told to."""

    def __init__(self, port: int, cookie: bytes, *, is_deaf: bool) -> None:
        self.socket = socket.socket()
        if is_deaf:
            # So that little fits between the two; far too little for one that is to keep up.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        host = f"127.0.0.1:{port}"
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /ws/ HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nCookie: {cookie.decode()}\r\n\r\n".encode()
        )
        self.heard = bytearray()
        self.read_until(b"\r\n\r\n")
        assert b" 101 " in self.heard, self.heard
        self.say({"subscribe": [{"topic": "lines"}]})
        self.read_until(b"subscribed")

    def say(self, message: dict[str, object]) -> None:
        self.socket.sendall(masked(message))

    def read_until(self, end: bytes) -> None:
        while end not in self.heard[-400_000:]:
            piece = self.socket.recv(256 * 1024)
            assert piece, f"closed after {len(self.heard)} bytes"
            self.heard += piece

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()


@pytest.fixture
def server(broker: RedisServer) -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture
def cookie(transactional_db: None) -> bytes:
    ada: User = make_user("ada", make_project())
    return cookie_of(ada)


def give_much(server: Server, reader: Browser | None = None) -> None:
    """As much news as no buffer holds, no faster than ``reader`` takes it."""
    text = encoded({"topic": "lines", "filler": "x" * FRAME_BYTES})
    watch = server.watch()
    assert watch is not None
    for given in range(FRAMES):
        if reader is None:
            time.sleep(0.001)
        else:
            due = (given - 2) * FRAME_BYTES
            wait_for(lambda due=due: len(reader.heard) >= due)
        server.loop.call_soon_threadsafe(watch.give, text)


def test_a_reader_gets_everything_while_another_does_not_read(
    server: Server, cookie: bytes
) -> None:
    with (
        Browser(server.port, cookie, is_deaf=True) as deaf,
        Browser(server.port, cookie, is_deaf=False) as reader,
        ThreadPoolExecutor(1) as pool,
    ):
        reading = pool.submit(reader.read_until, b"the end")
        give_much(server, reader)
        watch = server.watch()
        assert watch is not None
        boxes = list(watch.sockets)
        assert all(box._bytes <= MOST_BYTES for box in boxes)  # type: ignore[attr-defined]
        server.loop.call_soon_threadsafe(watch.give, encoded({"topic": "lines", "text": "the end"}))
        reading.result()
        assert b"resync" not in reader.heard
        assert reader.heard.count(b"filler") == FRAMES
        # What was lost in between is told of, so that the page fetches it.
        assert b"the end" not in deaf.heard
        deaf.read_until(b'"resync":true')
        assert len(deaf.heard) < KERNEL_BYTES < FRAMES * FRAME_BYTES


def test_who_does_not_read_for_long_is_dropped(
    server: Server, cookie: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines_ui.consumers.STUCK_SECONDS", 0.3)
    with Browser(server.port, cookie, is_deaf=True) as deaf:
        assert server.open_connections == 1
        give_much(server)
        # It is fed no more, and when it reads again it learns that it is to come again.
        wait_for(lambda: server.watch() is None)
        deaf.read_until(TRY_LATER)
        assert len(deaf.heard) < KERNEL_BYTES
    wait_for(lambda: server.open_connections == 0)


def test_who_asks_and_does_not_read_the_answers_is_dropped(server: Server, cookie: bytes) -> None:
    with Browser(server.port, cookie, is_deaf=True) as deaf:
        deaf.socket.settimeout(2)
        said = 0
        with contextlib.suppress(TimeoutError):
            while said < FRAMES * FRAME_BYTES:
                said += deaf.socket.send(PINGS)
        # The server has stopped to read it, too.
        assert said < FRAMES * FRAME_BYTES
        wait_for(lambda: server.watch() is None)
        deaf.read_until(TRY_LATER)
    wait_for(lambda: server.open_connections == 0)
