"""Lists follow what happens without a reload, and leave alone what a person is doing."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Complaints


def start_a_run(page: Page, pipeline: str) -> None:
    """Start a run in another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(f"/pipelines/sample/{pipeline}/run/")
    tab.get_by_role("button", name="Start the run").click()
    tab.wait_for_url(re.compile(r"/runs/"))
    tab.close()


def test_the_list_of_pipelines_follows_a_run_to_its_end(page: Page, sample: str) -> None:
    page.goto("/pipelines/")
    page.evaluate("window.loadedOnce = true")
    search = page.get_by_role("searchbox", name="Search")
    search.fill("half a wo")
    row = page.get_by_role("row", name=re.compile("Flaky download"))
    runs_before = row.locator(".bar").count()

    start_a_run(page, "flaky-download")

    expect(row.locator(".bar")).to_have_count(min(runs_before + 1, 20))
    # What an earlier run came to stands in the row, too: it says nothing of this one.
    expect(row).not_to_contain_text("going on", timeout=90_000)
    expect(row).to_contain_text(re.compile("completed|failed"))
    expect(search).to_have_value("half a wo")
    expect(search).to_be_focused()
    assert page.evaluate("window.loadedOnce") is True


def test_the_page_of_queues_shows_what_an_agent_executes_while_it_does(
    page: Page, sample: str
) -> None:
    page.goto("/queues/")
    page.evaluate("window.loadedOnce = true")
    agents = page.get_by_role("region", name="Agents")
    # What other stories left running ends first.
    expect(agents.get_by_role("listitem")).to_have_count(0, timeout=90_000)

    start_a_run(page, "flaky-download")

    expect(agents.get_by_role("listitem").first).to_be_visible()
    expect(agents.get_by_role("listitem")).to_have_count(0, timeout=90_000)
    assert page.evaluate("window.loadedOnce") is True


def test_the_run_form_opens_in_a_dialog_and_keeps_what_is_wrong(
    page: Page, sample: str, complaints: Complaints
) -> None:
    complaints.allow("422")
    page.goto("/pipelines/")
    page.get_by_role("link", name="Run Handwritten digits").click()
    dialog = page.get_by_role("dialog")
    rows = dialog.get_by_role("textbox", name=re.compile("epochs"))
    rows.fill("many")
    dialog.get_by_text("The same for programs").click()
    expect(dialog.locator("#snippet-curl")).to_contain_text('"epochs":"many"')
    dialog.get_by_role("button", name="Start the run").click()
    expect(dialog).to_contain_text("needs a whole number")
    expect(rows).to_have_value("many")
    expect(rows).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.url.endswith("/pipelines/")


def test_a_script_is_written_in_the_editor_and_saved(page: Page, sample: str) -> None:
    page.goto("/templates/new/")
    page.get_by_label("Name", exact=True).fill("Typed in the browser")
    page.get_by_role("textbox", name=re.compile("^Code")).click()
    page.keyboard.press("Control+a")
    page.keyboard.type("def double(x):\nreturn 2 * x\n")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add").click()
    page.keyboard.type("rows")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Typed in the browser")
    # The editor has put the indentation in.
    expect(page.locator("#code")).to_contain_text("    return 2 * x")
    expect(page.get_by_role("region", name="Parameters")).to_contain_text("General/rows")


def test_the_keyboard_leads_and_can_be_silenced(page: Page, sample: str) -> None:
    page.goto("/pipelines/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/queues/")
    page.keyboard.press("?")
    keys.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(keys).to_be_hidden()


def test_a_chosen_theme_stays(page: Page, sample: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/pipelines/")
    switch = page.get_by_role("button", name=re.compile("Theme"))
    expect(switch).to_contain_text("system")
    switch.click()
    switch.click()
    expect(switch).to_contain_text("dark")
    page.goto("/tasks/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark == "rgb(14, 17, 24)"
