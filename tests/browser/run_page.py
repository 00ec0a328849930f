"""What a person sees and does on a run's page, found by role and text."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

# A run works in real processes, on a machine that may be busy with other tests.
LONG = 240_000


class RunPage:
    """A run's page; *statuses* notes each status that a step's row has shown, in order."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def show(self, tab: str) -> None:
        self.page.get_by_role("navigation", name="Views of this run").get_by_role(
            "link", name=re.compile(tab)
        ).click()

    def row(self, step: str) -> Locator:
        table = self.page.get_by_role("region", name="Table of the steps")
        return table.get_by_role("row").filter(has=self.page.get_by_role("link", name=step))

    def card(self, step: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(step)}, "))

    def select(self, step: str) -> Locator:
        """Open the step's panel; the answer is the panel."""
        self.row(step).get_by_role("link", name=step).click()
        panel = self.page.get_by_role("complementary", name="Selected step")
        expect(panel.get_by_role("heading", name=step)).to_be_visible()
        return panel

    def expect_step(self, step: str, status: str) -> None:
        expect(self.row(step)).to_contain_text(status, timeout=LONG)

    def expect_run(self, status: str) -> None:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(status, timeout=LONG)

    def confirm(self, verb: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=verb).click()

    def watch(self, step: str) -> None:
        """Note from now on what the step's row says, and that the page is not loaded anew."""
        self.page.get_by_role("region", name="Table of the steps").evaluate(
            """(table, name) => {
              window.seen = [];
              const look = () => {
                const now = [...table.querySelectorAll("tr")].find(r => r.dataset.name === name);
                const status = now?.dataset.status;
                if (status && window.seen.at(-1) !== status) window.seen.push(status);
              };
              look();
              new MutationObserver(look).observe(
                table, {subtree: true, childList: true, attributes: true}
              );
            }""",
            step,
        )

    @property
    def seen(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.seen ?? []")
        return found
