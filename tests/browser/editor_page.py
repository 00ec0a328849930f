"""What a person sees and does in the editor, found by role and text."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect

EMPTY = {"schema": 1, "steps": []}
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def new_pipeline(page: Page, name: str, document: dict[str, Any] | None = None) -> str:
    """A pipeline of the sample project, made over REST from whatever page; its editor."""
    made = page.evaluate(
        """async ([name, document]) => {
            const token = window.document.querySelector("meta[name=csrf-token]").content;
            const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
            const words = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40);
            const slug = `${words}-${Date.now()}`;
            const body = JSON.stringify({project: "sample", name, slug, document});
            return (await fetch("/api/v1/pipelines/", {method: "POST", headers, body})).json();
        }""",
        [name, document or EMPTY],
    )
    return f"{made['url']}edit/"


class EditorPage:
    """The editor of one pipeline."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.canvas = page.get_by_role("region", name="Canvas")
        self.toolbar = page.get_by_role("toolbar", name="Editing")
        self.palette = page.get_by_role("tabpanel", name="Palette")
        self.properties = page.get_by_role("complementary", name="Properties")

    def open(self) -> EditorPage:
        self.page.goto(self.address)
        self.expect_ready()
        return self

    def expect_ready(self) -> None:
        """The canvas stands and the templates have come."""
        expect(self.palette.get_by_role("listitem").first).to_be_visible()

    # What is there

    def card(self, step: str) -> Locator:
        return self.canvas.get_by_role("button", name=re.compile(f"^{re.escape(step)}, "))

    def item(self, template: str) -> Locator:
        """What the palette offers, by the template's short name; of what was used, the recent."""
        name = re.compile(rf"\b{re.escape(template)} v\d+$")
        return self.palette.get_by_role("button", name=name).first

    @property
    def document(self) -> dict[str, Any]:
        """What the server has kept."""
        draft = self.address.replace("/pipelines/", "/api/v1/pipelines/").replace(
            "/edit/", "/draft/"
        )
        answer = self.page.request.get(draft)
        document: dict[str, Any] = answer.json()["document"]
        return document

    @property
    def badge(self) -> Locator:
        """What became of the edits."""
        words = "Saved|Saving|Not saved|Offline|Conflict|Opening"
        return self.page.get_by_role("button", name=re.compile(f"^({words})"))

    @property
    def outline(self) -> Locator:
        """The tree of all steps, which is there however small the picture is."""
        self.page.get_by_role("tab", name="Outline").click()
        # It is painted with the next frame; until then it may show what was.
        self.page.evaluate(TWO_FRAMES)
        return self.page.get_by_role("tree", name="Steps")

    def names(self) -> set[str]:
        """What all steps are called."""
        return set(re.findall(r'treeitem "([^",]+),', self.outline.aria_snapshot()))

    @property
    def edges(self) -> set[tuple[str, str]]:
        """What runs after what, as the outline says it."""
        steps = self.outline.get_by_role("treeitem")
        expect(steps.first).to_be_visible()
        names = [step.get_attribute("aria-label") or "" for step in steps.all()]
        self.page.get_by_role("tab", name="Palette").click()
        found = set()
        for name in names:
            child, _, rest = name.partition(", ")
            if match := re.search(r", after (.*?)(?:, \d+ problems?)?$", f", {rest}"):
                found |= {(parent, child) for parent in match[1].split(", ")}
        return found

    # What one does

    def verb(self, words: str) -> Locator:
        return self.toolbar.get_by_role("button", name=re.compile(words))

    def add(self, title: str) -> None:
        """Add a step by the palette, after what is selected."""
        self.page.get_by_role("tab", name="Palette").click()
        self.page.get_by_role("button", name=f"Add {title}", exact=True).first.click()

    def undo(self) -> None:
        self.verb("^Undo").click()

    def redo(self) -> None:
        self.verb("^Redo").click()

    def drag(self, template: str, x: float, y: float) -> None:
        """Drag an item of the palette to a place on the canvas."""
        self.item(template).drag_to(self.canvas, target_position={"x": x, "y": y})

    def drop_file(self, name: str, text: str) -> None:
        """What a browser tells a page when somebody drops a file on the canvas."""
        self.page.get_by_role("group", name=re.compile("^Steps of")).evaluate(
            """(graph, [name, text]) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([text], name));
              const box = graph.getBoundingClientRect();
              const at = {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2};
              const stage = graph.querySelector(".graph-stage");
              for (const type of ["dragenter", "dragover", "drop"]) {
                const event = {dataTransfer: transfer, bubbles: true, cancelable: true, ...at};
                stage.dispatchEvent(new DragEvent(type, event));
              }
            }""",
            [name, text],
        )

    def connect(self, parent: str, child: str) -> None:
        """Draw from a card's right edge to another card, with the mouse."""
        port = self.canvas.get_by_role("button", name=f"Connect {parent} to a step")
        # The picture may still glide to what was added last, away from under the pointer.
        still = "() => document.querySelector('pipeline-graph').debug.still"
        self.page.wait_for_function(still)
        while not port.is_visible():
            self.card(parent).hover()
        start, end = centre(port), centre(self.card(child))
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=4)
        mouse.up()

    def expect_saved(self) -> None:
        expect(self.badge).to_contain_text(re.compile(r"^\s*Saved"))

    def expect_steps(self, *steps: str) -> None:
        for step in steps:
            expect(self.card(step)).to_be_visible()

    def expect_problems(self, words: str) -> None:
        expect(self.verb(words)).to_be_visible()


def centre(element: Locator) -> tuple[float, float]:
    box: FloatRect | None = element.bounding_box()
    assert box is not None, element
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
