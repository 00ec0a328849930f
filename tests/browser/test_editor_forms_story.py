"""A step's form against the real server: values of a run are referred to, saved, compared."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipelines.http import Api
from tests.faults.workload import MAKE_TOKEN
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

PROJECT = "forms"
DOUBLE = """
from pipelines import Task
task = Task.current_task()
wanted = task.connect({"n": 3})
task.set_output("twice", 2 * wanted["n"])
"""
TEMPLATE = {
    "template": True,
    "project": PROJECT,
    "slug": "double",
    "name": "Double",
    "kind": "python",
    "parameters": [{"name": "General/n", "type": "integer", "default": 3}],
}
DOCUMENT = {
    "schema": 1,
    "steps": [
        {"name": "first", "template": "double", "version": 1},
        {"name": "second", "template": "double", "parents": ["first"]},
    ],
}
PATH = f"pipelines/{PROJECT}/small"


@pytest.fixture
def api(live_stack: LiveStack) -> Api:
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    return Api(live_stack.base_url, token, patience=60)


@pytest.fixture
def pipeline(api: Api) -> str:
    """A pipeline that has run once, and whose template has a newer version since; its page."""
    api.send("POST", "projects/", {"name": PROJECT, "slug": PROJECT})
    template = api.send("POST", "tasks/", {**TEMPLATE, "script": DOUBLE})
    body = {"project": PROJECT, "slug": "small", "name": "Small", "document": DOCUMENT}
    api.send("POST", "pipelines/", body)
    revision = api.get(f"{PATH}/draft/")["revision"]
    api.send("POST", f"{PATH}/publish/", {}, headers={"If-Match": f'"{revision}"'})
    run = api.send("POST", f"{PATH}/runs/", {})
    wait_for("completed", lambda: api.get(f"runs/{run['id']}/")["status"])
    newer = {**TEMPLATE, "script": DOUBLE + "print('again')\n"}
    api.send("PUT", f"tasks/{template['id']}/", newer)
    return f"/pipelines/{PROJECT}/small/"


def wait_for(wanted: Any, look: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"{seen} instead of {wanted}"
        time.sleep(0.2)


def steps_of(api: Api) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = api.get(f"{PATH}/draft/")["document"]["steps"]
    return steps


def test_a_value_of_the_last_run_is_referred_to_saved_and_compared(
    page: Page, api: Api, pipeline: str
) -> None:
    page.goto(f"{pipeline}edit/")
    canvas = page.get_by_role("region", name="Canvas")
    properties = page.get_by_role("complementary", name="Properties")
    canvas.get_by_role("button", name=re.compile("^second,")).click()
    number = properties.get_by_role("textbox", name="n", exact=True)
    expect(number).to_have_attribute("placeholder", "3")
    number.click()
    page.keyboard.type("${")
    dialog = page.get_by_role("dialog", name="Refer to a value for n")
    page.keyboard.type("first twice")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("6")
    page.keyboard.press("Enter")
    chosen = properties.get_by_role("button", name="first › outputs › twice: go to step first")
    expect(chosen).to_be_focused()
    expect(properties).to_contain_text("Last run: 6")

    chosen.click()
    properties.get_by_role("button", name="Take version 2").click()
    name = properties.get_by_role("textbox", name="Name")
    name.fill("source")
    name.press("Enter")
    expect(canvas.get_by_role("button", name=re.compile("^source,"))).to_be_visible()
    given = {"General/n": "${source.outputs.twice}"}
    wanted = [
        {"name": "source", "template": "double", "version": 2},
        {"name": "second", "template": "double", "parents": ["source"], "parameters": given},
    ]
    wait_for(wanted, lambda: steps_of(api))

    page.reload()
    canvas.get_by_role("button", name=re.compile("^second,")).click()
    kept = properties.get_by_role("button", name="source › outputs › twice: go to step source")
    expect(kept).to_be_visible()

    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Compare version 1").click()
    since = page.get_by_role("region", name="The draft since version 1")
    expect(since).to_contain_text("General/n")
    expect(since.get_by_role("region", name="Difference as text")).to_contain_text("name: source")
    page.get_by_role("button", name="Back to editing").click()
    expect(since).to_have_count(0)
    page.get_by_role("button", name="Restore version 1").click()
    expect(canvas.get_by_role("button", name=re.compile("^first,"))).to_be_visible()
