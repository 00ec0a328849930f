"""Dropped on an edge, an edge dropped on nothing; copied, mended, run in part."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor_page import EditorPage, centre, new_pipeline
from tests.browser.run_page import LONG

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]

TWO: dict[str, Any] = {
    "schema": 1,
    "steps": [
        {"name": "load", "template": "load", "parameters": {"rows_fraction": "${pipeline.row}"}},
        {"name": "split", "template": "split", "parents": ["load"]},
    ],
    "parameters": [{"name": "rows", "type": "number", "default": 0.2}],
    "layout": {"load": [0, 0], "split": [440, 0]},
}


@pytest.fixture
def editor(page: Page) -> EditorPage:
    return EditorPage(page, new_pipeline(page, "Arranged", TWO)).open()


def test_on_an_edge_and_beyond_the_end_of_one(editor: EditorPage) -> None:
    page = editor.page
    (left, y), (right, _) = centre(editor.card("load")), centre(editor.card("split"))
    box = editor.canvas.bounding_box()
    assert box is not None
    # On the connection between the two.
    editor.drag("clean", (left + right) / 2 - box["x"], y - box["y"])
    expect(editor.card("clean")).to_be_visible()
    assert editor.edges == {("load", "clean"), ("clean", "split")}

    # From a card's edge to where nothing is: the palette opens there.
    port = editor.canvas.get_by_role("button", name="Connect split to a step")
    while not port.is_visible():
        editor.card("split").hover()
    page.mouse.move(*centre(port))
    page.mouse.down()
    page.mouse.move(right, y + 160, steps=6)
    page.mouse.up()
    dialog = page.get_by_role("dialog", name="Add a step")
    expect(dialog.get_by_role("searchbox", name="Search templates")).to_be_focused()
    page.keyboard.type("compare")
    page.keyboard.press("Enter")
    expect(editor.card("compare")).to_be_focused()
    assert ("split", "compare") in editor.edges

    # What cannot be is said, and changes nothing.
    editor.card("compare").click()
    editor.verb("Arrange").click()
    expect(editor.verb("^Undo: Arrange")).to_be_visible()


def test_a_fix_is_one_step_and_can_be_undone(editor: EditorPage) -> None:
    editor.expect_problems("1 error")
    editor.verb("1 error").click()
    problems = editor.page.get_by_role("region", name="Problems", exact=True)
    problems.get_by_role("button", name=re.compile("^Error: load")).click()
    field = editor.properties.get_by_role("group", name="rows_fraction", exact=True)
    expect(field).to_be_visible()
    problems.get_by_role("button", name='Write "rows"').click()
    editor.expect_problems("No problems")
    editor.undo()
    editor.expect_problems("1 error")


def test_steps_are_carried_into_another_pipeline(editor: EditorPage) -> None:
    page = editor.page
    editor.card("split").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    other = EditorPage(page, new_pipeline(page, "Other")).open()
    expect(other.canvas).to_contain_text("Build your pipeline here")
    page.keyboard.press("Control+v")
    other.expect_steps("load", "split")
    assert other.edges == {("load", "split")}
    page.keyboard.press("Control+x")
    expect(other.canvas).to_contain_text("Build your pipeline here")


def test_up_to_here_runs_on_the_same_canvas(editor: EditorPage) -> None:
    page = editor.page
    editor.verb("1 error").click()
    page.get_by_role("button", name='Write "rows"').click()
    editor.expect_problems("No problems")
    editor.card("load").click(button="right")
    page.get_by_role("menuitem", name="Run up to here…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Up to load and nothing after it.")
    dialog.get_by_role("button", name="Start the run").click()
    shown = page.get_by_role("region", name="Run on this canvas")
    # It has no source to load from: that it ends is enough here.
    expect(shown.get_by_role("status")).to_have_text(re.compile("failed|completed"), timeout=LONG)
    expect(editor.card("split")).to_have_count(0)
    shown.get_by_role("button", name="Back to editing").click()
    editor.expect_steps("load", "split")
