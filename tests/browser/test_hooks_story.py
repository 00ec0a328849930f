"""A run whose steps call hooks, and one that takes its results: what stands under a step."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from pipelines.http import Api
from tests.browser.run_page import LONG
from tests.faults.workload import MAKE_TOKEN
from tests.live_stack import LiveStack

pytestmark = pytest.mark.embedded

PROJECT = "hooked"
PATH = f"pipelines/{PROJECT}/calls"
PRE = "def hook(event):\n    return {'parameters': {'rows': 3}}\n"
POST = (
    "def hook(event):\n    if event['run']['number'] == 2:\n        raise ValueError('not twice')\n"
)
DOCUMENT = {
    "schema": 1,
    "steps": [
        {
            "name": "load",
            "template": "load",
            "cache": True,
            "hooks": {"pre": [{"kind": "python", "code": PRE}]},
        },
        {
            "name": "report",
            "template": "load",
            "parents": ["load"],
            "hooks": {"post": [{"kind": "python", "code": POST}]},
        },
    ],
}


@pytest.fixture
def api(live_stack: LiveStack) -> Api:
    """A project with the pipeline, published."""
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    api = Api(live_stack.base_url, token, patience=60)
    api.send("POST", "projects/", {"name": PROJECT, "slug": PROJECT})
    rows = {"name": "General/rows", "type": "integer", "default": 10}
    template = {"template": True, "project": PROJECT, "slug": "load", "name": "load"}
    script = {"kind": "python", "script": "print('loading')", "parameters": [rows]}
    api.send("POST", "tasks/", {**template, **script})
    body = {"project": PROJECT, "slug": "calls", "name": "Calls", "document": DOCUMENT}
    api.send("POST", "pipelines/", body)
    revision = api.get(f"{PATH}/draft/")["revision"]
    api.send("POST", f"{PATH}/publish/", {}, headers={"If-Match": f'"{revision}"'})
    return api


def test_hooks_and_the_cache_are_seen_under_their_steps(page: Page, api: Api) -> None:
    panel = page.get_by_role("complementary", name="Selected step")
    heading = page.get_by_role("heading", level=1)
    api.send("POST", f"{PATH}/runs/", {})
    page.goto(f"/runs/{PROJECT}/calls/1/?step=load")
    expect(heading).to_contain_text("completed", timeout=LONG)
    expect(panel).to_contain_text("nothing like it has completed before")

    api.send("POST", f"{PATH}/runs/", {})
    page.goto(f"/runs/{PROJECT}/calls/2/?step=load")
    expect(heading).to_contain_text("failed", timeout=LONG)
    expect(panel).to_contain_text("takes the result of an equal task")
    expect(panel.get_by_role("link", name="run #1 · load")).to_be_visible()
    expect(panel).to_contain_text('{"parameters": {"rows": 3}}')
    page.goto(f"/runs/{PROJECT}/calls/2/?step=report")
    expect(panel).to_contain_text("ValueError: not twice")
    expect(panel.get_by_role("link", name="Python, with its log")).to_be_visible()
