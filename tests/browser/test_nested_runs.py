"""A pipeline as a step: looked into where it stands, gone to, and come back from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor_page import EditorPage, new_pipeline
from tests.browser.pictures import pictures
from tests.browser.run_page import LONG, RunPage
from tests.live_stack import LiveStack

pytestmark = [pytest.mark.usefixtures("sample"), pytest.mark.embedded]

START = """
from orchestrator.actions.runs import start_run
from orchestrator.models import Pipeline
pipeline = Pipeline.objects.get(slug="digits-training")
run = start_run(actor="admin", pipeline=pipeline, parameters={"epochs": 2, "trees": 3})
print(run.number)
"""


def test_a_nested_run_is_looked_into_and_gone_to(page: Page, live_stack: LiveStack) -> None:
    number = live_stack.manage("shell", "-v0", "-c", START).split()[-1]
    page.goto(f"/runs/sample/digits-training/{number}/")
    run = RunPage(page)
    run.card("data").click()
    panel = page.get_by_role("complementary", name="Selected step")
    panel.get_by_role("button", name="Show it here").click()
    inner = page.get_by_role("region", name=re.compile("^Inside Digits data #"))
    expect(inner.get_by_role("button", name=re.compile("^split, completed"))).to_be_visible(
        timeout=LONG
    )
    # The chart that it stands in makes room: the step that was opened is still to be seen.
    frame = inner.bounding_box()
    assert frame is not None
    page.wait_for_function(
        "top => document.querySelector('#run-graph').getBoundingClientRect().bottom <= top + 1",
        arg=frame["y"],
    )
    page.wait_for_timeout(600)
    card = run.card("data").bounding_box()
    assert card is not None
    assert card["y"] + card["height"] <= frame["y"]
    pictures(page, "nested-run-shown")
    inner.get_by_role("button", name=re.compile("^clean, ")).click()
    inner.get_by_role("link", name=re.compile("^Open clean in Digits data")).click()
    page.wait_for_url(re.compile(r"/runs/sample/digits-data/\d+/\?step=clean"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("completed", timeout=LONG)
    page.get_by_role("link", name=f"Digits training #{number}").click()
    page.wait_for_url(re.compile(rf"/runs/sample/digits-training/{number}/\?step=data"))
    expect(panel.get_by_role("link", name=re.compile("^Open Digits data #"))).to_be_visible()
    run.expect_run("completed")

    page.goto("/runs/?pipeline=sample/digits-data")
    row = page.get_by_role("row", name=re.compile("Digits data"))
    expect(row.get_by_role("link", name=f"Digits training #{number}")).to_be_visible()


def test_a_pipeline_is_put_into_another_and_its_values_are_used(page: Page) -> None:
    editor = EditorPage(page, new_pipeline(page, "Nesting")).open()
    editor.add("Digits data")
    panel = editor.properties
    expect(panel.get_by_label("Pipeline", exact=True)).to_have_value("digits-data")
    fraction = panel.get_by_role("textbox", name="rows_fraction")
    fraction.fill("0.3")
    fraction.blur()
    expect(panel.get_by_label("Grace", exact=True)).to_have_count(0)
    editor.add("Train forest")
    panel.get_by_role("button", name="Refer to a value for train").click()
    choices = page.get_by_role("dialog")
    expect(choices.get_by_role("option", name=re.compile("outputs.validation"))).to_be_visible()
    choices.get_by_role("option", name=re.compile("outputs.train")).first.click()
    pictures(page, "nesting-in-the-editor")
    expect(editor.badge).to_have_text(re.compile("Saved"))
    data, forest = editor.document["steps"]
    assert data["kind"] == "pipeline"
    assert (data["pipeline"], data["parameters"]) == ("digits-data", {"rows_fraction": 0.3})
    assert list(forest["parameters"].values()) == [f"${{{data['name']}.outputs.train}}"] or list(
        forest["parameters"].values()
    ) == [f"${{`{data['name']}`.outputs.train}}"]
