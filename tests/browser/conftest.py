"""A signed-in page in a real Chromium, against the whole product; complaints fail the story."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    StorageState,
    expect,
    sync_playwright,
)

from tests.chromium import ARGUMENTS, find_chromium
from tests.live_stack import LiveStack

# A story waits for what it expects; the machine may be busy with other parts of the tests.
expect.set_options(timeout=20_000)


# One of each for all stories: Playwright can run once in a thread, and a browser takes its time to
# start. They end with this folder's last test, for no other may run beside Playwright's loop.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("this machine has no Chromium")
    started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, _whole_stack: LiveStack) -> StorageState:
    """What a browser holds once the administrator has signed in; for as many as want it."""
    _whole_stack.start_all()
    with browser.new_context(base_url=_whole_stack.base_url) as context:
        page = context.new_page()
        page.goto(_whole_stack.sign_in_link())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return context.storage_state()


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
def page(
    signed_in: StorageState, stranger: Page, live_stack: LiveStack, complaints: Complaints
) -> Iterator[Page]:
    """A page of the administrator; at the end nothing unexpected may have been complained of.

    That includes every violation of the Content-Security-Policy: browsers report it as an error.
    """
    stranger.context.set_storage_state(signed_in)
    stranger.goto("/")
    yield stranger
    assert complaints.unexpected == [], live_stack.logs()


@pytest.fixture(scope="package")
def _sample(_whole_stack: LiveStack) -> str:
    _whole_stack.start_all()
    _whole_stack.manage("seed_sample")
    return "sample"


@pytest.fixture
def sample(live_stack: LiveStack, _sample: str) -> str:
    """The sample project, there once however often it is asked for; its slug."""
    return _sample
