"""A run is aborted: one step saves what it has; for one that is deaf the page counts down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import pictures
from tests.browser.run_page import RunPage
from tests.faults.workload import PROJECT, Stack, python_template
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

GRACE_SECONDS = 6
SAVES = """
import time
from pathlib import Path
from pipelines import Task
task = Task.current_task()
def save():
    task.upload_artifact("checkpoint", {"epoch": 3})
    print("saved what there was", flush=True)
task.register_abort_callback(save)
Path(task.get_parameter("General/folder"), "saves.ready").touch()
time.sleep(600)
"""
DEAF = """
import signal, time
from pathlib import Path
from pipelines import Task
task = Task.current_task()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
Path(task.get_parameter("General/folder"), "deaf.ready").touch()
time.sleep(600)
"""


def start(live_stack: LiveStack, folder: Path) -> str:
    """A run of two steps that would never end, ready to be aborted; the address of its page."""
    stack = Stack(live_stack)
    steps = []
    for name, script in (("saves", SAVES), ("deaf", DEAF)):
        stack.add_template(f"abort-{name[:2]}", python_template(script))
        given = {"General/folder": "${pipeline.folder}"}
        step = {"name": name, "template": f"abort-{name[:2]}", "parameters": given}
        steps.append({**step, "grace": GRACE_SECONDS})
    workload = stack.start(folder, steps)
    workload.wait(lambda: len(list(folder.glob("*.ready"))) == 2, "both steps to be ready")
    run = workload.run()
    return f"/runs/{PROJECT}/{run['pipeline']}/{run['number']}/?tab=table&step=deaf"


def test_an_abort_is_shown_from_its_asking_to_its_end(
    page: Page, live_stack: LiveStack, tmp_path: Path
) -> None:
    page.goto(start(live_stack, tmp_path))
    run = RunPage(page)
    for step in ("saves", "deaf"):
        run.expect_step(step, "running")
    panel = page.get_by_role("complementary", name="Selected step")
    page.get_by_role("button", name="Abort run").click()
    run.confirm("Abort run")
    way = panel.get_by_role("list", name="How far the abort has come")
    expect(way).to_contain_text("Asked to end")
    expect(way).to_contain_text(re.compile("Delivered to .+ after"))
    expect(way).to_contain_text(re.compile(r"is killed in \d+ s"))
    left = way.locator("[data-time-left]")
    first = left.inner_text()
    expect(left).not_to_have_text(first)
    unconfirmed = page.get_by_role("region", name="Not confirmed yet")
    expect(unconfirmed).to_contain_text("1 step has not confirmed the end yet")
    expect(unconfirmed).to_contain_text(re.compile(r"deaf on .+, is killed in \d+ s"))
    pictures(page, "run-being-aborted")

    run.expect_run("aborted")
    expect(way).to_contain_text(re.compile("Killed, nothing is left after [0-9.]+ s"))
    expect(unconfirmed).to_have_count(0)
    panel = run.select("saves")
    expect(way).to_contain_text(re.compile("Ended by itself, nothing is left after [0-9.]+ s"))
    expect(panel).to_contain_text("checkpoint")
    pictures(page, "run-aborted-with-a-checkpoint")
