"""Files dropped on the canvas: taken, asked about first, or told what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints
from tests.browser.editor_page import EditorPage, new_pipeline

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]

YAML = """\
schema: 1
steps:
  - name: first
    template: load
  - name: second
    template: clean
    parents: [first]
layout: {first: [0, 0], second: [300, 40]}
notes:
  - {text: Brought along, at: [0, 120]}
"""
MARKUP = '<img src=x onerror="window.executed = true">'


def step(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "template": "load", **more}


def taking(name: str, source: str) -> dict[str, Any]:
    return step(name, parameters={"source": source})


def document(*steps: dict[str, Any]) -> str:
    return json.dumps({"schema": 1, "steps": steps})


# What is dropped, and what must be said of it.
RUBBISH = {
    "schema.json": ('{"schema": 99, "steps": []}', "schema"),
    "markup.json": (document(step(MARKUP), step("a.`b`")), "onerror"),
    "nothing.json": (document(taking("a", "${nobody.id}")), "nobody"),
    "circle.json": (document(taking("a", "${b.id}"), taking("b", "${a.id}")), "depend"),
    "long.json": (document(step("n" * 1_000_000)), "name"),
    "many.json": (document(*[step(f"s{number}") for number in range(10_001)]), "10,000"),
    "half.json": ("{not json", "half.json is not imported"),
    "half.yaml": ("a: [1", "half.yaml is not imported"),
    "bytes.yaml": ("\x00\x01", "bytes.yaml is not imported"),
    "list.yaml": ("- 1\n- 2\n", "list.yaml is not imported"),
}


@pytest.fixture
def editor(page: Page, complaints: Complaints) -> EditorPage:
    complaints.allow("400|Bad Request")
    return EditorPage(page, new_pipeline(page, "files")).open()


def test_a_file_is_imported_and_asks_before_it_replaces_steps(editor: EditorPage) -> None:
    editor.drop_file("two.yaml", YAML)
    editor.expect_steps("first", "second")
    expect(editor.canvas.get_by_text("Brought along")).to_be_visible()
    assert editor.edges == {("first", "second")}

    editor.drop_file("one.json", document(step("alone")))
    question = editor.page.get_by_role("dialog", name="Are you sure?")
    expect(question).to_contain_text("Replace the 2 steps of this draft by one.json?")
    question.get_by_role("button", name="Cancel").click()
    editor.expect_steps("first", "second")
    editor.drop_file("one.json", document(step("alone")))
    question.get_by_role("button", name="Replace").click()
    editor.expect_steps("alone")
    editor.undo()
    editor.expect_steps("first", "second")
    editor.expect_saved()


def test_rubbish_has_named_problems_and_nothing_of_it_is_executed(editor: EditorPage) -> None:
    page = editor.page
    page.evaluate("window.executed = false")
    editor.verb("No problems").click()
    problems = page.get_by_role("region", name="Problems", exact=True)
    for name, (text, said) in RUBBISH.items():
        editor.drop_file(name, text)
        told = problems.get_by_role("listitem").or_(page.get_by_text(f"{name} is not imported"))
        found = told.filter(has_text=re.compile(said)).first
        expect(found).to_be_visible()
        if editor.verb("^Undo: Import").count():
            editor.undo()
            editor.expect_problems("No problems")
    assert page.evaluate("window.executed") is False
