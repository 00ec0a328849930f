"""The editor's canvas: what panning and dragging a step cost the main thread."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from bench import shapes
from bench.browser.page import MainThread, Watcher
from bench.budgets import Figure

MILLISECONDS = 2000
SIZES = ((15, 20), (40, 50))
BUDGETED = 300
# Everything in view, as it opens, and near enough to be read.
ZOOMS = ("fit", "1")


def editor(watcher: Watcher, rounds: int) -> Iterator[Figure]:
    for layers, width in SIZES:
        page = _opened(watcher, layers, width)
        figures = [figure for zoom in ZOOMS for figure in _at(page, zoom)]
        page.close()
        # What has a budget is the dearer of the two; the other is told beside it.
        for key in ("editor-pan", "editor-drag"):
            dearest, other = sorted((f for f in figures if f.key == key), key=lambda f: -f.value)
            beside = f"{dearest.beside}; {other.what} {other.value:.1f}"
            yield _named(key, layers * width, dearest.value, beside)


def _opened(watcher: Watcher, layers: int, width: int) -> Page:
    address = watcher.product.pipeline(f"edited-{layers * width}", shapes.layers(layers, width))
    page = watcher.context.new_page()
    page.goto(f"/{address}/edit/")
    page.wait_for_function("() => window.probe.firstPaint > 0", timeout=60_000)
    page.wait_for_timeout(MILLISECONDS)
    return page


def _at(page: Page, zoom: str) -> Iterator[Figure]:
    if zoom != "fit":
        page.evaluate(f"document.querySelector('pipeline-graph').zoomTo({zoom})")
        page.wait_for_timeout(500)
    yield _measured(page, "editor-pan", "panFor", zoom)
    page.evaluate("takeStep()")
    page.wait_for_timeout(300)
    yield _measured(page, "editor-drag", "dragFor", zoom)
    page.evaluate("letGo()")
    page.wait_for_timeout(300)


def _measured(page: Page, key: str, act: str, zoom: str) -> Figure:
    thread = MainThread(page)
    page.evaluate(f"milliseconds => {act}(milliseconds)", MILLISECONDS)
    cost, cpu, frames = thread.milliseconds_a_frame(), thread.processor_a_frame(), thread.frames()
    beside = f"{cpu:.1f} of processor; {frames} frames in {MILLISECONDS / 1000:g} s, zoom {zoom}"
    return Figure(key=key, what=f"zoom {zoom}", value=cost, beside=beside)


def _named(key: str, size: int, value: float, beside: str) -> Figure:
    if size == BUDGETED:
        return Figure(key=key, value=value, beside=beside)
    what = {"editor-pan": "panning the editor", "editor-drag": "dragging a step"}[key]
    return Figure(
        key=f"{key}-{size}", what=f"{what}, {size:,} steps", unit="ms", value=value, beside=beside
    )
