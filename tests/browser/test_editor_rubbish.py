"""Whatever was put into a draft, the editor opens it, says what is wrong, runs nothing of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.editor_page import EditorPage, new_pipeline

pytestmark = pytest.mark.embedded

MARKUP = "<img src=x onerror=alert(1)>"
DRAFTS: dict[str, dict[str, Any]] = {
    "steps that are no list": {"schema": 1, "steps": "none"},
    "another schema and no steps": {"schema": 7},
    "steps that are no objects": {"schema": 1, "steps": [None, 5]},
    "wrong types everywhere": {
        "schema": 1,
        "steps": [{"name": "a", "parents": "b", "parameters": [1], "tags": {"x": 1}}, {"name": 3}],
        "layout": [1],
        "notes": "n",
        "groups": [{"name": 3}],
        "run": [],
        "outputs": 3,
    },
    "markup, back-quotes and dots in names; places that are none": {
        "schema": 1,
        "steps": [
            {"name": MARKUP, "template": MARKUP, "comment": MARKUP},
            {"name": "`.`", "template": "load", "parents": ["`.`"], "queue": "${nobody.x}"},
            {"name": "b", "template": {"x": 1}, "retries": 3, "group": 4, "comment": 5},
        ],
        "layout": {"b": ["x", None], MARKUP: [1, 2, 3]},
        "notes": [{"text": MARKUP}, {}],
        "groups": [{"name": MARKUP}],
        "parameters": [{"name": MARKUP}, {"name": "x", "help": MARKUP}],
    },
    "a text of a megabyte": {
        "schema": 1,
        "steps": [{"name": "s", "template": "nobody's", "comment": "y" * 1_000_000}],
    },
}


@pytest.mark.parametrize("what", DRAFTS)
def test_a_draft_of_rubbish_is_opened_and_told(page: Page, sample: str, what: str) -> None:
    asked: list[str] = []

    def hear(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    editor = EditorPage(page, new_pipeline(page, "rubbish", DRAFTS[what])).open()
    expect(page.get_by_role("button", name=re.compile(r"^\d+ errors?"))).to_be_visible()
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("tabpanel", name="Code")).to_contain_text("schema")
    page.get_by_role("tab", name="Outline").click()
    editor.expect_saved()
    assert asked == []
