"""What a run gets of its steps, filled in in the editor's panel, with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from orchestrator.domain.document import SCHEMA
from tests.browser.barriers import barriers
from tests.browser.harness import harness
from tests.browser.test_editor_panels import ANSWERS

pytestmark = pytest.mark.embedded

STEPS = [{"name": "load", "template": "sample/load"}]


def reach(page: Page, label: str, *, most: int = 80) -> None:
    """Go on with Tab to what has this label."""
    wanted = page.get_by_label(label, exact=True).last
    for _ in range(most):
        if wanted.evaluate("(one) => one.getRootNode().activeElement === one"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {label}")


def write(page: Page, label: str, text: str) -> None:
    reach(page, label)
    page.keyboard.type(text)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_run_gets_is_said_in_the_panel(theme: str, browser: Browser) -> None:
    with harness("panels.html") as address:
        page = browser.new_page(viewport={"width": 420, "height": 900})
        page.goto(f"{address}?theme={theme}")
        page.wait_for_function("() => Boolean(window.start)")
        given: dict[str, Any] = {
            "document": {"schema": 1, "steps": STEPS},
            "schema": SCHEMA,
            "pipeline": {"project": "sample", "slug": "digits", "name": "Digits"},
            "answers": ANSWERS,
        }
        page.evaluate("given => window.start(given)", given)
        page.evaluate("select({steps: ['load']})")
        page.locator("summary").filter(has_text="What the run gets of it").focus()
        page.keyboard.press("Enter")
        reach(page, "Add to metrics")
        page.keyboard.press("Enter")
        expect(page.get_by_text("This cannot be empty.")).to_have_count(1)
        page.get_by_role("group", name="Metrics").get_by_label("Title", exact=True).focus()
        write(page, "Title", "loss")
        write(page, "Series", "test")
        write(page, "Title in the run", "Loss")
        reach(page, "Add to artifacts")
        page.keyboard.press("Enter")
        page.get_by_label("Artifact", exact=True).focus()
        write(page, "Artifact", "scores")
        reach(page, "Add to models")
        page.keyboard.press("Enter")
        page.get_by_label("Model", exact=True).focus()
        write(page, "Model", "net_*")
        expect(page.get_by_text("This cannot be empty.")).to_have_count(0)
        step = page.evaluate("session.document.steps[0]")
        assert step["monitor"] == [{"title": "loss", "series": "test", "as_title": "Loss"}]
        assert step["monitor_artifacts"] == [{"artifact": "scores"}]
        assert step["monitor_models"] == [{"model": "net_*"}]
        expect(page.get_by_text("3 set")).to_be_visible()

        # What the check says of a row stands at its own field, once.
        wrong = {"where": "steps[0].monitor[0].series", "step": "load", "severity": "error"}
        said = {**wrong, "code": "bad_value", "message": "there is no such series"}
        page.evaluate("(problems) => session.setProblems(problems)", [said])
        expect(page.get_by_text("there is no such series")).to_have_count(1)
        expect(page.get_by_label("Series", exact=True)).to_have_attribute("aria-invalid", "true")
        if theme == "light":
            assert barriers(page) == []

        page.get_by_role("button", name="Remove metrics 1").click()
        assert page.evaluate("session.document.steps[0].monitor ?? []") == []
        page.close()
