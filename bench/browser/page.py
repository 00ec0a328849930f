"""A signed-in page with the probe in it, and what its main thread has spent."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Response, sync_playwright

from bench.product import Product
from tests.chromium import ARGUMENTS, find_chromium

ROOT = Path(__file__).resolve().parents[2]
SETTLES_MILLISECONDS = 2000
PROBE = Path(__file__).with_name("probe.js")


class Watcher:
    """One browser that is signed in to a product."""

    def __init__(self, product: Product, browser: Browser, workflows: Sequence[str] = ()) -> None:
        self.product = product
        self.workflows = workflows
        self.context: BrowserContext = browser.new_context(
            base_url=product.live.base_url, viewport={"width": 1440, "height": 900}
        )
        self.context.add_init_script(path=PROBE)
        page = self.context.new_page()
        page.goto(product.live.sign_in_link())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.close()

    def open(self, run: str) -> Page:
        """The run's page, once its chart has been painted."""
        page = self.context.new_page()
        # A new window makes the browser load pages of its own, beside ours on the same cores.
        page.wait_for_timeout(SETTLES_MILLISECONDS)
        page.goto(self.address(run))
        page.wait_for_function("() => window.probe.firstPaint > 0", timeout=60_000)
        return page

    def address(self, run: str) -> str:
        row = self.product.api.get(f"runs/{run}/")
        return f"/runs/{row['project']}/{row['pipeline']}/{row['number']}/"

    @property
    def cookies(self) -> str:
        return "; ".join(f"{one['name']}={one['value']}" for one in self.context.cookies())

    @contextmanager
    def fed(self, run: str, rate: int, seconds: float) -> Iterator[None]:
        """While the block lasts the run changes so often; the block should be as long."""
        feeder = subprocess.Popen(
            [sys.executable, "-m", "bench.browser.feeder", run, str(rate), str(seconds)],
            cwd=ROOT,
            env=self.product.live.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield
        finally:
            said, _ = feeder.communicate(timeout=seconds + 60)
        if feeder.returncode != 0:
            raise AssertionError(said)


@contextmanager
def watcher(product: Product, workflows: Sequence[str] = ()) -> Iterator[Watcher]:
    with sync_playwright() as playwright:
        program = find_chromium()
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield Watcher(product, browser, workflows)
        finally:
            browser.close()


class MainThread:
    """What the page's main thread does between two moments, a frame.

    By the wall clock, in which it also waits for a core, and by its processor time.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._ticks = page.context.new_cdp_session(page)
        self._ticks.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.restart()

    def restart(self) -> None:
        self._page.evaluate("probe.longest = 0")
        self._frames = self._frames_now()
        self._busy, self._cpu = _spent(self._session), _spent(self._ticks)

    def milliseconds_a_frame(self) -> float:
        return (_spent(self._session) - self._busy) * 1000 / max(1, self.frames())

    def processor_a_frame(self) -> float:
        return (_spent(self._ticks) - self._cpu) * 1000 / max(1, self.frames())

    def frames(self) -> int:
        return self._frames_now() - self._frames

    def _frames_now(self) -> int:
        frames: int = self._page.evaluate("probe.frames")
        return frames


def _spent(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def scripts_of(page: Page, address: str) -> dict[str, int]:
    """The scripts that the page loads, each with its gzipped size."""
    sizes: dict[str, int] = {}

    def keep(response: Response) -> None:
        if response.request.resource_type == "script" and response.ok:
            sizes[response.url.rsplit("/static/", 1)[-1]] = len(gzip.compress(response.body(), 9))

    page.on("response", keep)
    page.goto(address, wait_until="networkidle")
    return sizes


def painted(page: Page) -> list[float]:
    """How long each frame took from the commit until it was painted, in milliseconds."""
    values: list[Any] = page.evaluate("probe.painted.splice(0)")
    return [float(value) for value in values]
