"""No state of the editor puts a barrier in somebody's way, or cuts words off, in either theme."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.browser.editor_page import EditorPage, new_pipeline

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]

WRONG = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 10}],
    "steps": [
        {"name": "load", "template": "load", "parameters": {"rows_fraction": "${pipeline.row}"}},
        {"name": "clean", "template": "cleen", "parents": ["load"], "group": "tidy"},
        {"name": "split", "template": "split", "parents": ["clean"], "group": "tidy"},
    ],
    "groups": [{"name": "tidy", "colour": "blue"}],
    "notes": [{"text": "A note for whoever comes next", "at": [0, 160]}],
    "layout": {"load": [0, 0], "clean": [280, 0], "split": [560, 0]},
}
MANY = {
    "schema": 1,
    "steps": [
        {
            "name": f"step {number}",
            "template": "load",
            "parents": [f"step {(number - 1) // 2}"] if number else [],
        }
        for number in range(300)
    ],
}


class Walk:
    """Goes through states of one editor, and notes what each puts in the way."""

    def __init__(self, editor: EditorPage) -> None:
        self.editor = editor
        self.page = editor.page
        self.found: list[str] = []

    def look(self, state: str) -> None:
        self.found += [f"{state}: {barrier}" for barrier in barriers(self.page)]
        if folder := os.environ.get("TEST_PICTURES"):
            for theme in ("light", "dark"):
                self.page.emulate_media(color_scheme=theme)
                self.page.screenshot(path=Path(folder) / f"editor-{state}-{theme}.png")

    def dialog(self, state: str, open_it: Callable[[], Any]) -> None:
        open_it()
        expect(self.page.get_by_role("dialog")).to_be_visible()
        self.look(state)
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)


def opened(page: Page, name: str, document: dict[str, Any] | None = None) -> Walk:
    return Walk(EditorPage(page, new_pipeline(page, name, document)).open())


def test_an_empty_canvas_and_three_hundred_steps(page: Page) -> None:
    walk = opened(page, "Nothing yet")
    expect(walk.editor.canvas).to_contain_text("Build your pipeline here")
    walk.look("empty")
    many = opened(page, "Three hundred", MANY)
    many.editor.expect_problems("No problems")
    many.look("300-steps")
    assert "\n".join(walk.found + many.found) == ""


def test_panels_and_problems(page: Page) -> None:
    walk = opened(page, "With faults", WRONG)
    editor = walk.editor
    editor.expect_problems("errors?")
    walk.look("pipeline")
    editor.card("load").click()
    expect(page.get_by_role("tab", name="Step", exact=True)).to_be_visible()
    expect(editor.properties.get_by_role("textbox", name="source")).to_be_visible()
    walk.look("step")
    page.keyboard.press("Control+a")
    expect(page.get_by_role("tab", name="3 steps")).to_be_visible()
    walk.look("several")
    editor.verb("errors?").click()
    expect(page.get_by_role("region", name="Problems", exact=True)).to_be_visible()
    walk.look("problems")
    page.get_by_role("button", name="Close the list of problems").click()
    page.get_by_role("tab", name="Outline").click()
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("region", name="Document as YAML")).to_be_visible()
    walk.look("outline-and-code")
    page.get_by_role("button", name="Python", exact=True).click()
    expect(page.get_by_role("textbox", name="Document as Python")).to_contain_text("pipe.start()")
    # The script has taken some of the canvas's room.
    page.get_by_role("button", name="Fit to view").click()
    walk.look("code-as-python")
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("tabpanel", name="Versions")).to_contain_text(re.compile("ersion"))
    walk.look("versions")
    for side in ("left", "right"):
        page.get_by_role("button", name=f"Hide the {side} side").click()
    expect(page.get_by_role("tab")).to_have_count(0)
    walk.look("sides-away")
    assert "\n".join(walk.found) == ""


def test_dialogs_and_menus(page: Page) -> None:
    walk = opened(page, "Asking", WRONG)
    editor = walk.editor
    editor.expect_problems("errors?")
    walk.dialog("adding", lambda: editor.verb("Add step").click())
    walk.dialog("publishing", lambda: page.get_by_role("button", name="Publish…").click())
    walk.dialog("running", lambda: page.get_by_role("button", name="Run…").click())
    walk.dialog("keys", lambda: page.get_by_role("button", name="Keyboard").click())
    editor.verb("More").click()
    expect(page.get_by_role("menu")).to_be_visible()
    walk.look("menu")
    page.keyboard.press("Escape")
    editor.card("split").click()
    page.get_by_role("tab", name="Outline").click()
    walk.dialog("parents", lambda: page.get_by_role("button", name="After…").click())
    assert "\n".join(walk.found) == ""
