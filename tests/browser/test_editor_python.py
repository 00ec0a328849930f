"""The document as a script beside the canvas: what is written there is drawn, what is drawn is
written there, and what cannot be drawn is told with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.barriers import barriers
from tests.browser.conftest import Complaints
from tests.browser.editor_page import EditorPage, new_pipeline

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("sample")]

DOCUMENT = {
    "schema": 1,
    "steps": [
        {"name": "load", "template": "load"},
        {"name": "clean", "template": "clean", "parents": ["load"], "group": "data"},
    ],
    "notes": [{"text": "Look here", "at": [0, 200]}],
}


@pytest.fixture
def editor(page: Page, complaints: Complaints) -> EditorPage:
    complaints.allow("400|Bad Request")
    return EditorPage(page, new_pipeline(page, "script", DOCUMENT)).open()


@pytest.fixture
def code(editor: EditorPage) -> Locator:
    page = editor.page
    page.get_by_role("tab", name="Code").click()
    page.get_by_role("button", name="Python", exact=True).click()
    code = page.get_by_role("textbox", name="Document as Python")
    expect(code).to_contain_text("pipe.start()")
    return code


def change(code: Locator, step: str, before: str, after: str) -> None:
    """Type over a word in the line of a step, as one who uses the keyboard."""
    keyboard = code.page.keyboard
    line = code.locator(".cm-line").filter(has_text=f'name="{step}"')
    text = line.text_content() or ""
    line.click()
    keyboard.press("Home")
    for _ in range(text.index(before) + len(before)):
        keyboard.press("ArrowRight")
    for _ in before:
        keyboard.press("Backspace")
    keyboard.type(after)


def test_what_is_written_is_drawn_and_what_is_drawn_is_written(
    editor: EditorPage, code: Locator
) -> None:
    page = editor.page
    expect(code).to_contain_text('pipe.add_step(name="load", template="load")')
    expect(code).to_contain_text('"notes": [{"text": "Look here", "at": [0, 200]}]')

    # Another name, and the step that comes after it follows by hand.
    change(code, "load", "load", "fetch")
    change(code, "clean", "load", "fetch")
    editor.expect_steps("fetch", "clean")
    expect(editor.card("fetch")).to_have_accessible_name(re.compile("1 child"))
    editor.expect_saved()
    assert [one["name"] for one in editor.document["steps"]] == ["fetch", "clean"]

    # What is done on the canvas arrives in the text.
    editor.card("clean").click()
    page.keyboard.press("Delete")
    editor.expect_steps("fetch")
    page.get_by_role("tab", name="Code").click()
    expect(code).not_to_contain_text('"clean"')
    editor.undo()
    expect(code).to_contain_text('name="clean"')


def test_a_line_that_cannot_be_drawn_is_told_of_and_changes_nothing(
    editor: EditorPage, code: Locator
) -> None:
    page = editor.page
    problems = page.get_by_role("list", name="Problems of the script")
    change(code, "load", 'template="load"', "template=choose()")
    expect(problems.get_by_role("listitem")).to_have_count(1)
    told = problems.get_by_role("button", name=re.compile("Line 5.*a call is no value"))
    expect(told).to_be_visible()
    expect(code.locator(".cm-wrong")).to_have_text('pipe.add_step(name="load", template=choose())')
    editor.expect_steps("load", "clean")
    assert editor.document["steps"][0]["template"] == "load"

    # Somebody has changed the draft meanwhile: what is written here is not lost unasked.
    editor.card("clean").click()
    page.keyboard.press("Delete")
    page.get_by_role("tab", name="Code").click()
    expect(code).to_contain_text("choose()")
    page.get_by_role("button", name="Write the draft here").click()
    expect(code).not_to_contain_text("choose()")
    expect(problems).to_have_count(0)

    # What the document has wrong has its line, too.
    change(code, "load", 'template="load', 'template="lode')
    told = problems.get_by_role("button", name=re.compile('Line 5.*no template "lode"'))
    expect(told).to_be_visible()
    told.click()
    expect(code).to_be_focused()
    editor.expect_problems("1 error")


def test_what_somebody_else_does_meanwhile_is_merged(editor: EditorPage, code: Locator) -> None:
    page = editor.page
    change(code, "load", 'template="load"', "template=choose")
    expect(page.get_by_role("list", name="Problems of the script")).to_be_visible()

    other = EditorPage(page.context.new_page(), editor.address).open()
    other.card("clean").click()
    other.page.keyboard.press("Control+d")
    other.expect_saved()
    other.page.close()
    page.bring_to_front()
    expect(page.get_by_text("Both are merged when this can be read")).to_be_visible()
    expect(code).to_contain_text("template=choose")

    change(code, "load", "choose", '"report"')
    expect(code.locator(".cm-line").filter(has_text='template="clean"')).to_have_count(2)
    editor.expect_saved()
    load, *copies = editor.document["steps"]
    assert load["template"] == "report"
    assert [one["template"] for one in copies] == ["clean", "clean"]

    # Undoing in the text takes back what was typed, not what somebody else has done.
    code.click()
    page.keyboard.press("Control+z")
    expect(code).not_to_contain_text('"report"')
    expect(code.locator(".cm-line").filter(has_text='template="clean"')).to_have_count(2)


def test_what_the_draft_does_not_keep_is_told_with_its_line(
    editor: EditorPage, code: Locator
) -> None:
    page = editor.page
    problems = page.get_by_role("list", name="Problems of the script")
    change(code, "load", 'pipe.add_step(name="load"', '# First.\npipe.add_step(name="load"')
    told = problems.get_by_role("button", name=re.compile("Line 5.*comments are not kept"))
    expect(told).to_be_visible()
    expect(code.locator(".cm-doubtful")).to_have_text("# First.")
    expect(page.locator("#editor-spoken")).to_contain_text("line 5, comments are not kept")
    editor.expect_steps("load", "clean")
    assert barriers(page) == []

    # The draft changes elsewhere, and the script is written anew: that it has lost them is said.
    editor.card("clean").click()
    page.keyboard.press("Delete")
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_text("without what the draft does not keep")).to_be_visible()
    expect(code).not_to_contain_text("# First.")
    expect(problems).to_have_count(0)


def test_a_script_is_saved_as_a_file_and_dropped_again(
    editor: EditorPage, code: Locator, tmp_path: Path
) -> None:
    page = editor.page
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as a file").click()
    name = waiting.value.suggested_filename
    assert re.fullmatch(r"script-\d+\.py", name)
    waiting.value.save_as(tmp_path / name)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.startswith("from pipelines import PipelineController\n")
    editor.drop_file(
        name, text.replace('name="load", ', 'name="first", ').replace('["load"]', "[]")
    )
    page.get_by_role("button", name="Replace").click()
    editor.expect_steps("first", "clean")
    expect(code).to_contain_text('name="first"')
