"""Pipelines that Python drives, on their pages: a controller that is asked, a script that adds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pipelines.http import Api
from tests.browser.barriers import barriers
from tests.browser.run_page import LONG, RunPage
from tests.faults.workload import MAKE_TOKEN
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

PROJECT = "python-pages"
CONTROLLER = """
import time
from pathlib import Path
from pipelines import PipelineController

GATE = Path({gate!r})

def before(pipeline, node, parameters):
    print("asked before", node.name, flush=True)
    while not GATE.exists():
        time.sleep(0.05)
    parameters["General/rows"] = 42

pipe = PipelineController(name="Asked", project={project!r}, version="1.0.0")
pipe.add_step(
    name="fetch", base_task_project={project!r}, base_task_name="work", pre_execute_callback=before
)
pipe.add_step(name="use", base_task_project={project!r}, base_task_name="work", parents=["fetch"])
pipe.start()
print("all is done", flush=True)
"""
SCRIPT = """
import json, os, time, urllib.request
from pathlib import Path

FOLDER = Path({folder!r})
RUN = os.environ["PIPELINES_TASK"].partition(".")[0]

def wait_for(name):
    print("waits for", name, flush=True)
    while not (FOLDER / name).exists():
        time.sleep(0.05)

def add(name, parents):
    step = {{"name": name, "template": "work", "parents": parents}}
    request = urllib.request.Request(
        os.environ["PIPELINES_API_URL"] + f"/api/v1/runs/{{RUN}}/steps/?wait=60",
        data=json.dumps({{"steps": [{{"key": name, "step": step}}]}}).encode(),
        headers={{
            "Authorization": "Bearer " + os.environ["PIPELINES_TOKEN"],
            "Content-Type": "application/json",
        }},
    )
    urllib.request.urlopen(request).read()

wait_for("one")
add("find", [])
wait_for("two")
add("again", ["find"])
wait_for("the end of time")
"""


@pytest.fixture
def api(live_stack: LiveStack) -> Api:
    """A project with the one template that all steps are made of."""
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    api = Api(live_stack.base_url, token, patience=60)
    if not [one for one in api.get("projects/")["results"] if one["slug"] == PROJECT]:
        api.send("POST", "projects/", {"name": PROJECT, "slug": PROJECT})
        rows = {"name": "General/rows", "type": "integer", "default": 10}
        template = {"template": True, "project": PROJECT, "slug": "work", "name": "work"}
        script = {"kind": "python", "script": "print('loading')", "parameters": [rows]}
        api.send("POST", "tasks/", {**template, **script})
    return api


def register(api: Api, name: str, driver: str, script: str, steps: list[dict[str, object]]) -> str:
    """The pipeline, as its script registers it; the address of its page."""
    body = {
        "project": PROJECT,
        "name": name,
        "driver": driver,
        "document": {"schema": 1, "steps": steps},
        "script": {"script": script, "requirements": []},
    }
    registered = api.send("POST", "pipelines/register/", body)
    return f"/pipelines/{registered['pipeline']}/"


def script_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Controller script")


def start(page: Page, address: str) -> RunPage:
    """Start a run with the form of the pipeline's page."""
    page.goto(address)
    page.get_by_role("link", name=re.compile("^Run")).last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("waits in the queue services")
    dialog.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    return RunPage(page)


def test_a_controller_is_asked_watched_and_asked_again(
    page: Page, api: Api, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    callback = {"pre": [{"kind": "script"}]}
    steps: list[dict[str, object]] = [
        {"name": "fetch", "template": "work", "hooks": callback},
        {"name": "use", "template": "work", "parents": ["fetch"]},
    ]
    code = CONTROLLER.format(gate=str(gate), project=PROJECT)
    address = register(api, "Asked", "controller", code, steps)
    page.goto(address)
    expect(page.get_by_text("A Python script registered these steps")).to_be_visible()
    page.get_by_text("The script", exact=True).click()
    expect(page.get_by_text("asked before")).to_be_visible()
    assert barriers(page) == []

    run = start(page, address)
    script = script_of(page)
    expect(script).to_contain_text("running", timeout=LONG)
    expect(script).to_contain_text("1 callback to answer", timeout=LONG)
    run.show("Table")
    panel = run.select("fetch")
    expect(panel).to_contain_text("waits for its pre callback")
    expect(panel.get_by_role("heading", name="Callbacks")).to_be_visible()
    script.get_by_role("button", name="Log of the controller script").click()
    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text("asked before fetch", timeout=LONG)
    assert barriers(page) == []

    gate.touch()
    run.expect_run("completed")
    expect(log).to_contain_text("all is done", timeout=LONG)
    expect(script).to_contain_text("completed")
    expect(script).not_to_contain_text("to answer")
    expect(panel).to_contain_text('"General/rows": 42')
    run.show("History")
    expect(page.get_by_text("its pre callback was called")).to_be_visible()

    gate.unlink()
    panel.get_by_role("button", name="Rerun this step").click()
    expect(script).to_contain_text("1 callback to answer", timeout=LONG)
    expect(page.get_by_text("round", exact=True)).to_be_visible()
    expect(script).to_contain_text("Earlier logs: execution 1")
    gate.touch()
    run.expect_run("completed")
    run.show("Table")
    run.expect_step("fetch", "completed")
    expect(script).to_contain_text("completed", timeout=LONG)
    expect(panel.get_by_role("navigation", name="Attempts")).to_contain_text("2")


def test_steps_appear_as_the_script_adds_them_and_an_abort_ends_it(
    page: Page, api: Api, tmp_path: Path
) -> None:
    address = register(api, "Found", "script", SCRIPT.format(folder=str(tmp_path)), [])
    page.goto(address)
    expect(page.get_by_role("heading", name="Its steps appear as the script runs")).to_be_visible()
    run = start(page, address)
    script = script_of(page)
    expect(script).to_contain_text("running", timeout=LONG)
    expect(page.get_by_text("The script has not added a step yet.")).to_be_visible()
    assert barriers(page) == []
    page.evaluate("window.isTheSamePage = true")

    (tmp_path / "one").touch()
    expect(run.card("find")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("The script has not added a step yet.")).to_be_hidden()
    (tmp_path / "two").touch()
    expect(run.card("again")).to_be_visible(timeout=LONG)
    run.show("Table")
    run.expect_step("again", "completed")
    assert page.evaluate("window.isTheSamePage"), "the page was loaded anew"

    page.get_by_role("button", name="Abort run").click()
    expect(page.get_by_role("dialog")).to_contain_text("Its script and what runs are ended")
    run.confirm("Abort run")
    run.expect_run("aborted")
    expect(script).to_contain_text("aborted")
    assert barriers(page) == []
