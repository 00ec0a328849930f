"""A run that asks a person: answered on a telephone, then steered by hand on its page."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from pipelines.http import Api
from tests.browser.conftest import Complaints
from tests.browser.pictures import pictures
from tests.browser.run_page import RunPage
from tests.faults.workload import MAKE_TOKEN
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

PHONE: ViewportSize = {"width": 390, "height": 844}
QUESTION = {
    "name": "sign off",
    "kind": "approval",
    "comment": "Is the score good enough to publish?",
    "parameters": {"score": 0.93, "note": "a long sentence about what was trained " * 4},
    "approval": {
        "form": [
            {"name": "copies", "type": "integer", "default": 2, "minimum": 1, "help": "How many"},
            {"name": "quietly", "type": "boolean", "default": False},
        ],
        "deadline": 86400,
    },
}


@pytest.fixture
def run_address(live_stack: LiveStack) -> str:
    """A run that asks, then publishes."""
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    api = Api(live_stack.base_url, token, patience=60)
    project = f"decide-{uuid4().hex[:8]}"
    api.send("POST", "projects/", {"name": project, "slug": project})
    template = {"template": True, "project": project, "slug": "say", "name": "say"}
    api.send("POST", "tasks/", {**template, "kind": "command", "argv": ["true"]})
    steps = [
        QUESTION,
        {"name": "publish", "template": "say", "parents": ["sign off"]},
        {"name": "tell", "template": "say", "queue": project, "parents": ["sign off"]},
    ]
    api.send("POST", "queues/", {"name": project})
    body = {"project": project, "slug": "ask", "name": "Ask first"}
    api.send("POST", "pipelines/", {**body, "document": {"schema": 1, "steps": steps}})
    path = f"pipelines/{project}/ask"
    revision = api.get(f"{path}/draft/")["revision"]
    api.send("POST", f"{path}/publish/", {}, headers={"If-Match": f'"{revision}"'})
    number = api.send("POST", f"{path}/runs/", {})["number"]
    return f"/runs/{project}/ask/{number}/"


def fits(page: Page) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_question_is_answered_on_a_telephone_and_the_rest_is_steered_by_hand(
    page: Page, complaints: Complaints, run_address: str
) -> None:
    # A form that is filled in wrongly is answered so, on purpose.
    complaints.allow("422")
    page.set_viewport_size(PHONE)
    page.goto("/runs/")
    waits = page.get_by_role("region", name="Waits for you")
    expect(waits.get_by_role("link", name="sign off").first).to_be_visible()
    pictures(page, "waits")
    page.locator(f'a[href="{run_address}steps/sign%20off/answer/"]').click()
    expect(page.get_by_role("heading", name="sign off")).to_be_visible()
    expect(page.get_by_text("Is the score good enough to publish?")).to_be_visible()
    assert fits(page)
    pictures(page, "answer-phone")
    page.get_by_label("copies").fill("0")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("at least 1")).to_be_visible()
    page.get_by_label("copies").fill("3")
    page.get_by_label("Comment").fill("good enough")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(f"**{run_address}?step=sign+off")
    panel = page.get_by_role("complementary", name="Selected step")
    expect(panel.get_by_text("good enough").first).to_be_visible()
    assert fits(page)

    page.set_viewport_size({"width": 1440, "height": 900})
    run = RunPage(page)
    run.show("Table")
    run.expect_step("publish", "completed")
    run.expect_step("tell", "queued")
    run.select("tell")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#run-reason")).to_contain_text("paused by")
    pictures(page, "paused")
    page.get_by_role("button", name="Resume").click()
    run.expect_run("running")
    panel.get_by_text("More", exact=True).click()
    pictures(page, "more")
    panel.get_by_role("link", name="Skip it…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("nobody is there to be told")
    pictures(page, "skip")
    dialog.get_by_role("button", name="Skip").click()
    run.expect_run("completed")
    expect(panel.get_by_text("nobody is there to be told").first).to_be_visible()
