"""A task that a shell runs, watched on its page: its log, reports and end come without a reload."""

from __future__ import annotations

import json
import threading
import urllib.request
import zlib
from contextlib import suppress
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.browser.pictures import pictures
from tests.live_stack import LiveStack

TABLE = b"name,score,kept\nforest,0.93,true\nsoftmax,0.91,false\n"
PLOT = {
    "data": [
        {"type": "bar", "name": "by class", "x": ["zero", "one", "two"], "y": [30, 41, 25]},
        {"name": "training", "x": [1, 2, 3, 4], "y": [0.5, 0.3, 0.25, 0.2]},
        {"type": "heatmap", "name": "confusion", "z": [[29, 1], [0, 41]], "x": ["0", "1"]},
    ],
    "layout": {"xaxis": {"title": {"text": "class"}}, "yaxis": {"title": "images"}},
}


class Shell:
    """A process that no agent started, as far as the server can tell."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.base_url = base_url
        cookie = next(one for one in page.context.cookies() if one["name"] == "csrftoken")
        made = page.request.post(
            f"{base_url}/api/v1/tasks/",
            data={
                "project": "sample",
                "name": "Notebook",
                "script": "print(1)",
                "comment": "tried by hand",
                "tags": ["by hand"],
                "configuration": {"model": "depth: 3\ntrees: 100"},
            },
            headers={"X-CSRFToken": cookie["value"]},
        )
        assert made.status == 201, made.text()
        self.id = made.json()["id"]
        self.where = f"{base_url}/api/v1/tasks/{self.id}/"
        started = page.request.post(
            f"{self.where}start/",
            data={"host": "laptop"},
            headers={"X-CSRFToken": cookie["value"]},
        )
        self.token, self._pause = started.json()["token"], started.json()["renew_every"]
        self.asked_to_end, self._ended = threading.Event(), threading.Event()
        threading.Thread(target=self._renew, daemon=True).start()

    def _renew(self) -> None:
        """Keep the lease until the task has ended, or the server has."""
        with suppress(OSError):
            while not self._ended.wait(self._pause):
                if self.send("POST", "renew/", {})["abort"]:
                    self.asked_to_end.set()

    def finish(self, **how: Any) -> None:
        self._ended.set()
        self.send("POST", "finish/", how)

    def send(self, method: str, tail: str, body: Any, media_type: str = "") -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.where + tail,
            content,
            {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": media_type or "application/json",
            },
            method=method,
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    def print(self, text: str) -> None:
        self.send("POST", "output/", {"pieces": [{"stream": "stdout", "text": text}]})

    def report(self, kind: str, name: str, content: bytes, media_type: str, step: int = 1) -> None:
        self.send("PUT", f"artifacts/{name}/", content, media_type)
        value = {"title": f"the {kind}", "series": "test", "step": step}
        self.send("POST", "samples/", [{**value, "reference": {"kind": kind, "artifact": name}}])


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    rows = (b"\0" + b"\x30\x80\xc0" * width) * height
    head = chunk(b"IHDR", size + b"\x08\x02\0\0\0")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_shells_task_is_watched_from_its_start_to_its_end(
    page: Page, sample: str, live_stack: LiveStack
) -> None:
    page.goto("/tasks/")
    shell = Shell(page, live_stack.base_url)
    page.goto(f"/tasks/{shell.id}/")
    page.evaluate("window.loadedOnce = true")
    expect(page.get_by_text("by admin on laptop, by no agent")).to_be_visible()
    expect(page.get_by_text("tried by hand")).to_be_visible()
    expect(page.get_by_text("trees: 100")).to_be_visible()

    shell.print("epoch 1\n")
    expect(page.get_by_role("region", name="Log")).to_contain_text("epoch 1")
    for step in range(4):
        value = {"title": "loss", "series": "train", "step": step, "value": 1 / (step + 1)}
        shell.send("POST", "samples/", [value])
    metrics = page.get_by_role("region", name="Metrics")
    expect(metrics.locator("canvas")).to_be_visible()

    shell.report("table", "scores", TABLE, "text/csv")
    shell.report("image", "digit", png(60, 40), "image/png")
    shell.report("plot", "plot", json.dumps(PLOT).encode(), "application/vnd.plotly.v1+json")
    reports = page.get_by_role("region", name="Reports")
    picture = reports.get_by_role("img", name="Image: the image, test, step 1")
    expect(picture).to_be_visible()
    # The strict policy lets it come from our own address.
    page.wait_for_function(
        "(picture) => picture.complete && picture.naturalWidth === 60",
        arg=picture.element_handle(),
    )
    expect(reports.get_by_role("button", name="score")).to_be_visible()
    expect(
        reports.get_by_role("img", name="Plot: the plot, test, step 1: by class")
    ).to_be_visible()
    expect(reports.get_by_role("cell", name="29")).to_be_visible()
    shell.send("PUT", "artifacts/forest/", b"weights", "application/octet-stream")
    assert barriers(page) == []
    pictures(page, "task")
    page.emulate_media(color_scheme="light")

    page.get_by_role("button", name="Abort").click()
    page.get_by_role("dialog").get_by_role("button", name="Abort").click()
    page.wait_for_url(f"**/tasks/{shell.id}/")
    assert shell.asked_to_end.wait(10)
    shell.finish(status="aborted", reason="interrupted")
    expect(page.get_by_role("heading", level=1)).to_contain_text("aborted", ignore_case=True)
    expect(page.locator(".task-reason")).to_contain_text("interrupted")
