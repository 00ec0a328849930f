"""A fan-out: items that nobody knew of appear on the open page, as one stack that opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import pictures
from tests.browser.run_page import RunPage
from tests.live_stack import LiveStack

pytestmark = [pytest.mark.usefixtures("sample"), pytest.mark.embedded]

LOAD = """
import json, os, pathlib, time
gate = pathlib.Path({gate!r})
while not gate.exists():
    time.sleep(0.05)
names = [{{"city": name}} for name in "Athens Bergen Cork Delft Essen".split()]
base = pathlib.Path(os.environ["PIPELINES_DIR"])
(base / "outputs.json").write_text(json.dumps({{"cities": names}}))
"""
# One city fails, the first time.
WORK = """
import json, os, pathlib
base, mark = pathlib.Path(os.environ["PIPELINES_DIR"]), pathlib.Path({mark!r})
asked = json.loads((base / "parameters.json").read_text())
if asked["General/city"] == "Cork" and not mark.exists():
    mark.touch()
    raise SystemExit("no data for Cork")
"""
START = """
import sys
sys.path.insert(0, {root!r})
from orchestrator.actions.runs import start_run
from orchestrator.models import User
from tests.makers import make_pipeline, make_project, make_template
project = make_project("fans", owner=User.objects.get(username="admin"))
city = [{{"name": "General/city", "type": "string", "default": ""}}]
make_template(project, "load", script={load!r}, parameters=(), actor="admin")
make_template(project, "work", script={work!r}, parameters=city, actor="admin")
steps = [
    {{"name": "load", "template": "load"}},
    {{"name": "forecast", "template": "work", "parameters": {{"city": "${{item.city}}"}},
      "for_each": {{"list": "${{load.outputs.cities}}", "max_parallel": 2}}}},
    {{"name": "report", "template": "work", "parents": ["forecast"]}},
]
pipeline = make_pipeline(project, "cities", document={{"schema": 1, "steps": steps}}, actor="admin")
print(start_run(actor="admin", pipeline=pipeline).number)
"""


def test_a_fan_out_appears_opens_fails_at_one_item_and_is_mended(
    page: Page, live_stack: LiveStack, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    load = LOAD.format(gate=str(gate))
    work = WORK.format(mark=str(tmp_path / "mark"))
    code = START.format(root=str(Path(__file__).parents[2]), load=load, work=work)
    number = live_stack.manage("shell", "-v0", "-c", code).split()[-1]
    page.goto(f"/runs/fans/cities/{number}/")
    run = RunPage(page)
    expect(run.card("forecast")).to_be_visible()
    gate.touch()

    # Nobody has loaded the page anew, and yet there is a stack with all of its items.
    stack = page.get_by_role("button", name=re.compile("^forecast ×5, .*1 failed"))
    expect(stack).to_be_visible()
    run.expect_run("failed")
    expect(stack).to_have_attribute("aria-expanded", "false")
    pictures(page, "fan-out-as-a-stack")
    stack.click()
    expect(run.card("forecast[2]")).to_be_visible()
    panel = page.get_by_role("complementary", name="Selected step")
    items = panel.get_by_role("region", name="Items of forecast")
    expect(items).to_contain_text("1 failed")
    expect(items).to_contain_text("Bergen")
    pictures(page, "fan-out-opened")
    items.get_by_role("link", name="forecast[2]").click()
    expect(panel.get_by_role("heading", name="forecast[2]")).to_be_visible()
    expect(panel).to_contain_text("Cork")

    run.show("Table")
    expect(run.row("forecast[0]")).to_be_visible()
    pictures(page, "fan-out-in-the-table")
    page.get_by_role("button", name="Items of forecast").click()
    expect(run.row("forecast[0]")).to_be_hidden()

    panel.get_by_role("button", name="Rerun this step").click()
    run.expect_run("completed")
    expect(run.row("forecast").first).to_contain_text("5/5 done")
    expect(panel.get_by_role("navigation", name="Attempts").get_by_role("link")).to_have_count(2)
