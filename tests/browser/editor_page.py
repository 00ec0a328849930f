"""The editor's page, as a person meets it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class Editing:
    """The editor of one pipeline, as somebody sees it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self) -> Editing:
        self.page.goto(self.address)
        expect(self.page.get_by_role("button", name="Add Clean", exact=True)).to_be_visible()
        return self

    @property
    def badge(self) -> Locator:
        return (
            self.page.get_by_role("banner")
            .or_(self.page.get_by_role("main"))
            .get_by_role("button", name="Saving")
        )

    def add(self, title: str) -> None:
        """Add a step by the palette, after what is selected."""
        self.page.get_by_role("tab", name="Palette").click()
        self.page.get_by_role("button", name=f"Add {title}", exact=True).click()

    def step(self, name: str) -> Locator:
        """A step's card on the canvas."""
        cards = self.page.get_by_role("group", name=re.compile("^Steps of"))
        return cards.get_by_role("button", name=re.compile(f"^{re.escape(name)}, "))

    @property
    def outline(self) -> Locator:
        """The tree of all steps, which is there however small the picture is."""
        self.page.get_by_role("tab", name="Outline").click()
        return self.page.get_by_role("tree", name="Steps")

    def names(self) -> set[str]:
        """What all steps are called."""
        return set(re.findall(r'treeitem "([^",]+),', self.outline.aria_snapshot()))

    def expect_saved(self) -> None:
        expect(self.badge).to_contain_text(re.compile(r"^\s*Saved"))


def new_pipeline(page: Page, name: str) -> str:
    """Make an empty pipeline over REST, from whatever page; the address of its editor."""
    made = page.evaluate(
        """async (name) => {
            const token = document.querySelector("meta[name=csrf-token]").content;
            const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
            const body = JSON.stringify({project: "sample", name});
            return (await fetch("/api/v1/pipelines/", {method: "POST", headers, body})).json();
        }""",
        name,
    )
    return f"{made['url']}edit/"
