"""A million lines at full speed by one step, and the log of a step that was searched for."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page

from bench import processes, shapes
from bench.browser.page import MainThread, Watcher
from bench.budgets import Figure
from tests.step_order import seconds_of

LINES = 1_000_000


def million_lines(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    product = watcher.product
    run = product.start(product.pipeline("chatter", shapes.chain(1, "million-lines")))
    pids = [product.live.pids[name] for name in ("web", "agent")]
    before = processes.pss_mib(pids)
    page = watcher.context.new_page()
    page.goto(f"{watcher.address(run)}?step=s0")
    page.get_by_role("button", name="Log").click(timeout=60_000)
    thread = MainThread(page)
    highest = before
    while (row := product.api.get(f"runs/{run}/"))["status"] not in ("completed", "failed"):
        page.wait_for_timeout(500)
        highest = max(highest, processes.pss_mib(pids))
    step = product.api.get(f"runs/{run}/steps/s0/")["attempts"][0]
    longest, cost = page.evaluate("probe.longest"), thread.milliseconds_a_frame()
    highest = max(highest, processes.pss_mib(pids))
    yield Figure(
        key="million",
        what="a million lines by one step",
        value=seconds_of(step),
        unit="s",
        beside=f"run {row['status']}",
    )
    yield Figure(
        key="alive",
        what="longest frame of the page meanwhile",
        value=longest,
        unit="ms",
        beside=f"{cost:.1f} ms of main thread a frame",
    )
    yield Figure(
        key="memory",
        what="web and agent grow by",
        value=highest - before,
        unit="MiB",
        beside=f"{before:.0f} MiB before",
    )
    yield _download(watcher, run)
    yield _search(page)
    page.close()


def _download(watcher: Watcher, run: str) -> Figure:
    """Every line, in order, nothing else."""
    wanted = hashlib.sha256("".join(f"line {n} of many\n" for n in range(LINES)).encode())
    with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
        target = str(Path(folder) / "log.txt")
        path = f"runs/{run}/steps/s0/attempts/1/logs/?download=1"
        began = time.perf_counter()
        found = watcher.product.api.download(path, target)
        took = time.perf_counter() - began
        with open(target, "rb") as file:
            lines = sum(1 for _ in file)
    lost = LINES - lines
    same = "byte for byte" if found == wanted.hexdigest() else "NOT the same bytes"
    what = "lines missing in the download"
    beside = f"{lines:,} lines, {same}, in {took:.1f} s"
    return Figure(key="lost", what=what, value=lost, unit="lines", beside=beside)


def _search(page: Page) -> Figure:
    """Look in the open log for a line near its end."""
    wanted = f"line {LINES - 2} of"
    began = time.perf_counter()
    page.get_by_role("searchbox", name="Find in the log").fill(wanted)
    found = page.get_by_role("log").get_by_text(wanted).first
    found.wait_for(timeout=30_000)
    took = (time.perf_counter() - began) * 1000
    what = "a line near the end is found"
    return Figure(key="find", what=what, value=took, unit="ms", beside=f'"{wanted}"')


def last_step(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    """While 1,000 steps run: find the last of the document by its name and open its log.

    It has no parents and goes first, so that there is a log to open while the others run.
    """
    product = watcher.product
    name = "needle"
    needle = {"name": name, "template": "say-when", "priority": 100}
    run = product.start(product.pipeline("needle", [*shapes.layers(20, 50), needle]))
    deadline = time.monotonic() + 120
    while product.api.get(f"runs/{run}/steps/{name}/")["status"] != "completed":
        if time.monotonic() > deadline:
            raise AssertionError(f"the step {name} does not come to its end")
        time.sleep(0.2)
    page = watcher.open(run)
    box = page.get_by_role("searchbox", name="Find a step")
    if not box.first.is_visible():
        product.abort(run)
        raise AssertionError("the graph has no search yet")
    began = time.perf_counter()
    box.first.fill(name)
    box.first.press("Enter")
    panel = page.get_by_role("complementary", name="Selected step")
    panel.get_by_role("heading", name=name).wait_for(timeout=30_000)
    found = (time.perf_counter() - began) * 1000
    button = panel.get_by_role("button", name="Log")
    button.wait_for()
    began = time.perf_counter()
    button.click()
    page.get_by_role("log").wait_for()
    opened = (time.perf_counter() - began) * 1000
    page.close()
    product.abort(run)
    yield Figure(key="log300", value=opened, beside=f"found among 1,001 in {found:.0f} ms")


ROWS: dict[str, Callable[[Watcher, int], Iterator[Figure]]] = {
    "search": last_step,
    "million": million_lines,
}
