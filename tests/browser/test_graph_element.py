"""The chart by itself in a browser: what people see, press and type, without a server of ours.

The page is tests/js/harness/index.html, served as plain files under the product's strict policy.
"""

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.harness import harness

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with harness("index.html") as address:
        yield address


class Chart:
    """The chart as a person meets it; remembers its events and whatever went wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', event => console.error(event.blockedURI))"
        )

    def open(self, address: str, query: str = "") -> "Chart":
        self.page.goto(f"{address}?{query}")
        self.wait("window.graph?.debug.frame > 0")
        self.page.evaluate(
            "window.heard = [];"
            "for (const type of ['step-select', 'step-open'])"
            "  graph.addEventListener(type, event => heard.push(`${type} ${event.detail.index}`))"
        )
        return self

    def wait(self, condition: str) -> None:
        # A function, not an expression: the policy forbids evaluating a string again and again.
        self.page.wait_for_function(f"() => {condition}", timeout=10_000)

    def step(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=f"{name}, ")

    def events(self) -> list[str]:
        return self.page.evaluate("heard.splice(0)")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        name = self.page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
        return str(name).split(",")[0]

    def debug(self) -> dict[str, Any]:
        return self.page.evaluate("graph.debug")


@pytest.fixture
def chart(browser: Browser) -> Iterator[Chart]:
    # Without motion, so that a key's effect is there when the key is up.
    page = browser.new_page(viewport={"width": 1300, "height": 640}, reduced_motion="reduce")
    chart = Chart(page)
    yield chart
    page.close()
    assert chart.wrong == []


@pytest.fixture
def sample(chart: Chart, address: str) -> Chart:
    return chart.open(address)


def test_a_card_says_its_name_its_status_and_its_place(sample: Chart) -> None:
    card = sample.page.get_by_role(
        "button", name="train deep, failed, attempt 2, 1 parent, 1 child", exact=True
    )
    assert card.inner_text().replace("\n", " ") == (
        "train deep failed · exit code 1: MemoryError · attempt 2"
    )


def test_a_click_selects_and_a_double_click_opens(sample: Chart) -> None:
    sample.step("load").click()
    assert sample.events() == ["step-select 0"]
    assert sample.step("load").get_attribute("aria-current") == "true"
    sample.step("split").dblclick()
    assert sample.events()[-1] == "step-open 2"


def test_a_click_beside_every_step_clears_the_selection(sample: Chart) -> None:
    sample.step("load").click()
    sample.page.mouse.click(650, 60)
    assert sample.events()[-1] == "step-select null"
    assert sample.page.evaluate("graph.selected") is None


def test_the_keyboard_walks_opens_and_clears(sample: Chart) -> None:
    sample.page.keyboard.press("Tab")
    assert sample.focused() == "load"
    sample.press("ArrowRight", "ArrowRight", "ArrowDown")
    assert sample.focused() == "baseline"
    sample.press("Enter")
    assert sample.events() == ["step-select 6", "step-open 6"]
    sample.press("Escape")
    assert sample.events() == ["step-select null"]
    sample.press("End")
    assert sample.focused() == "publish"


def test_all_cards_together_are_one_stop_of_the_tab_key(sample: Chart) -> None:
    sample.press("Tab", "Tab")
    assert sample.focused() == "Zoom in"


def test_a_change_shows_on_its_card_without_touching_the_others(sample: Chart) -> None:
    before = sample.step("report").inner_text()
    sample.page.evaluate(
        "graph.applyStates([[7, {status: 'running', attempt: 1, progress: 0.5,"
        " started_at: new Date(Date.now() - 75_000).toISOString()}]])"
    )
    sample.page.get_by_role("button", name="compare, running").wait_for(timeout=10_000)
    assert "running · 1 m 1" in sample.step("compare").inner_text()
    assert sample.step("report").inner_text() == before


def test_a_running_clock_ticks(sample: Chart) -> None:
    line = sample.step("train shallow").inner_text()
    sample.page.wait_for_function(
        "before => document.querySelector('[data-index=\"3\"]').innerText !== before",
        arg=line,
        timeout=10_000,
    )


def test_a_drag_moves_the_picture_and_escape_puts_it_back(sample: Chart) -> None:
    before = sample.debug()["camera"]
    mouse = sample.page.mouse
    mouse.move(650, 80)
    mouse.down()
    mouse.move(600, 120, steps=3)
    moved = sample.debug()["camera"]
    assert (moved["x"], moved["y"]) == (before["x"] - 50, before["y"] + 40)
    sample.press("Escape")
    mouse.up()
    assert sample.debug()["camera"] == before
    assert sample.events() == []


def test_the_wheel_pans_and_with_control_zooms_about_the_pointer(sample: Chart) -> None:
    before = sample.debug()["camera"]
    sample.page.mouse.move(300, 300)
    sample.page.mouse.wheel(0, 40)
    sample.wait(f"graph.debug.camera.y === {before['y']} - 40")
    sample.page.keyboard.down("Control")
    sample.page.mouse.wheel(0, -60)
    sample.page.keyboard.up("Control")
    sample.wait(f"graph.debug.camera.scale > {before['scale']}")


def test_the_buttons_zoom_and_fit(sample: Chart) -> None:
    fitted = sample.debug()["camera"]
    button = functools.partial(sample.page.get_by_role, "button")
    button(name="Actual size").click()
    assert sample.debug()["camera"]["scale"] == 1
    button(name="Zoom out").click()
    assert sample.debug()["camera"]["scale"] < 1
    button(name="Fit to view").click()
    assert sample.debug()["camera"] == fitted


def test_the_picture_stays_fitted_while_the_window_changes(sample: Chart) -> None:
    sample.page.set_viewport_size({"width": 700, "height": 500})
    sample.wait("graph.debug.camera.scale < 0.4")
    seen = sample.page.evaluate("graph.scene.layout.width * graph.debug.camera.scale")
    assert seen < 700


def test_steps_that_are_painted_can_be_pressed_and_walked(chart: Chart, address: str) -> None:
    chart.open(address, "shape=layers&size=500")
    assert chart.debug()["lod"] == "blocks"
    point = chart.page.evaluate(
        "(() => { const {x, y} = graph.scene.layout; const at = graph.debug.camera;"
        " const {left, top} = graph.stage.getBoundingClientRect();"
        " return [x[120] * at.scale + at.x + left + 4, y[120] * at.scale + at.y + top + 2]; })()"
    )
    chart.page.mouse.click(*point)
    assert chart.events() == ["step-select 120"]
    assert chart.focused() == "step 120"
    chart.press("ArrowLeft")
    parents = chart.page.evaluate("[...graph.scene.model.nodes[120].parents]")
    assert chart.focused() in {f"step {parent}" for parent in parents}


def test_no_more_cards_than_are_near(chart: Chart, address: str) -> None:
    chart.open(address, "shape=layers&size=2000")
    chart.page.evaluate("graph.zoomTo(1)")
    chart.wait("graph.debug.lod === 'near'")
    cards = chart.page.locator(".graph-card").count()
    assert 0 < cards <= chart.debug()["visible"] + 1 < 200


def test_a_step_that_is_added_appears_and_the_selection_stays(sample: Chart) -> None:
    sample.step("compare").click()
    sample.page.evaluate(
        "(async () => { const {sampleGraph} = await import('./graphs.js');"
        " const [graphData] = sampleGraph(); graphData.revision = 1;"
        " graphData.nodes.push({index: 10, name: 'notify', parents: [7]});"
        " await graph.setGraph(graphData); })()"
    )
    sample.step("notify").wait_for(timeout=10_000)
    assert sample.page.evaluate("graph.selected") == 7


def test_a_graph_without_steps_says_so(sample: Chart) -> None:
    sample.page.evaluate("graph.setGraph({revision: 9, nodes: []})")
    sample.page.get_by_text("This pipeline has no steps yet.").wait_for(timeout=10_000)
    assert sample.page.locator(".graph-card").count() == 0


def test_a_change_of_theme_is_painted(chart: Chart, address: str) -> None:
    chart.open(address, "shape=layers&size=500&theme=light")
    pixels = "graph.querySelector('.graph-boxes').toDataURL()"
    light = chart.page.evaluate(pixels)
    chart.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    chart.page.wait_for_function(f"light => {pixels} !== light", arg=light, timeout=10_000)


def test_a_fan_out_is_one_card_with_counts_that_opens_and_closes(
    chart: Chart, address: str
) -> None:
    chart.open(address, "shape=fan&size=130&folds")
    stack = chart.step("fit ×130")
    assert stack.get_attribute("aria-expanded") == "false"
    assert "/130 done" in (stack.get_attribute("aria-label") or "")
    chart.page.evaluate("graph.applyStates([[1, {status: 'failed'}]])")
    chart.page.get_by_role("button", name="done · 1 failed").wait_for(timeout=10_000)
    chart.press("Tab", "ArrowRight", "Enter")
    chart.wait("graph.scene.model.size === 132")
    assert chart.focused() == "fit 1"
    chart.press("ArrowDown")
    assert chart.focused() == "fit 2"
    chart.press("c")
    stack.wait_for(timeout=10_000)
    assert chart.focused() == "fit ×130"


def test_what_is_looked_for_stays_and_the_rest_fades(sample: Chart) -> None:
    sample.page.evaluate("graph.light(Uint8Array.from([0, 0, 0, 1, 1, 1, 0, 0, 0, 0]))")
    sample.wait("document.querySelectorAll('[data-look=lit]').length === 3")
    faded = sample.step("load").evaluate("card => getComputedStyle(card).opacity")
    assert float(faded) < 0.5
    sample.page.evaluate("graph.light(null)")
    sample.wait("document.querySelectorAll('[data-look]').length === 0")


def test_the_map_shows_what_is_in_view_and_moves_it(chart: Chart, address: str) -> None:
    chart.open(address, "shape=layers&size=500")
    chart.page.evaluate("graph.zoomTo(0.5)")
    chart_map = chart.page.get_by_label("Map of the chart")
    chart_map.wait_for(timeout=10_000)
    before = chart.debug()["camera"]
    chart_map.focus()
    chart.press("ArrowRight")
    chart.wait(f"graph.debug.camera.x < {before['x']} - 300")
    box = chart_map.bounding_box()
    assert box is not None
    chart.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chart.page.mouse.down()
    chart.page.mouse.move(box["x"] + 8, box["y"] + 8)
    chart.page.mouse.up()
    chart.wait(f"graph.debug.camera.x > {before['x']} + 300")
    chart.press("0")
    chart.page.evaluate("document.activeElement.blur()")
    chart_map.wait_for(state="hidden", timeout=10_000)


def test_the_sample_needs_no_map(sample: Chart) -> None:
    assert sample.page.locator(".graph-map").count() == 0
