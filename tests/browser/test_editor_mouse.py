"""The sample pipeline, built from an empty canvas with the mouse; undone to nothing and redone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor_page import EditorPage, new_pipeline

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]

# step, and where on the canvas it is dropped
STEPS = {
    "load": (120, 100),
    "clean": (120, 200),
    "split": (120, 300),
    "train-softmax": (360, 100),
    "train-neighbours": (360, 220),
    "train-forest": (360, 340),
    "train-softmax-2": (360, 460),
    "compare": (600, 160),
    "report": (600, 280),
}
EDGES = {
    ("load", "clean"),
    ("clean", "split"),
    ("split", "train-softmax"),
    ("split", "train-neighbours"),
    ("split", "train-forest"),
    ("split", "train-softmax-2"),
    ("train-softmax", "compare"),
    ("train-neighbours", "compare"),
    ("train-forest", "compare"),
    ("train-softmax-2", "compare"),
    ("compare", "report"),
    ("split", "report"),
}


@pytest.fixture
def editor(page: Page) -> EditorPage:
    return EditorPage(page, new_pipeline(page, "by-mouse")).open()


def test_the_sample_is_built_by_mouse_undone_and_redone(editor: EditorPage) -> None:
    expect(editor.canvas).to_contain_text("Build your pipeline here")
    for name, (x, y) in STEPS.items():
        # The second step of a template gets a number.
        editor.drag(name.removesuffix("-2"), x, y)
        expect(editor.card(name)).to_be_visible()
    for parent, child in EDGES:
        editor.connect(parent, child)
    assert editor.edges == EDGES
    editor.expect_saved()
    assert {step["name"] for step in editor.document["steps"]} == set(STEPS)

    undo = editor.verb("^Undo")
    done = 0
    while undo.get_attribute("aria-disabled") != "true":
        undo.click()
        done += 1
    assert done == len(STEPS) + len(EDGES)
    expect(editor.canvas).to_contain_text("Build your pipeline here")
    for _ in range(done):
        editor.redo()
    assert editor.edges == EDGES
