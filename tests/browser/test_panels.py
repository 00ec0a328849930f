"""What a step says and leaves, as a person looks into it: plots, a long log, a table, a tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipelines.http import Api
from tests.browser.pictures import pictures
from tests.browser.run_page import LONG
from tests.faults.workload import MAKE_TOKEN
from tests.live_stack import LiveStack

LINES = 30_000
TALK = f"""
import time
from pipelines import Task
task = Task.current_task()
logger = task.get_logger()
for n in range(20):
    if n == 10:
        time.sleep(3)
    logger.report_scalar("loss", "train", value=1 / (n + 1), iteration=n)
task.upload_artifact("rows.csv", "word,count\\nten,10\\nnine,9\\n")
task.upload_artifact("settings", {{"deep": {{"answer": 42}}, "list": list(range(500))}})
for n in range({LINES}):
    if n == 12_345:
        print("\\x1b[31mERROR: the needle\\x1b[0m is here")
    else:
        print("line", n)
"""
PROJECT = "panels"


@pytest.fixture
def run_address(live_stack: LiveStack) -> str:
    """A run of one step that talks a lot."""
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    api = Api(live_stack.base_url, token, patience=60)
    api.send("POST", "projects/", {"name": PROJECT, "slug": PROJECT})
    template = {"template": True, "project": PROJECT, "slug": "talk", "name": "talk"}
    api.send("POST", "tasks/", {**template, "kind": "python", "script": TALK, "parameters": []})
    document = {"schema": 1, "steps": [{"name": "talk", "template": "talk"}]}
    body = {"project": PROJECT, "slug": "loud", "name": "Loud", "document": document}
    api.send("POST", "pipelines/", body)
    path = f"pipelines/{PROJECT}/loud"
    revision = api.get(f"{path}/draft/")["revision"]
    api.send("POST", f"{path}/publish/", {}, headers={"If-Match": f'"{revision}"'})
    number = api.send("POST", f"{path}/runs/", {})["number"]
    return f"/runs/{PROJECT}/loud/{number}/?step=talk"


def test_plots_log_and_artifacts_of_a_step_are_looked_into(page: Page, run_address: str) -> None:
    page.goto(run_address)
    page.evaluate("window.loadedOnce = true")
    heading = page.get_by_role("heading", level=1)
    panel = page.get_by_role("complementary", name="Selected step")
    loss = panel.get_by_role("figure").filter(has_text="loss")
    expect(loss.locator("canvas")).to_be_visible(timeout=LONG)
    expect(heading).to_contain_text("completed", timeout=LONG)

    loss.locator(".u-over").hover(position={"x": 2, "y": 40})
    expect(loss).to_contain_text(re.compile(r"train:?\s*1"))
    width = loss.locator(".u-over").bounding_box()["width"]  # type: ignore[index]
    loss.locator(".u-over").hover(position={"x": width - 2, "y": 40})
    expect(loss).to_contain_text(re.compile(r"train:?\s*0.05"))
    assert page.evaluate("window.loadedOnce") is True
    # What the step used of processor and memory is told apart, below.
    panel.get_by_text("As numbers").first.click()
    expect(panel.get_by_role("row", name=re.compile("loss · train"))).to_contain_text("0.05")

    panel.get_by_text("rows.csv", exact=True).click()
    table = panel.get_by_role("table").filter(has_text="word")
    table.get_by_role("button", name="count").click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("nine")
    panel.get_by_text("settings", exact=True).click()
    panel.get_by_text("deep: { 1 value }").click()
    expect(panel.get_by_text("answer: 42")).to_be_visible()

    panel.get_by_role("button", name="Log").click()
    log = page.get_by_role("region", name="Log", exact=True)
    expect(log).to_contain_text(f"{LINES:,} lines")
    expect(log.get_by_text(f"line {LINES - 1}", exact=True)).to_be_visible()
    log.get_by_label("Find in the log").fill("the NEEDLE")
    expect(log).to_contain_text("1/1")
    expect(log.get_by_role("log").get_by_text("is here")).to_be_visible()
    log.get_by_label("Find in the log").fill("")
    log.get_by_label("Levels").select_option("Errors")
    expect(log).to_contain_text("1 line")
    expect(log.get_by_text(f"line {LINES - 1}", exact=True)).to_have_count(0)
    log.get_by_label("Levels").select_option("All lines")

    log.get_by_label("Go to line").fill("20001")
    log.get_by_label("Go to line").press("Enter")
    log.get_by_role("link", name="20001", exact=True).click()
    assert page.url.endswith("&attempt=1#L20001")
    with page.expect_download() as download:
        log.get_by_label("Download the log").click()
    text = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(text) == LINES
    assert [text[0], text[20_000], text[-1]] == ["line 0", "line 20000", f"line {LINES - 1}"]

    page.reload()
    expect(log.get_by_text("line 20000", exact=True)).to_be_visible()
    log.get_by_label("Close the log").click()
    loss.scroll_into_view_if_needed()
    pictures(page, "panels")
