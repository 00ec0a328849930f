"""The chart as it is edited, in a browser: by mouse, keyboard and drops, without a server of ours.

The page is tests/js/harness/editing.html, which carries out what it hears as the editor would.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.harness import harness

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with harness("editing.html") as address:
        yield address


class Canvas:
    """The canvas as a person meets it; remembers what it told and whatever went wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', event => console.error(event.blockedURI))"
        )

    def open(self, address: str, query: str = "") -> "Canvas":
        self.page.goto(f"{address}?{query}")
        self.page.wait_for_function("() => window.graph?.debug.frame > 0", timeout=10_000)
        return self

    def step(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=f"{name}, ")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def said(self, words: str) -> None:
        expect(self.page.locator("[aria-live]")).to_contain_text(words)

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """What was told of this kind since last asked, in order; everything else is forgotten."""
        told: list[tuple[str, dict[str, Any]]] = self.page.evaluate("heard.splice(0)")
        return [detail for type_, detail in told if type_ == kind]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def next_frame(self) -> None:
        """Wait until what has just been done is drawn."""
        self.page.evaluate("new Promise(next => requestAnimationFrame(() => setTimeout(next)))")

    def middle(self, thing: Locator) -> tuple[float, float]:
        self.next_frame()
        box = thing.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(
        self, start: Locator | tuple[float, float], end: Locator | tuple[float, float]
    ) -> None:
        """Press at the start and go to the end; the button stays down."""
        mouse = self.page.mouse
        mouse.move(*(start if isinstance(start, tuple) else self.middle(start)))
        mouse.down()
        mouse.move(*(end if isinstance(end, tuple) else self.middle(end)), steps=6)

    def drop(self) -> None:
        self.page.mouse.up()

    def between(self, parent: str, child: str) -> tuple[float, float]:
        """A point on the level edge between two steps."""
        (left, y), (right, _) = self.middle(self.step(parent)), self.middle(self.step(child))
        return (left + right) / 2, y

    def place(self, name: str) -> list[float]:
        return self.page.evaluate(
            "name => editing.placeOf(shownNow().nodes.findIndex(node => node.name === name))", name
        )


@pytest.fixture
def canvas(browser: Browser) -> Iterator[Canvas]:
    # Without motion, so that a key's effect is there when the key is up.
    page = browser.new_page(viewport={"width": 1400, "height": 640}, reduced_motion="reduce")
    canvas = Canvas(page)
    yield canvas
    page.close()
    assert canvas.wrong == []


@pytest.fixture
def sample(canvas: Canvas, address: str) -> Canvas:
    return canvas.open(address)


def selected(canvas: Canvas) -> list[str]:
    pressed = canvas.page.get_by_role("button", pressed=True).all()
    return [str(each.get_attribute("aria-label")).split(",")[0] for each in pressed]


def test_clicks_select_one_and_shift_adds(sample: Canvas) -> None:
    sample.step("load").click()
    assert sample.heard("edit-select") == [{"steps": [0], "edges": [], "notes": []}]
    sample.step("clean").click(modifiers=["Shift"])
    assert selected(sample) == ["load", "clean"]
    sample.step("load").click(modifiers=["Shift"])
    assert selected(sample) == ["clean"]
    sample.page.mouse.click(700, 60)
    assert selected(sample) == []


def test_a_card_says_its_problem_and_whether_it_has_changed(sample: Canvas) -> None:
    deep = sample.step("train deep").get_attribute("aria-label")
    assert deep == "train deep, sample/train v4, has an error, 1 parent, 1 child"
    assert "has a warning" in str(sample.step("split").get_attribute("aria-label"))
    assert "changed since published" in str(sample.step("clean").get_attribute("aria-label"))


def test_a_dragged_card_lands_on_the_grid_and_is_told_once(sample: Canvas) -> None:
    x, y = sample.middle(sample.step("compare"))
    sample.drag((x, y), (x + 43, y - 61))
    assert sample.heard("edit-move") == []
    sample.drop()
    [moved] = sample.heard("edit-move")
    assert moved["steps"] == [5]
    assert moved["dx"] % 10 == 0
    assert moved["dx"] > 0 > moved["dy"]
    assert sample.place("compare") == [1120 + moved["dx"], 100 + moved["dy"]]
    assert selected(sample) == ["compare"]


def test_what_is_selected_moves_together(sample: Canvas) -> None:
    sample.step("sign off").click()
    sample.step("publish").click(modifiers=["Shift"])
    sample.button("Note: Nightly").click(modifiers=["Shift"])
    x, y = sample.middle(sample.step("publish"))
    sample.drag((x, y), (x - 20, y + 120))
    sample.drop()
    [moved] = sample.heard("edit-move")
    assert (moved["steps"], moved["notes"]) == ([6, 7], [1])
    down = moved["dy"]
    assert [sample.place("sign off")[1], sample.place("publish")[1]] == [100 + down, 100 + down]
    assert moved["notePositions"] == [[1, [moved["dx"], -60 + down]]]


def test_escape_puts_a_dragged_card_back(sample: Canvas) -> None:
    x, y = sample.middle(sample.step("load"))
    sample.drag((x, y), (x + 90, y + 90))
    sample.press("Escape")
    sample.drop()
    assert sample.heard("edit-move") == []
    assert sample.place("load") == [0, 100]
    assert sample.middle(sample.step("load")) == (x, y)


def test_at_the_border_the_picture_moves_by_itself(sample: Canvas) -> None:
    x, y = sample.middle(sample.step("load"))
    before = sample.page.evaluate("graph.debug.camera.y")
    sample.drag((x, y), (x, 628))
    sample.page.wait_for_function(
        "before => graph.debug.camera.y < before - 200", arg=before, timeout=10_000
    )
    sample.drop()
    assert sample.place("load")[1] > 600


def test_a_marquee_adds_what_it_touches(sample: Canvas) -> None:
    sample.step("publish").click()
    left, top = sample.middle(sample.step("split"))
    right, bottom = sample.middle(sample.step("train deep"))
    sample.page.keyboard.down("Shift")
    sample.drag((left + 150, top - 130), (right + 100, bottom + 50))
    sample.page.keyboard.up("Shift")
    sample.drop()
    assert selected(sample) == ["train shallow", "train deep", "publish"]
    assert len(sample.heard("edit-select")) == 2


def test_an_edge_is_drawn_from_a_port_to_a_card(sample: Canvas) -> None:
    sample.step("load").hover()
    sample.drag(sample.button("Connect load to a step"), sample.step("publish"))
    # What would be a circle or is there already has faded.
    expect(sample.step("clean")).to_have_attribute("data-look", "faded")
    expect(sample.step("publish")).to_have_attribute("data-look", "lit")
    sample.drop()
    assert sample.heard("edit-connect") == [{"parent": 0, "child": 7}]
    sample.said("load connected to publish.")
    expect(sample.step("publish")).to_have_attribute("aria-label", re.compile("2 parents"))


def test_an_edge_can_be_drawn_backwards(sample: Canvas) -> None:
    sample.step("publish").hover()
    sample.drag(sample.button("Connect a step to publish"), sample.step("train deep"))
    sample.drop()
    assert sample.heard("edit-connect") == [{"parent": 4, "child": 7}]


def test_ports_stay_under_a_pointer_that_rests(sample: Canvas) -> None:
    sample.step("split").hover()
    port = sample.button("Connect split to a step")
    port.hover()
    sample.page.evaluate("show({...shownNow()})")
    sample.next_frame()
    expect(port).to_be_visible()


def test_a_circle_is_refused_with_the_way_round(sample: Canvas) -> None:
    sample.step("compare").hover()
    sample.drag(sample.button("Connect compare to a step"), sample.step("clean"))
    sample.drop()
    [refused] = sample.heard("edit-refused")
    way = "clean → split → train shallow → compare → clean"
    assert refused["sentence"] == f"That would be a circle: {way}."
    sample.said(way)


def test_an_edge_that_ends_nowhere_asks_what_should_be_there(sample: Canvas) -> None:
    sample.step("publish").hover()
    sample.drag(sample.button("Connect publish to a step"), (1300, 520))
    sample.drop()
    [asked] = sample.heard("edit-drop-edge")
    assert (asked["from"], asked["forwards"]) == (7, True)
    assert (asked["clientX"], asked["clientY"]) == (1300, 520)
    assert all(value % 10 == 0 for value in asked["at"])


def test_ports_are_large_enough_and_need_no_drag(sample: Canvas) -> None:
    sample.step("load").click()
    port = sample.button("Connect load to a step")
    box = port.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    port.click()
    sample.step("split").click()
    assert sample.heard("edit-connect") == [{"parent": 0, "child": 2}]


def test_edges_are_chosen_by_a_click_and_by_keys(sample: Canvas) -> None:
    sample.page.mouse.click(*sample.between("load", "clean"))
    assert sample.heard("edit-select") == [{"steps": [], "edges": ["0-1"], "notes": []}]
    sample.step("compare").focus()
    sample.press(".")
    assert sample.heard("edit-select")[-1]["edges"] == ["3-5"]
    sample.said("Edge from train shallow to compare, a value travels along it, selected.")
    sample.press(",")
    sample.said("Edge from compare to sign off, order only, selected.")


def test_the_keyboard_selects_moves_and_clears(sample: Canvas) -> None:
    sample.press("Tab", "ArrowRight", "Space")
    assert selected(sample) == ["clean"]
    sample.said("1 step selected.")
    sample.press("ArrowRight", "Shift+Space")
    assert selected(sample) == ["clean", "split"]
    sample.press("Alt+ArrowDown", "Alt+Shift+ArrowRight")
    sample.said("2 steps moved to 610, 110.")
    assert [sample.place("clean"), sample.place("split")] == [[330, 110], [610, 110]]
    assert [moved["steps"] for moved in sample.heard("edit-move")] == [[1, 2], [1, 2]]
    sample.press("Escape")
    assert selected(sample) == []
    sample.press("Enter")
    assert sample.heard("edit-open") == [{"step": 2}]


def test_the_keyboard_makes_an_edge(sample: Canvas) -> None:
    sample.press("Tab", "e")
    sample.said("load to split? 1 of 6. Enter connects, Escape cancels.")
    sample.press("ArrowRight", "ArrowDown")
    sample.said("load to train deep?")
    sample.press("Enter")
    assert sample.heard("edit-connect") == [{"parent": 0, "child": 4}]
    assert sample.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "load, "
    )
    sample.press("End", "Shift+E", "Escape")
    sample.said("No edge was made.")
    sample.press("e")
    sample.said("There is no step that could come after publish.")


def test_a_note_is_moved_resized_and_written_as_text(sample: Canvas) -> None:
    note = sample.button("Note: Ask the data team")
    x, y = sample.middle(note)
    sample.drag((x, y), (x + 30, y + 40))
    sample.drop()
    [moved] = sample.heard("edit-move")
    assert (moved["steps"], moved["notes"]) == ([], [0])
    box = note.bounding_box()
    assert box is not None
    right, bottom = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    sample.drag((right, bottom), (right + 60, bottom + 30))
    sample.drop()
    [resized] = sample.heard("edit-note")
    assert resized["size"][0] > 240
    assert resized["size"][1] > 100
    note.dblclick()
    sample.page.get_by_label("Text of the note").fill("<img src=x onerror=alert(1)>")
    sample.press("Escape")
    assert sample.heard("edit-note") == [{"note": 0, "text": "<img src=x onerror=alert(1)>"}]
    assert sample.button("Note: <img src").inner_text() == "<img src=x onerror=alert(1)>"


def test_notes_by_keyboard(sample: Canvas) -> None:
    sample.button("Note: Ask the data team").focus()
    sample.press("ArrowDown", "Alt+ArrowLeft", "Shift+ArrowRight", "Space")
    assert selected(sample) == ["Note: Nightly"]
    told = sample.page.evaluate("heard.splice(0)")
    assert ["edit-note", {"note": 1, "size": [170, 60]}] in told
    assert [d["notePositions"] for t, d in told if t == "edit-move"] == [[[1, [-10, -60]]]]
    sample.press("Enter")
    sample.page.keyboard.type("Every night")
    sample.press("Control+Enter")
    assert sample.heard("edit-note") == [{"note": 1, "text": "Every night"}]


def test_a_group_moves_closes_and_opens(sample: Canvas) -> None:
    title = sample.button("Group training, 2 steps")
    x, y = sample.middle(title)
    sample.drag((x, y), (x, y + 60))
    sample.drop()
    assert sample.heard("edit-move")[0]["steps"] == [3, 4]
    sample.button("Close group training").click()
    assert sample.heard("edit-toggle-group") == [{"name": "training"}]
    card = sample.step("training ×2")
    assert "has an error" in str(card.get_attribute("aria-label"))
    sample.step("load").click()
    card.click()
    assert sample.heard("edit-select")[-1]["steps"] == [3, 4]
    sample.press("e")
    assert "closed group" in sample.heard("edit-refused")[0]["sentence"]
    sample.press("c")
    expect(sample.step("train deep")).to_be_visible()
    sample.page.evaluate(
        "(() => { const now = shownNow();"
        " show({...now, groups: now.groups.map(group => ({...group, each: true}))}); })()"
    )
    title = sample.button("Group training, 2 steps, for each item")
    expect(title).to_have_text("each training")
    sample.button("Close group training").click()
    expect(sample.step("each training ×2")).to_be_visible()


DROP = """([x, y, type, value]) => {
  const data = new DataTransfer();
  if (type === "Files") data.items.add(new File([value], "pipeline.yaml", {type: "text/yaml"}));
  else data.setData(type, value);
  const target = document.elementFromPoint(x, y);
  const init = {clientX: x, clientY: y, dataTransfer: data, bubbles: true, cancelable: true};
  const over = new DragEvent("dragover", init);
  target.dispatchEvent(over);
  target.dispatchEvent(new DragEvent("drop", init));
  return over.defaultPrevented;
}"""
PALETTE = "application/x-pipelines-template"


def test_what_is_dropped_lands_on_an_edge_or_beside_it(sample: Canvas) -> None:
    item = {"kind": "task", "template": "sample/fit", "title": "fit"}
    on_edge = sample.between("sign off", "publish")
    assert sample.page.evaluate(DROP, [*on_edge, PALETTE, json.dumps(item)])
    [dropped] = sample.heard("edit-drop")
    assert (dropped["item"], dropped["edge"]) == (item, {"parent": 6, "child": 7})
    assert sample.page.evaluate(DROP, [700, 560, PALETTE, json.dumps(item)])
    assert sample.heard("edit-drop")[0]["edge"] is None
    assert sample.page.evaluate(DROP, [700, 560, "Files", "schema: 1"])
    [dropped] = sample.heard("edit-drop")
    assert len(dropped["files"]) == 1
    assert dropped["item"] is None
    assert not sample.page.evaluate(DROP, [700, 560, "text/plain", "words"])
    assert sample.heard("edit-drop") == []


def test_a_double_click_beside_everything_and_the_menu_say_where(sample: Canvas) -> None:
    sample.page.mouse.dblclick(700, 560)
    [asked] = sample.heard("edit-add")
    assert asked["clientX"] == 700
    sample.step("split").click(button="right")
    [asked] = sample.heard("edit-menu")
    assert (asked["step"], asked["edge"], asked["note"]) == (2, None, None)


def test_a_step_that_goes_leaves_the_keyboard_near(sample: Canvas) -> None:
    sample.press("Tab", "End")
    sample.page.evaluate(
        "(() => { const now = shownNow(); show({...now, nodes: now.nodes.slice(0, 7),"
        " edges: now.edges.slice(0, 7), positions: now.positions.slice(0, 7)}); })()"
    )
    focused = sample.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("sign off, ")


def test_what_is_under_way_goes_on_when_the_document_changes(sample: Canvas) -> None:
    sample.step("load").focus()
    sample.press("e")
    first = """(() => { const now = shownNow(); show({...now,
      nodes: [{name: "first"}, ...now.nodes], positions: [[0, 300], ...now.positions],
      edges: now.edges.map(edge => ({...edge, parent: edge.parent + 1, child: edge.child + 1})),
      groups: [] }); })()"""
    sample.page.evaluate(first)
    sample.press("Enter")
    assert sample.heard("edit-connect") == [{"parent": 1, "child": 3}]


def test_while_a_run_is_shown_nothing_can_be_changed(sample: Canvas) -> None:
    sample.page.evaluate(
        "(() => { editing.enabled = false; graph.setStates({statuses: 'ccrppppp'}); })()"
    )
    expect(sample.step("load")).to_have_attribute("data-status", "completed")
    x, y = sample.middle(sample.step("load"))
    sample.drag((x, y), (x + 60, y + 60))
    sample.drop()
    sample.press("Alt+ArrowDown", "e")
    assert sample.page.evaluate("heard.filter(([type]) => type !== 'edit-select')") == []
    sample.page.evaluate("(() => { editing.enabled = true; graph.setStates(null); })()")
    expect(sample.step("load")).to_have_attribute("data-status", "draft")


def test_the_automatic_layout_keeps_its_corner_and_moves_nothing_itself(sample: Canvas) -> None:
    layout = sample.page.evaluate("editing.layoutOf([2, 3, 4, 5])")
    assert [step for step, _ in layout] == [2, 3, 4, 5]
    places = dict(map(tuple, ((step, tuple(at)) for step, at in layout)))
    assert min(x for x, _ in places.values()) == 560
    assert min(y for _, y in places.values()) == 0
    assert places[2][0] < places[3][0] == places[4][0] < places[5][0]
    assert sample.place("compare") == [1120, 100]


def test_many_steps_without_places_are_laid_out(canvas: Canvas, address: str) -> None:
    canvas.open(address, "shape=layers&size=300")
    places = canvas.page.evaluate("editing.positions()")
    assert len({tuple(place) for place in places}) == 300
    assert all(value % 10 == 0 for place in places for value in place)


def test_the_end_of_an_edge_can_be_taken_to_another_step(sample: Canvas) -> None:
    box = sample.step("publish").bounding_box()
    assert box is not None
    sample.drag((box["x"] - 12, box["y"] + box["height"] / 2), sample.step("load"))
    sample.drop()
    assert "circle: load →" in sample.heard("edit-refused")[0]["sentence"]
    sample.drag((box["x"] - 12, box["y"] + box["height"] / 2), (1300, 520))
    sample.drop()
    assert sample.page.evaluate("heard.splice(0)") == []
    start = sample.step("sign off").bounding_box()
    assert start is not None
    tail = (start["x"] + start["width"] + 10, start["y"] + start["height"] / 2)
    sample.drag(tail, sample.step("compare"))
    sample.drop()
    assert sample.heard("edit-reconnect") == [
        {"from": {"parent": 6, "child": 7}, "to": {"parent": 5, "child": 7}}
    ]


def test_an_edge_that_carries_a_value_stays_where_it_is(sample: Canvas) -> None:
    box = sample.step("clean").bounding_box()
    assert box is not None
    sample.drag((box["x"] - 12, box["y"] + box["height"] / 2), sample.step("split"))
    sample.drop()
    assert "the parameter of clean" in sample.heard("edit-refused")[0]["sentence"]


def test_the_picture_as_svg_shows_everything_as_text(sample: Canvas) -> None:
    svg = sample.page.evaluate("editing.toSVG()")
    names = "document => [...document.querySelectorAll('text')].map(text => text.textContent)"
    read = f"svg => ({names})(new DOMParser().parseFromString(svg, 'image/svg+xml'))"
    texts = sample.page.evaluate(read, svg)
    assert {"load", "sample/load v3", "training", "Nightly", "<b>not bold</b>"} <= set(texts)
    assert "var(" not in svg
    assert "oklab" not in svg


def test_a_second_finger_puts_back_what_the_first_carries(sample: Canvas) -> None:
    session = sample.page.context.new_cdp_session(sample.page)
    x, y = sample.middle(sample.step("load"))

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        # Moves reach the page with its next frame; of several in one frame only the last.
        sample.next_frame()

    touch("touchStart", (x, y))
    touch("touchMove", (x + 20, y + 60))
    touch("touchMove", (x + 20, y + 80))
    assert sample.place("load")[1] > 100
    touch("touchStart", (x + 20, y + 80), (x + 200, y + 80))
    touch("touchMove", (x + 20, y + 80), (x + 300, y + 80))
    touch("touchEnd")
    assert sample.place("load") == [0, 100]
    assert sample.heard("edit-move") == []
    x, y = sample.middle(sample.step("load"))
    touch("touchStart", (x, y))
    touch("touchMove", (x, y + 90))
    touch("touchEnd")
    assert len(sample.heard("edit-move")) == 1
