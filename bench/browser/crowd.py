"""A hundred sockets on one busy run, and one that does not read."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.asyncio.client import ClientConnection, connect

from bench import processes
from bench.arithmetic import percentile, spread
from bench.browser.page import Watcher, painted
from bench.browser.rows import FEED_SECONDS, still_run
from bench.budgets import Figure

SOCKETS = 100
FLOOD_SECONDS = 20
FLOOD_RATE = 600


class Crowd:
    """Sockets that follow a run from a thread of their own; they count what they are sent."""

    def __init__(self, watcher: Watcher, run: str) -> None:
        base = watcher.product.live.base_url
        self._url = base.replace("http", "ws", 1) + "/ws/"
        self._headers = {"Cookie": watcher.cookies, "Origin": base}
        self._run = run
        self.received = 0
        self._ended = threading.Event()

    @contextmanager
    def present(self, count: int, *, reading: bool = True) -> Iterator[None]:
        joined = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._all(count, joined, reading)))
        thread.start()
        try:
            if not joined.wait(60):
                raise AssertionError(f"{count} sockets could not join")
            yield
        finally:
            self._ended.set()
            thread.join(60)

    async def _all(self, count: int, joined: threading.Event, reading: bool) -> None:
        sockets = [await self._join(reading) for _ in range(count)]
        joined.set()
        readers = [asyncio.create_task(self._read(one)) for one in sockets] if reading else []
        while not self._ended.is_set():
            await asyncio.sleep(0.1)
        for task in readers:
            task.cancel()
        for one in sockets:
            one.transport.abort()

    async def _join(self, reading: bool) -> ClientConnection:
        # One that does not read has no buffer of its own either: what comes stays in the sockets.
        queue = 16 if reading else 1
        socket = await connect(
            self._url, additional_headers=self._headers, compression=None, max_queue=queue,
            ping_interval=None, proxy=None,
        )  # fmt: skip
        wanted = [{"topic": f"run:{self._run}", "since": 0}]
        await socket.send(json.dumps({"subscribe": wanted}))
        await socket.recv()
        return socket

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            self.received += len(text)


def hundred_sockets(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    run = still_run(watcher, 40, 50)
    web = [watcher.product.live.pids["web"]]
    page = watcher.open(run)
    before = processes.pss_mib(web)
    crowd = Crowd(watcher, run)
    with crowd.present(SOCKETS), watcher.fed(run, 200, FEED_SECONDS):
        page.wait_for_function("() => probe.painted.length > 5", timeout=30_000)
        page.evaluate("probe.painted.splice(0)")
        cpu = processes.cpu_seconds(web)
        page.wait_for_timeout(FEED_SECONDS * 500)
        share = (processes.cpu_seconds(web) - cpu) / (FEED_SECONDS / 2) * 100
        late = painted(page)
        after = processes.pss_mib(web)
    page.close()
    beside = f"{before:.0f} MiB before they came; {crowd.received / 1e6:.1f} MB sent to them"
    what = f"web process with {SOCKETS} sockets"
    yield Figure(key="sockets", what=what, value=after, unit="MiB", beside=beside)
    beside = f"{spread(late, scale=1)}; web uses {share:.0f} % of a core"
    what = f"painted p95 beside {SOCKETS} sockets"
    yield Figure(key="crowded", what=what, value=percentile(late, 0.95), unit="ms", beside=beside)


def deaf_sockets(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    """Ten that do not read while far more is sent than their buffers hold."""
    run = still_run(watcher, 40, 50)
    web = [watcher.product.live.pids["web"]]
    before = processes.pss_mib(web)
    highest = before
    with (
        Crowd(watcher, run).present(10, reading=False),
        watcher.fed(run, FLOOD_RATE, FLOOD_SECONDS),
    ):
        page = watcher.open(run)
        for _ in range(FLOOD_SECONDS - 2):
            page.wait_for_timeout(1000)
            highest = max(highest, processes.pss_mib(web))
        page.close()
    beside = f"{before:.0f} MiB before; {FLOOD_RATE} changes a second for {FLOOD_SECONDS} s"
    what = "web grows by 10 sockets that do not read"
    yield Figure(key="deaf", what=what, value=highest - before, unit="MiB", beside=beside)


ROWS: dict[str, Callable[[Watcher, int], Iterator[Figure]]] = {
    "sockets": hundred_sockets,
    "deaf": deaf_sockets,
}
