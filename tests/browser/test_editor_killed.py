"""Browser and server are killed while somebody edits; what comes back holds all that was shown."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from tests.browser.editor_page import EditorPage, new_pipeline
from tests.chromium import ARGUMENTS, find_chromium
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

# A few at each look at the product; TEST_KILLS asks for more.
MOMENTS = int(os.environ.get("TEST_KILLS", "6"))
SEED = int(os.environ.get("TEST_SEED", "4"))
TITLES = ("Clean", "Compare", "Load", "Report", "Split")


@contextmanager
def chromium(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A Chromium with a folder of its own on disk; killed at the end like any program."""
    program = find_chromium()
    if program is None:
        pytest.skip("this machine has no Chromium")
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [program, *ARGUMENTS, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        # Two lines when it is written whole: the port, and the browser's path there.
        while not told.exists() or len(told.read_text(encoding="utf-8").split()) < 2:
            assert time.monotonic() < deadline, "Chromium did not start"
            time.sleep(0.05)
        port, path = told.read_text(encoding="utf-8").split()
        endpoint = f"ws://127.0.0.1:{port}{path}"
        yield playwright.chromium.connect_over_cdp(endpoint, timeout=120_000).contexts[0]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Story:
    """Somebody who edits one pipeline and is thrown out again and again."""

    def __init__(self, stack: LiveStack, profile: Path) -> None:
        self.stack = stack
        self.profile = profile
        self.luck = random.Random(SEED)
        self.address = ""
        self.cookies: list[dict[str, str]] = []
        self.shown: set[str] = set()

    def begin(self, playwright: Playwright) -> None:
        with chromium(playwright, self.profile) as context:
            page = context.new_page()
            page.goto(self.stack.sign_in_link())
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
            self.address = self.stack.base_url + new_pipeline(page, "killed")
            self.cookies = [{**one} for one in context.cookies()]  # type: ignore[dict-item]

    def visit(self, playwright: Playwright, *, server_too: bool) -> None:
        """Open the page, find everything, add steps, and be killed at any moment after."""
        with chromium(playwright, self.profile) as context:
            context.add_cookies(self.cookies)  # type: ignore[arg-type]
            editing = EditorPage(context.new_page(), self.address).open()
            expect(editing.outline.get_by_role("treeitem")).to_have_count(len(self.shown))
            assert editing.names() == self.shown
            if server_too:
                self.stack.kill("web")
            for _ in range(self.luck.randint(1, 3)):
                editing.add(self.luck.choice(TITLES))
                editing.page.wait_for_timeout(self.luck.randint(30, 900))
            self.shown = editing.names()
            is_saved = (editing.badge.text_content() or "").strip().startswith("Saved")
        if is_saved:
            assert self.shown <= self.saved(), "shown as saved, but it is not"
        self.stack.start("web")

    def saved(self) -> set[str]:
        """The steps that the server has."""
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in self.cookies)
        draft = self.address.replace("/pipelines/", "/api/v1/pipelines/").replace("edit/", "draft/")
        asked = urllib.request.Request(draft, headers={"Cookie": cookie})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return {step["name"] for step in json.load(answer)["document"]["steps"]}


def test_being_killed_again_and_again_loses_nothing(
    playwright: Playwright, live_stack: LiveStack, sample: str, tmp_path: Path
) -> None:
    story = Story(live_stack, tmp_path)
    story.begin(playwright)
    for moment in range(MOMENTS):
        story.visit(playwright, server_too=moment % 4 == 3)
    with chromium(playwright, tmp_path) as context:
        context.add_cookies(story.cookies)  # type: ignore[arg-type]
        editing = EditorPage(context.new_page(), story.address).open()
        editing.expect_saved()
        assert editing.names() == story.saved() == story.shown
    assert len(story.shown) >= MOMENTS
