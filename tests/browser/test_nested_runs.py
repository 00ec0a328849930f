"""A pipeline as a step: looked into where it stands, gone to, and come back from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.run_page import LONG, RunPage
from tests.browser.test_run_story import album, pictures  # noqa: F401
from tests.live_stack import LiveStack

pytestmark = [pytest.mark.usefixtures("sample"), pytest.mark.embedded]

START = """
from orchestrator.actions.runs import start_run
from orchestrator.models import Pipeline
pipeline = Pipeline.objects.get(slug="digits-training")
run = start_run(actor="admin", pipeline=pipeline, parameters={"epochs": 2, "trees": 3})
print(run.number)
"""


def test_a_nested_run_is_looked_into_and_gone_to(
    page: Page,
    live_stack: LiveStack,
    album: Path,  # noqa: F811
) -> None:
    number = live_stack.manage("shell", "-v0", "-c", START).split()[-1]
    page.goto(f"/runs/sample/digits-training/{number}/")
    run = RunPage(page)
    run.card("data").click()
    panel = page.get_by_role("complementary", name="Selected step")
    panel.get_by_role("button", name="Show it here").click()
    inner = page.get_by_role("region", name=re.compile("^Inside Digits data #"))
    expect(inner.get_by_role("button", name=re.compile("^split, completed"))).to_be_visible(
        timeout=LONG
    )
    pictures(page, album, "nested-run-shown")
    inner.get_by_role("button", name=re.compile("^clean, ")).click()
    inner.get_by_role("link", name=re.compile("^Open clean in Digits data")).click()
    page.wait_for_url(re.compile(r"/runs/sample/digits-data/\d+/\?step=clean"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("completed", timeout=LONG)
    page.get_by_role("link", name=f"Digits training #{number}").click()
    page.wait_for_url(re.compile(rf"/runs/sample/digits-training/{number}/\?step=data"))
    expect(panel.get_by_role("link", name=re.compile("^Open Digits data #"))).to_be_visible()
    run.expect_run("completed")

    page.goto("/runs/?pipeline=sample/digits-data")
    row = page.get_by_role("row", name=re.compile("Digits data"))
    expect(row.get_by_role("link", name=f"Digits training #{number}")).to_be_visible()
