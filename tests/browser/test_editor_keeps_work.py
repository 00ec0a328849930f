"""Nothing built in the editor is lost: saved by itself, kept while offline, merged with others'."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import Complaints
from tests.browser.editor_page import EditorPage, new_pipeline
from tests.live_stack import LiveStack


@pytest.fixture
def editing(page: Page, sample: str, request: pytest.FixtureRequest) -> EditorPage:
    """An empty pipeline in the editor."""
    return EditorPage(page, new_pipeline(page, request.node.name)).open()


def test_edits_are_saved_by_themselves_and_undone_after_a_reload(editing: EditorPage) -> None:
    for title in ("Load", "Clean", "Split"):
        editing.add(title)
    editing.expect_saved()
    editing.page.reload()
    for name in ("split", "clean", "load"):
        expect(editing.card(name)).to_be_visible()
        editing.page.get_by_role("button", name="Undo").click()
        expect(editing.card(name)).to_have_count(0)
    expect(editing.page.get_by_role("button", name="Undo")).to_be_disabled()
    for name in ("load", "clean", "split"):
        editing.page.get_by_role("button", name="Redo").click()
        expect(editing.card(name)).to_be_visible()
    editing.expect_saved()


def test_offline_it_goes_on_and_what_was_not_saved_comes_back(
    editing: EditorPage, complaints: Complaints
) -> None:
    complaints.allow("ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket")
    context = editing.page.context
    editing.add("Load")
    editing.expect_saved()
    context.set_offline(True)
    editing.add("Clean")
    expect(editing.badge).to_contain_text("Offline")
    expect(editing.card("clean")).to_be_visible()
    # The window is closed, and the network is back before the page is opened again.
    editing.page.close()
    context.set_offline(False)
    again = EditorPage(context.new_page(), editing.address).open()
    expect(again.card("clean")).to_be_visible()
    again.expect_saved()
    elsewhere = context.new_page()
    elsewhere.goto(editing.address.replace("/edit/", "/document/?of=draft"))
    expect(elsewhere.get_by_role("main")).to_contain_text("clean")


@pytest.fixture
def other(
    editing: EditorPage, live_stack: LiveStack, browser: Browser, signed_in: StorageState
) -> Iterator[EditorPage]:
    """The same pipeline in somebody else's browser."""
    context = browser.new_context(base_url=live_stack.base_url, storage_state=signed_in)
    yield EditorPage(context.new_page(), editing.address).open()
    context.close()


def test_two_people_edit_one_draft_and_both_see_all_of_it(
    editing: EditorPage, other: EditorPage, complaints: Complaints
) -> None:
    complaints.allow("412")
    editing.add("Load")
    expect(other.card("load")).to_be_visible()
    # At the same moment, and both under the name that the palette gives.
    editing.add("Clean")
    other.add("Clean")
    for each in (editing, other):
        expect(each.outline.get_by_role("treeitem")).to_have_count(3)
        assert each.names() == {"load", "clean", "clean-2"}
        each.expect_saved()
    other.page.get_by_role("button", name="Undo").click()
    expect(editing.outline.get_by_role("treeitem", name=re.compile("^clean"))).to_have_count(1)
    expect(editing.card("load")).to_be_visible()


def test_a_value_set_by_both_is_shown_with_both_sides_and_nothing_stops(
    editing: EditorPage, other: EditorPage, complaints: Complaints
) -> None:
    complaints.allow("412|ERR_INTERNET_DISCONNECTED|Failed to load resource|WebSocket")
    editing.add("Load")
    expect(other.card("load")).to_be_visible()
    editing.page.context.set_offline(True)
    for each, value in ((editing, "mine.csv"), (other, "theirs.csv")):
        each.card("load").click()
        each.page.get_by_role("textbox", name="source").fill(value)
        each.page.keyboard.press("Tab")
    other.expect_saved()
    editing.page.context.set_offline(False)
    expect(editing.badge).to_contain_text("Conflict")
    # Mine is saved all the same, and the other one sees it.
    expect(other.page.get_by_role("textbox", name="source")).to_have_value("mine.csv")
    editing.badge.click()
    row = editing.page.get_by_role("dialog").get_by_role("row", name=re.compile("source"))
    expect(row).to_contain_text("mine.csv")
    row.get_by_role("button", name=re.compile("^Take")).click()
    expect(editing.page.get_by_role("textbox", name="source")).to_have_value("theirs.csv")
    editing.expect_saved()
    editing.page.get_by_role("button", name="Undo").click()
    expect(editing.page.get_by_role("textbox", name="source")).to_have_value("mine.csv")
