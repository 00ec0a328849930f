"""A run with many steps: found, focused, collapsed and steered, on the chart and in the table."""

import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.run_page import LONG, RunPage
from tests.live_stack import LiveStack
from tests.services import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def wide(page: Page, live_stack: LiveStack) -> RunPage:
    """The page of a run of 132 steps, of which the first has failed."""
    return open_wide(page, live_stack, items=130)


def open_wide(page: Page, live_stack: LiveStack, *, items: int) -> RunPage:
    # Letters only: a search for a number would find it in the project's name, too.
    letters = uuid.uuid4().hex[:6].translate(str.maketrans("0123456789", "ghijklmnop"))
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.wide_run", f"wide-{letters}", str(items)],
        env=live_stack.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    page.goto(made.stdout.strip())
    run = RunPage(page)
    run.expect_run("failed")
    return run


def test_a_page_that_is_older_than_its_states_says_what_they_say(
    page: Page, live_stack: LiveStack
) -> None:
    ended = "from orchestrator.models import Run; print(Run.objects.latest('created_at').status)"

    def let_it_end_first(route: Route) -> None:
        live_stack.start("agent")
        wait_for(lambda: "failed" in live_stack.manage("shell", "-v0", "-c", ended))
        route.continue_()

    live_stack.kill("agent")
    page.route(re.compile("part=snapshot"), let_it_end_first)
    open_wide(page, live_stack, items=600)
    expect(page.get_by_role("button", name="Rerun failed")).to_be_visible()


def test_many_steps_are_collapsed_found_and_focused_on_the_chart(wide: RunPage) -> None:
    page = wide.page
    stack = page.get_by_role("button", name="fit ×130, 130/130 done")
    expect(stack).to_have_attribute("aria-expanded", "false")

    page.keyboard.press("n")
    panel = page.get_by_role("complementary", name="Selected step")
    expect(panel.get_by_role("heading", name="load")).to_be_visible()
    expect(page.get_by_role("button", name="Next failed 1")).to_be_visible()

    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Find a step")
    expect(box).to_be_focused()
    box.fill("fit 12")
    expect(page.get_by_text("12 found")).to_be_visible()
    box.press("Enter")
    # On the way the stack has been opened, and the rest of it is faded.
    expect(panel.get_by_role("heading", name="fit 12", exact=True)).to_be_visible()
    expect(page.get_by_text("1 of 12")).to_be_visible()
    expect(wide.card("fit 12")).to_have_attribute("data-look", "lit")
    box.press("Shift+Enter")
    expect(panel.get_by_role("heading", name="fit 129")).to_be_visible()
    box.press("Escape")
    expect(page.get_by_text("1 of 12")).to_be_hidden()

    lineage = page.get_by_role("button", name="Lineage")
    box.press("Escape")
    page.keyboard.press("f")
    expect(lineage).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("3 of 3").or_(page.get_by_text("2 of 3"))).to_be_visible()
    lineage.click()

    page.get_by_role("button", name="Collapse fit").click()
    expect(stack).to_be_visible()
    page.get_by_role("link", name="131 skipped").click()
    expect(page.get_by_text("of 131")).to_be_visible()
    expect(wide.card("load")).to_have_attribute("data-look", "faded")


def test_the_table_lists_what_is_looked_for_and_steers(wide: RunPage) -> None:
    page = wide.page
    page.keyboard.press("t")
    table = page.get_by_role("table", name="Steps")
    expect(table).to_have_attribute("aria-rowcount", "133")
    # Only the rows in view exist.
    assert 10 < table.get_by_role("row").count() < 80
    page.get_by_role("link", name="131 skipped").click()
    expect(table).to_have_attribute("aria-rowcount", "132")
    page.get_by_role("button", name="Show all steps").click()

    table.get_by_role("button", name="Step", exact=True).click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("fit 0")
    table.get_by_role("link", name="fit 0", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(table.get_by_role("link", name="fit 1", exact=True)).to_be_focused()
    page.keyboard.press("End")
    expect(table.get_by_role("link", name="load", exact=True)).to_be_focused()

    row = wide.row("load")
    row.get_by_role("button", name="Log of load").click()
    expect(page.get_by_role("region", name="Log", exact=True)).to_contain_text("no data")
    row.get_by_role("button", name="Rerun load").click()
    expect(row.locator("[data-cell=attempt]")).to_have_text("2", timeout=LONG)
    wide.expect_step("load", "failed")
    expect(row.get_by_role("button", name=re.compile("Abort"))).to_have_count(0)


def test_a_run_whose_data_stand_beside_its_page_is_drawn_listed_and_steered(
    page: Page, live_stack: LiveStack
) -> None:
    big = open_wide(page, live_stack, items=600)
    expect(page.get_by_role("button", name="fit ×600, 600/600 done")).to_be_visible()
    page.keyboard.press("n")
    panel = page.get_by_role("complementary", name="Selected step")
    expect(panel.get_by_role("heading", name="load")).to_be_visible()
    panel.get_by_role("button", name="Log").click()
    expect(page.get_by_role("region", name="Log", exact=True)).to_contain_text("no data")

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Table").click()
    expect(page.get_by_role("table", name="Steps")).to_have_attribute("aria-rowcount", "603")
    row = big.row("load")
    row.get_by_role("button", name="Rerun load").click()
    expect(row.locator("[data-cell=attempt]")).to_have_text("2", timeout=LONG)
