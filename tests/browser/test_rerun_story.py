"""Rerun: seen before it happens, with another value, from here on; then what became stale."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import pictures
from tests.browser.run_page import LONG, RunPage
from tests.browser.test_run_story import start_digits

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]


def attempts(run: RunPage, *steps: str) -> list[str | None]:
    """The number of each step's current attempt, as the table says it."""
    return [run.row(step).locator('[data-cell="attempt"]').text_content() for step in steps]


def test_a_rerun_is_seen_before_it_happens_and_changes_a_value(
    page: Page, complaints: object
) -> None:
    complaints.allow("400")  # type: ignore[attr-defined]  # what a wrong value is answered with
    run = start_digits(page, epochs=1, trees=3)
    run.show("Table")
    run.expect_run("completed")
    panel = run.select("softmax-slow")
    run.show("Graph")

    # Coming near is enough to see.
    panel.get_by_role("button", name="Rerun this step").hover()
    expect(page.get_by_role("button", name=re.compile("^softmax-slow, .*will run"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^compare, .*becomes stale"))).to_be_visible()
    pictures(page, "rerun-seen-in-passing")
    page.mouse.move(5, 5)
    expect(page.get_by_role("button", name=re.compile("will run"))).to_have_count(0)

    panel.locator("summary", has_text="More ways to rerun it").click()
    panel.get_by_role("button", name="Rerun from here…").click()
    sheet = page.get_by_role("dialog", name="Rerun")
    told = sheet.get_by_role("region", name="What would happen")
    expect(told).to_contain_text("3 will run")
    expect(told).to_contain_text("6 reused")
    expect(told).to_contain_text("earlier attempts")
    rate = sheet.get_by_label("General/learning_rate")
    expect(rate).to_have_value("0.005")
    rate.fill("quick")
    expect(sheet).to_contain_text("number")
    expect(sheet.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    rate.fill("0.05")
    expect(sheet.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    pictures(page, "rerun-sheet")
    sheet.get_by_role("button", name="Run", exact=True).click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_text("Rerun asked for: 3 will run.")).to_be_visible()

    run.show("Table")
    expect(page.get_by_role("definition").filter(has_text=re.compile("^2$"))).to_be_visible()
    run.expect_run("completed")
    assert attempts(run, "split", "softmax-slow", "softmax-fast", "compare", "report") == [
        *("1", "2", "1", "2", "2")
    ]
    expect(panel).to_contain_text("rerun by admin")
    expect(panel.locator(".run-parameters")).to_contain_text("0.05")

    # Only one: what has used the older result is stale until it is refreshed.
    panel.get_by_role("button", name="Rerun this step").click()
    page.mouse.move(5, 5)
    refresh = page.get_by_role("button", name=re.compile("Refresh stale"))
    expect(refresh).to_be_visible(timeout=LONG)
    expect(run.row("compare")).to_contain_text("stale")
    run.expect_run("completed")
    pictures(page, "rerun-stale")
    refresh.click()
    expect(refresh).to_be_hidden(timeout=LONG)
    run.expect_run("completed")
    assert attempts(run, "softmax-slow", "compare", "report") == ["3", "3", "3"]


def test_several_steps_are_selected_by_mouse_and_keyboard(page: Page) -> None:
    run = start_digits(page, epochs=1, trees=3)
    run.show("Table")
    run.expect_run("completed")
    run.row("forest").get_by_role("checkbox", name="Select forest").check()
    run.row("neighbours").get_by_role("link", name="neighbours", exact=True).focus()
    page.keyboard.press("x")
    bar = page.get_by_role("group", name="Selected steps")
    expect(bar).to_contain_text("2 steps selected")
    run.show("Graph")
    run.card("load").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 steps selected")
    run.card("load").click(modifiers=["Shift"])
    expect(bar).to_contain_text("2 steps selected")
    bar.get_by_role("button", name="Rerun…").click()
    sheet = page.get_by_role("dialog", name="Rerun")
    expect(sheet.get_by_role("region", name="What would happen")).to_contain_text("2 will run")
    pictures(page, "rerun-of-a-selection")
    run.show("Table")
    expect(run.row("forest")).to_contain_text("will run")
    pictures(page, "rerun-foreseen-in-the-table")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
