"""The whole way: start a run with a changed parameter, watch it, abort a step, rerun it, done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import pictures
from tests.browser.run_page import LONG, RunPage
from tests.live_stack import LiveStack

pytestmark = pytest.mark.usefixtures("sample")


def start_digits(page: Page, **parameters: object) -> RunPage:
    """Start the sample from the list of pipelines, through its form."""
    page.goto("/pipelines/")
    page.get_by_role("row", name=re.compile("Handwritten digits")).get_by_role(
        "link", name=re.compile("Run")
    ).click()
    for name, value in parameters.items():
        page.get_by_label(re.compile(f"^{name}")).fill(str(value))
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/sample/digits/\d+/"))
    return RunPage(page)


def test_a_run_is_started_watched_aborted_in_part_rerun_and_completes(page: Page) -> None:
    run = start_digits(page, epochs=12, trees=10, pause_seconds=1)
    run.show("Table")
    run.watch("softmax-slow")
    run.expect_step("load", "completed")
    run.expect_step("softmax-slow", "running")

    panel = run.select("softmax-slow")
    expect(panel.get_by_text("12", exact=True).first).to_be_visible()
    panel.get_by_role("button", name="Log").click()
    log = page.get_by_role("region", name="Log", exact=True)
    expect(log).to_contain_text("epoch 1", timeout=LONG)
    expect(log).to_contain_text("epoch 3", timeout=LONG)
    run.show("Graph")
    pictures(page, "run-with-a-growing-log")
    run.show("Table")

    panel.get_by_role("button", name="Abort this step").click()
    run.confirm("Abort step")
    run.expect_step("softmax-slow", "aborted")
    run.expect_step("report", "skipped")
    expect(run.row("report")).to_contain_text("softmax-slow")
    run.expect_run("aborted")
    run.show("Graph")
    pictures(page, "run-aborted-in-part")
    run.show("Table")

    panel.get_by_role("button", name="Rerun this step").click()
    run.expect_step("softmax-slow", "running")
    run.expect_step("report", "completed")
    run.expect_run("completed")
    expect(run.row("softmax-slow")).to_contain_text("2")
    expect(run.row("softmax-fast")).to_contain_text("1")
    shown = [status for status in run.seen if status not in ("pending", "queued")]
    assert shown == ["running", "aborting", "aborted", "running", "completed"], run.seen
    run.show("Graph")
    pictures(page, "run-completed")


def test_a_page_that_was_cut_off_shows_the_truth_when_it_is_back(
    page: Page, live_stack: LiveStack, complaints: object
) -> None:
    complaints.allow("ERR_INTERNET_DISCONNECTED|WebSocket|Failed to fetch")  # type: ignore[attr-defined]
    run = start_digits(page, epochs=1, trees=3)
    run.show("Table")
    run.expect_step("load", "completed")
    page.context.set_offline(True)
    page.wait_for_timeout(10_000)
    page.context.set_offline(False)
    # One second to notice and fetch, on a machine that may be busy.
    expect(page.get_by_text("Live", exact=True).first).to_be_visible(timeout=5_000)
    run.expect_run("completed")
    told = page.request.get(f"{page.url.split('?')[0]}").text()
    assert "completed" in told
    for step in ("compare", "report"):
        run.expect_step(step, "completed")
