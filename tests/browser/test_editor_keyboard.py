"""The sample built again without a mouse, published, run; the focus can be seen after each key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editor_page import EditorPage, new_pipeline
from tests.browser.run_page import LONG

pytestmark = pytest.mark.usefixtures("sample")

DIGITS = Path(__file__).resolve().parents[2] / "examples" / "sample" / "digits.csv.gz"
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "nothing has the focus";
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const inside = box.width > 0 && box.right > 0 && box.left < innerWidth;
  const there = inside && box.bottom > 0 && box.top < innerHeight;
  const seen = element.matches(":focus-visible") && (outlined || style.boxShadow !== "none");
  const name = element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40);
  return seen && there ? "" : `${element.tagName} ${name} cannot be seen`;
}"""
# What the steps of the sample take from each other.
PARTS = {part: f"${{split.artifacts.{part}}}" for part in ("train", "validation", "test")}
TRAININGS = ("train-softmax", "train-softmax-2", "train-neighbours", "train-forest")
VALUES = {
    "load": {"source": str(DIGITS), "rows_fraction": "0.3"},
    "clean": {"data": "${load.artifacts.data}"},
    "split": {"data": "${clean.artifacts.data}"},
    "train-softmax": {**PARTS, "epochs": "2"},
    "train-neighbours": PARTS,
    "train-forest": {**PARTS, "trees": "3"},
    "compare": {
        "candidates": "{"
        + ", ".join(
            f'"{name}": {{"validation": "${{{name}.outputs.validation}}", '
            f'"test": "${{{name}.outputs.test}}", '
            f'"predictions": "${{{name}.artifacts.predictions}}"}}'
            for name in TRAININGS
        )
        + "}"
    },
    "report": {
        "comparison": "${compare.artifacts.comparison}",
        "predictions": "${compare.artifacts.predictions}",
        "test": PARTS["test"],
        "best": "${compare.outputs.best}",
    },
}


class Keyboard:
    """Presses keys, and looks each time whether the focus can be seen."""

    def __init__(self, editor: EditorPage) -> None:
        self.editor = editor
        self.page = editor.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            # The picture may still glide to what has the focus now.
            for _ in range(50):
                if not (unseen := self.page.evaluate(FOCUS)):
                    break
                self.page.wait_for_timeout(100)
            assert unseen == "", f"after {key}: {unseen}"

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def add(self, template: str) -> None:
        """Add a step after the one that the keyboard is at."""
        self.press("a")
        self.type(template)
        self.press("Enter")
        expect(self.editor.card(template)).to_be_focused()

    def go_to(self, step: str) -> None:
        """Along the canvas's own search, which ends at the step."""
        self.press("/")
        expect(self.page.get_by_role("searchbox", name="Find a step")).to_be_focused()
        self.page.keyboard.press("Control+a")
        self.type(step)
        self.press("Enter", "Escape")
        expect(self.editor.card(step)).to_be_focused()

    def connect(self, parent: str, child: str) -> None:
        self.go_to(parent)
        self.press("e")
        aimed = self.editor.canvas.get_by_text(f"{parent} to {child}?")
        for key in ["ArrowRight", "ArrowDown", "ArrowUp"] * 3:
            if aimed.count():
                break
            self.press(key)
        expect(aimed).to_be_attached()
        self.press("Enter")

    def set(self, step: str, parameter: str, value: str) -> None:
        """A value of the step, typed, with the references that stand in it."""
        self.go_to(step)
        self.press("Enter")
        field = self.editor.properties.get_by_role("textbox", name=parameter, exact=True)
        for _ in range(30):
            if field.evaluate("field => field === document.activeElement"):
                break
            self.press("Tab")
        expect(field).to_be_focused()
        self.page.keyboard.press("Control+a")
        for part in re.split(r"(\$\{[^}]*\})", value):
            if part.startswith("${"):
                self.refer(part.removeprefix("${").removesuffix("}"))
            else:
                self.type(part)
        if re.fullmatch(r"\$\{[^}]*\}", value):
            expect(field).to_have_count(0)
        else:
            self.press("Tab")

    def refer(self, name: str) -> None:
        """What begins a reference opens what can be referred to."""
        self.type("${")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        self.type(name)
        self.press("Enter")
        expect(self.page.get_by_role("dialog")).to_have_count(0)


@pytest.fixture
def keys(page: Page) -> Keyboard:
    return Keyboard(EditorPage(page, new_pipeline(page, "By-Keys")).open())


def test_the_sample_is_built_published_and_run_by_keys(keys: Keyboard) -> None:
    editor, page = keys.editor, keys.page
    # Hundreds of keys; with motion the picture would glide to what each of them is about.
    page.emulate_media(reduced_motion="reduce")
    for template in ("load", "clean", "split", "train-softmax"):
        keys.add(template)
    for template in ("train-neighbours", "train-forest"):
        keys.go_to("split")
        keys.add(template)
    keys.add("compare")
    keys.connect("train-neighbours", "compare")
    keys.go_to("compare")
    keys.add("report")
    for step in ("load", "clean", "split", "train-softmax"):
        for parameter, value in VALUES[step].items():
            keys.set(step, parameter, value)
    # The fourth training is the first once more, with all that was filled in.
    keys.go_to("train-softmax")
    keys.press("Control+d")
    expect(editor.card("train-softmax-2")).to_be_visible()
    for step in ("train-neighbours", "train-forest", "compare", "report"):
        for parameter, value in VALUES[step].items():
            keys.set(step, parameter, value)
    expect(editor.card("compare")).to_have_accessible_name(re.compile("4 parents"))
    expect(editor.card("report")).to_have_accessible_name(re.compile("2 parents"))
    editor.expect_problems("No problems")

    keys.go_to("load")
    keys.press("Control+s")
    editor.expect_saved()
    page.get_by_role("button", name="Publish…").focus()
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    keys.type("Built without a mouse")
    keys.press("Tab", "Enter")
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()

    keys.go_to("load")
    keys.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Run By-Keys")).to_be_visible()
    keys.press("Tab", "Enter")
    shown = page.get_by_role("region", name="Run on this canvas")
    expect(shown.get_by_role("status")).to_have_text("completed", timeout=LONG)
    expect(editor.card("report")).to_have_accessible_name(re.compile("completed"))
    shown.get_by_role("button", name="Back to editing").focus()
    keys.press("Enter")
    expect(shown).to_be_hidden()


def test_everything_can_be_undone_and_redone_by_keys(keys: Keyboard) -> None:
    editor = keys.editor
    for template in ("load", "clean", "split"):
        keys.add(template)
    keys.set("load", "rows_fraction", "0.5")
    keys.go_to("clean")
    keys.press("Alt+ArrowDown", "Control+d", "Delete")
    editor.expect_saved()
    built = editor.document
    undo, redo = editor.verb("^Undo"), editor.verb("^Redo")
    while undo.get_attribute("aria-disabled") != "true":
        keys.page.keyboard.press("Control+z")
    expect(editor.canvas).to_contain_text("Build your pipeline here")
    editor.expect_saved()
    assert editor.document == {"schema": 1, "steps": []}
    while redo.get_attribute("aria-disabled") != "true":
        keys.page.keyboard.press("Control+Shift+z")
    editor.expect_saved()
    assert editor.document == built
