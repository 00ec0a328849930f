"""A signed-in page in a real Chromium, against the whole product; complaints fail the story."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.chromium import ARGUMENTS, find_chromium
from tests.live_stack import LiveStack

# A story waits for what it expects; the machine may be busy with other parts of the tests.
expect.set_options(timeout=20_000)


# For one file at a time: Playwright runs once in a thread, and some files start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("this machine has no Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


class Complaints:
    """What a page's console, scripts and answers complained of while a story ran."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.heard.append(f"error: {error}"))
        page.on("response", self._on_response)

    def allow(self, pattern: str) -> None:
        """Say that this story causes complaints of this kind on purpose."""
        self._allowed.append(re.compile(pattern))

    @property
    def unexpected(self) -> list[str]:
        return [
            heard for heard in self.heard if not any(each.search(heard) for each in self._allowed)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.heard.append(f"answer: {response.status} {response.url}")


@pytest.fixture
def stranger(browser: Browser, live_stack: LiveStack) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    context = browser.new_context(
        base_url=live_stack.base_url, viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def complaints(stranger: Page) -> Complaints:
    """Ask for it to allow a complaint that the story means to cause."""
    return Complaints(stranger)


@pytest.fixture
def page(stranger: Page, live_stack: LiveStack, complaints: Complaints) -> Iterator[Page]:
    """A page of the administrator; at the end nothing unexpected may have been complained of.

    That includes every violation of the Content-Security-Policy: browsers report it as an error.
    """
    stranger.goto(live_stack.sign_in_link())
    stranger.get_by_role("button", name="Sign in").click()
    stranger.wait_for_url(lambda url: "/sign-in/" not in url)
    yield stranger
    assert complaints.unexpected == [], live_stack.logs()


@pytest.fixture
def sample(live_stack: LiveStack) -> str:
    """The sample project, there once however often it is asked for; its slug."""
    live_stack.manage("seed_sample")
    return "sample"
