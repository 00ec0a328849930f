"""The chart and its page: first paint, changes on their way, panning, search, the weight."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench import shapes
from bench.arithmetic import median, percentile, spread
from bench.browser.editing import editor
from bench.browser.page import MainThread, Watcher, painted, scripts_of
from bench.budgets import Figure
from pipelines.workflow_file import document_of, read_workflow

FEED_SECONDS = 12
PAN_MILLISECONDS = 2000
QUEUE = "bench-unserved"


def still_run(watcher: Watcher, layers: int, width: int) -> str:
    """A run that waits in a queue without an agent, so that only the feeder moves it."""
    product = watcher.product
    if QUEUE not in [queue["name"] for queue in product.api.get("queues/")]:
        product.api.send("POST", "queues/", {"name": QUEUE})
    steps = [{**step, "queue": QUEUE} for step in shapes.layers(layers, width)]
    run = product.start(product.pipeline(f"still-{layers * width}", steps))
    deadline = time.monotonic() + 120
    while True:
        letters = product.api.get(f"runs/{run}/snapshot/")["statuses"]
        if len(letters) == layers * width and "q" in letters:
            return run
        if time.monotonic() > deadline:
            raise AssertionError(f"the steps of {run} are not made: {letters[:100]}")
        time.sleep(0.2)


def first_paint(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    for key, layers, width in (("paint500", 10, 50), ("paint10000", 100, 100)):
        run = still_run(watcher, layers, width)
        seen, whole = [], []
        for number in range(rounds + 1):
            page = watcher.open(run)
            if number:
                seen.append(page.evaluate("probe.firstPaintAfterPage") / 1000)
                whole.append(page.evaluate("probe.firstPaint") / 1000)
            page.close()
        beside = f"{spread(seen)} after the page's last byte; {spread(whole)} after the click"
        yield Figure(key=key, value=median(seen) * 1000, beside=beside)


def fed(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    run = still_run(watcher, 40, 50)
    page = watcher.open(run)
    with watcher.fed(run, 200, FEED_SECONDS):
        page.wait_for_function("() => probe.painted.length > 5", timeout=30_000)
        page.evaluate("probe.painted.splice(0)")
        page.wait_for_timeout(FEED_SECONDS * 300)
        late = painted(page)
        thread = MainThread(page)
        page.evaluate("milliseconds => panFor(milliseconds)", PAN_MILLISECONDS)
        cost, cpu = thread.milliseconds_a_frame(), thread.processor_a_frame()
        frames = thread.frames()
        longest = page.evaluate("probe.longest")
    page.close()
    beside = f"oldest change of {len(late)} frames: {spread(late, scale=1)}"
    yield Figure(key="painted", value=percentile(late, 0.95), beside=beside)
    beside = (
        f"{cpu:.1f} of processor; {frames} frames in {PAN_MILLISECONDS / 1000:g} s while panning,"
        f" longest {longest:.0f}"
    )
    yield Figure(key="frame2000", value=cost, beside=beside)


def panning(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    yield _panned(watcher, "pan10000", "layers-10000", shapes.layers(100, 100))
    for path in watcher.workflows:
        read = read_workflow(path)
        steps = document_of(read, template="no-work", time_scale=0)["steps"]
        # The budget is of one file; another one is told without.
        key = "pan1312" if len(steps) == 1312 else "pan"
        yield _panned(watcher, key, read.name.lower(), steps)


def _panned(watcher: Watcher, key: str, slug: str, steps: shapes.Steps) -> Figure:
    product = watcher.product
    run = product.start(product.pipeline(slug, steps))
    page = watcher.open(run)
    page.wait_for_function("() => probe.painted.length > 3", timeout=120_000)
    thread = MainThread(page)
    page.evaluate("milliseconds => panFor(milliseconds)", PAN_MILLISECONDS)
    cost, cpu, frames = thread.milliseconds_a_frame(), thread.processor_a_frame(), thread.frames()
    page.close()
    product.abort(run)
    beside = f"{cpu:.1f} of processor; {frames} frames in {PAN_MILLISECONDS / 1000:g} s"
    return Figure(key=key, what=f"panning {slug}", unit="ms", value=cost, beside=beside)


def javascript(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    product = watcher.product
    run = product.start(product.pipeline("chain-5", shapes.chain(5)))
    product.wait(run)
    page = watcher.context.new_page()
    sizes = scripts_of(page, watcher.address(run))
    page.close()
    largest = sorted(sizes, key=lambda name: -sizes[name])[:3]
    beside = f"{len(sizes)} files; largest {', '.join(largest)}"
    yield Figure(key="javascript", value=sum(sizes.values()) / 1000, beside=beside)


ROWS: dict[str, Callable[[Watcher, int], Iterator[Figure]]] = {
    "javascript": javascript,
    "paint": first_paint,
    "fed": fed,
    "pan": panning,
    "editor": editor,
}
