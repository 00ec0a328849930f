"""What the product is compared with: raw Celery, a bare Python process, a fork, a plain loop."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines_ui.local.children import Child, wait_until_ready

ROOT = Path(__file__).resolve().parents[1]
CONCURRENCY = 2
LONGEST_SECONDS = 300


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spawn() -> float:
    """A bare `python -c pass`, waited for."""
    return timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))


def fork() -> float:
    """A fork that ends at once, waited for."""

    def work() -> None:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)

    return timed(work)


def loop() -> float:
    """A plain loop of a fixed length: how quiet the machine is just now."""

    def work() -> None:
        total = 0
        for number in range(1_000_000):
            total += number

    return timed(work)


class RawCelery:
    """Celery's own canvas on the same Redis: prefork, as many processes as an agent has slots."""

    def __init__(self, url: str) -> None:
        from bench.raw_tasks import make_app

        self._app = make_app(url)
        self._noop = self._app.tasks["yardstick.noop"]
        self._stamp = self._app.tasks["yardstick.stamp"]

    def close(self) -> None:
        self._app.close()

    def chain(self, length: int) -> float:
        from celery import chain

        work = chain(*(self._noop.si() for _ in range(length)))
        return timed(lambda: work.apply_async().get(timeout=LONGEST_SECONDS))

    def fan(self, width: int) -> float:
        """So many at once, then one that joins them; ours has one more in front."""
        work = self._chord(width)
        return timed(lambda: work.apply_async().get(timeout=LONGEST_SECONDS))

    def diamonds(self, count: int) -> float:
        """So many runs of five tasks, sent one after another, until the last has ended."""
        from celery import chain

        works = [chain(self._noop.si(), self._chord(3)) for _ in range(count)]

        def work() -> None:
            for result in [each.apply_async() for each in works]:
                result.get(timeout=LONGEST_SECONDS)

        return timed(work)

    def first_line(self) -> float:
        """From the call to the task's body."""
        began = time.time()
        began_at: float = self._stamp.delay().get(timeout=LONGEST_SECONDS)
        return began_at - began

    def _chord(self, width: int) -> Any:
        from celery import chord

        return chord([self._noop.si() for _ in range(width)], self._noop.si())


@contextmanager
def raw_celery(redis_url: str, folder: Path) -> Iterator[RawCelery]:
    """A warm worker of the yardstick on a database of its own in the same Redis."""
    url = redis_url.rsplit("/", 1)[0] + "/1"
    raw = RawCelery(url)
    command = [sys.executable, "-m", "celery", "-A", "bench.raw_tasks", "worker"]
    command += ["--pool", "prefork", "--concurrency", str(CONCURRENCY), "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    log = folder / "raw-celery.log"
    child = Child(
        name="raw-celery",
        command=command,
        environment={**os.environ, "PYTHONPATH": str(ROOT), "BENCH_REDIS_URL": url},
        log=log,
        is_ready=lambda: True,
    )
    child.start()
    try:
        wait_until_ready(child, 30)
        raw.chain(20)
        yield raw
    finally:
        # Results that are collected as late as the interpreter's end complain of a lost broker.
        gc.collect()
        raw.close()
        child.stop()
