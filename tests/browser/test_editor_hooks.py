"""Hooks in the editor's panels: code in an editor for code, addresses beside it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from orchestrator.domain.document import SCHEMA
from tests.browser.harness import harness
from tests.browser.test_editor_panels import ANSWERS

pytestmark = pytest.mark.embedded

DOCUMENT = {"schema": 1, "steps": [{"name": "load", "template": "sample/load"}]}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_hooks_are_written_in_the_panel(theme: str, browser: Browser) -> None:
    with harness("panels.html") as address:
        page = browser.new_page(viewport={"width": 420, "height": 900})
        page.goto(f"{address}?theme={theme}")
        page.wait_for_function("() => Boolean(window.start)")
        given: dict[str, Any] = {
            "document": DOCUMENT,
            "schema": SCHEMA,
            "pipeline": {"project": "sample", "slug": "digits", "name": "Digits"},
            "answers": ANSWERS,
        }
        page.evaluate("given => window.start(given)", given)
        page.evaluate("select({steps: ['load']})")
        page.get_by_role("heading", name="Hooks").click()
        page.get_by_role("button", name="Add to pre").click()
        code = page.get_by_role("textbox", name="Code")
        expect(code).to_contain_text("def hook(event):")
        code.click()
        page.keyboard.press("Control+End")
        page.keyboard.type("    return False")
        steps = "session.document.steps[0].hooks"
        assert page.evaluate(f"{steps}.pre[0].code").endswith("print(event)\n    return False")
        page.get_by_role("button", name="Add to post").click()
        page.get_by_role("combobox", name="Kind").last.select_option(label="webhook")
        page.get_by_label("Url").fill("https://hooks.example/x")
        expected = [{"kind": "webhook", "url": "https://hooks.example/x"}]
        assert page.evaluate(f"{steps}.post") == expected
        page.close()
