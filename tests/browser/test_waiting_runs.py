"""Runs that wait for an agent that nobody has: each says why, and all of them are ended at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.browser.pictures import pictures
from tests.browser.run_page import RunPage
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

START = """
from orchestrator.actions.pipelines import create_pipeline, publish
from orchestrator.actions.runs import start_run
from orchestrator.models import Line, Pipeline, Project
Line.objects.get_or_create(kind="queue", name="gpu")
project = Project.objects.get(slug="sample")
pipeline = Pipeline.objects.filter(slug="unserved").first()
if pipeline is None:
    steps = [
        {"name": "train", "template": "clean", "queue": "gpu"},
        {"name": "report", "template": "clean", "parents": ["train"]},
    ]
    pipeline = create_pipeline(
        actor="admin", project=project, slug="unserved", name="Nobody serves it",
        document={"schema": 1, "steps": steps},
    )
    publish(actor="admin", pipeline=pipeline)
for _ in range(4):
    start_run(actor="admin", pipeline=pipeline)
"""


@pytest.fixture
def waiting(sample: str, live_stack: LiveStack) -> None:
    """Four runs whose first step stands in a queue that no agent serves."""
    live_stack.manage("shell", "-v0", "-c", START)


def test_a_step_says_that_no_agent_serves_its_queue(page: Page, waiting: None) -> None:
    page.goto("/pipelines/sample/unserved/")
    page.get_by_role("region", name="Runs").get_by_role("link", name=re.compile("^#")).first.click()
    run = RunPage(page)
    run.show("Table")
    expect(run.row("train")).to_contain_text('no agent serves the queue "gpu"')
    expect(run.row("report")).to_contain_text('waits for "train"')
    panel = run.select("train")
    expect(panel).to_contain_text('no agent serves the queue "gpu"')
    pictures(page, "waiting-step")
    row = page.request.get("/api/v1/runs/?pipeline=sample/unserved").json()["results"][0]
    steps = page.request.get(f"/api/v1/runs/{row['id']}/steps/").json()
    assert steps[0]["why"] == 'no agent serves the queue "gpu"'


def test_many_runs_are_chosen_by_keyboard_asked_and_ended(page: Page, waiting: None) -> None:
    page.goto("/runs/?pipeline=sample/unserved&status=running")
    boxes = page.get_by_role("checkbox", name=re.compile("^Choose run #"))
    expect(boxes).not_to_have_count(0)
    bar = page.get_by_role("form", name="Chosen runs")
    expect(bar).to_be_hidden()

    boxes.first.focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("1 run chosen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(bar).to_contain_text("3 runs chosen")
    assert barriers(page) == []
    pictures(page, "runs-chosen")
    bar.get_by_role("button", name="Abort").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Abort these runs?")).to_be_visible()
    preview = dialog.get_by_role("region", name="Preview")
    expect(preview.get_by_role("row")).to_have_count(4)
    expect(preview).to_contain_text("1 queued")
    assert barriers(page) == []
    pictures(page, "runs-preview")
    dialog.get_by_role("button", name="Abort: 3 runs").click()

    results = dialog.get_by_role("region", name="Results")
    expect(dialog).to_contain_text("3 of 3 were asked")
    expect(results.get_by_text("done")).to_have_count(3)
    pictures(page, "runs-results")
    page.keyboard.press("Escape")
    # The list has followed: what is aborted does not match any more.
    expect(bar).to_be_hidden()

    page.goto("/runs/?pipeline=sample/unserved")
    page.get_by_role("checkbox", name="Choose all runs shown").check()
    bar.get_by_role("button", name="Abort").click()
    expect(preview).to_contain_text("not possible: the run is aborted already")
    dialog.get_by_role("button", name=re.compile("^Abort: ")).click()
    expect(dialog).to_contain_text(re.compile(r"\d+ of \d+ (was|were) asked"))
