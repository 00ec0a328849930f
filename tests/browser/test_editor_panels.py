"""The editor's panels by themselves in a browser: filled in, chosen, renamed, undone."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from orchestrator.domain.document import SCHEMA
from tests.browser.barriers import AXE, LOOK
from tests.browser.harness import harness

pytestmark = pytest.mark.embedded

TRAIN = [
    {"name": "General/data", "type": "string", "required": True, "help": "Where the rows are"},
    {"name": "General/epochs", "type": "integer", "default": 10, "minimum": 1},
    {"name": "General/rate", "type": "number", "default": 0.1},
    {"name": "Model/kind", "type": "choice", "choices": ["linear", "forest"], "default": "linear"},
    {"name": "Model/verbose", "type": "boolean", "default": False},
    {"name": "Model/options", "type": "json"},
]
# load -> train -> report, and a step on its own
DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 5}, {"name": "seed"}],
    "steps": [
        {"name": "load", "template": "sample/load"},
        {
            "name": "train",
            "template": "sample/train",
            "version": 1,
            "parameters": {"data": "${load.artifacts.data}", "epochs": "${pipeline.rows}"},
            "x-owner": "ada",
        },
        {"name": "report", "template": "sample/load", "parents": ["train"]},
        {"name": "lone", "template": "sample/load"},
    ],
}
MARKS = ("x-supported", "x-supported-values")
VERSION = {"number": 1, "label": "", "note": "first", "author": "ada", "created_at": "2026-01-01"}
ANSWERS: dict[str, Any] = {
    "": {"name": "Digits", "description": "", "tags": []},
    "palette/": {
        "results": [
            {"template": "sample/load", "title": "Load", "version": 1, "parameters": []},
            {"template": "sample/train", "title": "Train", "version": 3, "parameters": TRAIN},
        ]
    },
    "references/": {
        "run": {"number": 7},
        "pipeline": {"rows": 50},
        "steps": {
            "load": {
                "status": "completed",
                "outputs": {"count": 120},
                "artifacts": {"data": {"url": "file:///rows.csv", "kind": "table", "size": 9}},
            },
            "lone": {"outputs": {"score": 0.5}},
        },
    },
    "../../queues/": [{"name": "default"}, {"name": "gpu"}],
    "versions/": {"results": [VERSION | {"number": 2}, VERSION]},
    "versions/1/": {
        **VERSION,
        "pins": {},
        "document": {**DOCUMENT, "steps": DOCUMENT["steps"][:2]},
    },
    "versions/2/": {**VERSION, "number": 2, "pins": {}, "document": DOCUMENT},
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with harness("panels.html") as address:
        yield address


class Panels:
    """The panels as a person meets them, and the document behind them."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def start(self, document: dict[str, Any] = DOCUMENT, schema: Any = SCHEMA) -> None:
        given = {
            "document": document,
            "schema": schema,
            "pipeline": {"project": "sample", "slug": "digits", "name": "Digits"},
            "answers": ANSWERS,
        }
        self.page.evaluate("given => window.start(given)", given)

    def select(self, **what: Any) -> None:
        self.page.evaluate("what => select(what)", what)

    def show(self, panel: str) -> None:
        self.page.evaluate("panel => show(panel)", panel)

    def open_all(self) -> None:
        """Open every fold of the step's panel."""
        folds = self.page.locator("#step summary")
        folds.evaluate_all("all => all.forEach(one => one.parentElement.open || one.click())")

    def undo(self) -> None:
        self.page.evaluate("session.undo()")

    @property
    def document(self) -> dict[str, Any]:
        return self.page.evaluate("session.document")

    def step(self, name: str) -> dict[str, Any]:
        return next(step for step in self.document["steps"] if step["name"] == name)

    def expect_no_barriers(self, state: str) -> None:
        assert self.page.evaluate(LOOK) == [], state

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)


@pytest.fixture
def panels(browser: Browser, address: str) -> Iterator[Panels]:
    page = browser.new_page(viewport={"width": 700, "height": 1000})
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(address)
    page.wait_for_function("() => window.start")
    started = Panels(page)
    started.start()
    yield started
    page.close()
    assert wrong == []


def test_what_is_typed_goes_into_the_document_and_the_cursor_stays(panels: Panels) -> None:
    panels.select(steps=["train"])
    rate = panels.field("rate")
    expect(rate).to_have_attribute("placeholder", "0.1")
    rate.click()
    panels.page.keyboard.type("0.25")
    panels.page.keyboard.press("Home")
    panels.page.keyboard.type("1")
    expect(rate).to_be_focused()
    expect(rate).to_have_value("10.25")
    assert panels.step("train")["parameters"]["General/rate"] == 10.25
    panels.undo()
    expect(rate).to_have_value("")
    expect(rate).to_be_focused()
    assert "General/rate" not in panels.step("train")["parameters"]


def test_what_does_not_fit_is_said_at_once_and_kept(panels: Panels) -> None:
    panels.select(steps=["train"])
    rate = panels.field("rate")
    rate.fill("fast")
    expect(rate).to_have_accessible_description("This takes a number, not fast.")
    expect(rate).to_have_attribute("aria-invalid", "true")
    options = panels.field("options")
    options.fill("[1, 2")
    expect(options).to_have_accessible_description(re.compile("not JSON yet"))
    panels.select(steps=["load"])
    panels.select(steps=["train"])
    expect(rate).to_have_value("fast")
    expect(options).to_have_value("[1, 2")
    assert "Model/options" not in panels.step("train")["parameters"]
    panels.button("Reset rate to 0.1").click()
    expect(rate).to_have_value("")
    expect(rate).to_be_focused()
    expect(rate).not_to_have_attribute("aria-invalid", "true")


def test_choices_and_boxes_show_their_defaults_and_can_be_reset(panels: Panels) -> None:
    panels.select(steps=["train"])
    kind = panels.page.get_by_role("combobox", name="kind")
    expect(kind.locator("option:checked")).to_have_text("linear (default)")
    kind.select_option("forest")
    panels.page.get_by_role("checkbox", name="verbose").check()
    given = panels.step("train")["parameters"]
    assert (given["Model/kind"], given["Model/verbose"]) == ("forest", True)
    panels.button("Reset verbose to false").click()
    expect(panels.page.get_by_role("checkbox", name="verbose")).not_to_be_checked()
    assert "Model/verbose" not in panels.step("train")["parameters"]


def test_a_reference_shows_its_step_and_last_value_and_leads_there(panels: Panels) -> None:
    panels.select(steps=["train"])
    data = panels.page.get_by_role("group", name="data", exact=True)
    expect(data).to_contain_text("Last run: table, 9 B")
    data.get_by_role("button", name="load › artifacts › data: go to step load").click()
    expect(panels.field("Name")).to_have_value("load")


def test_a_reference_is_chosen_by_keyboard_where_it_begins(panels: Panels) -> None:
    panels.select(steps=["train"])
    panels.field("rate").click()
    panels.page.keyboard.type("${")
    dialog = panels.page.get_by_role("dialog", name="Refer to a value for rate")
    expect(dialog.get_by_role("group", name="load comes before")).to_be_visible()
    panels.page.keyboard.type("load count")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("120")
    panels.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert panels.step("train")["parameters"]["General/rate"] == "${load.outputs.count}"
    expect(panels.page.get_by_role("group", name="rate", exact=True)).to_contain_text("120")
    expect(panels.button("load › outputs › count: go to step load")).to_be_focused()


def test_references_stand_within_texts_and_json(panels: Panels) -> None:
    panels.select(steps=["train"])
    panels.field("options").click()
    panels.page.keyboard.type('{"rows": "${')
    panels.page.keyboard.type("load count")
    panels.page.keyboard.press("Enter")
    panels.page.keyboard.type('", "more": 1}')
    given = {"rows": "${load.outputs.count}", "more": 1}
    assert panels.step("train")["parameters"]["Model/options"] == given
    used = panels.page.get_by_role("list", name="References in options")
    expect(used).to_contain_text("Last run: 120")


def test_only_steps_that_can_come_before_are_offered_and_then_do(panels: Panels) -> None:
    panels.select(steps=["load"])
    panels.select(steps=["train"])
    panels.button("Refer to a value for rate").click()
    dialog = panels.page.get_by_role("dialog")
    expect(dialog.get_by_role("group", name=re.compile("^lone can come before"))).to_be_visible()
    expect(dialog.get_by_role("group", name=re.compile("^report"))).to_have_count(0)
    dialog.get_by_role("option", name="outputs.score").click()
    assert panels.step("train")["parameters"]["General/rate"] == "${lone.outputs.score}"
    before = panels.page.get_by_role("list", name="Steps before")
    expect(before.get_by_role("button", name="Go to step lone")).to_be_visible()
    # What nobody has seen yet can be named.
    panels.button("Refer to a value for rate").click()
    panels.page.keyboard.type("load.outputs.later")
    panels.page.keyboard.press("Enter")
    assert panels.step("train")["parameters"]["General/rate"] == "${load.outputs.later}"


def test_renaming_goes_wherever_the_name_stands(panels: Panels) -> None:
    panels.select(steps=["load"])
    name = panels.field("Name")
    name.fill("train")
    expect(name).to_have_accessible_description("There is a step “train” already.")
    name.fill("fetch rows")
    name.press("Enter")
    expect(name).to_be_focused()
    assert panels.step("train")["parameters"]["data"] == "${`fetch rows`.artifacts.data}"
    panels.undo()
    expect(name).to_have_value("load")


def test_the_newer_version_of_a_template_is_taken_with_one_press(panels: Panels) -> None:
    panels.select(steps=["train"])
    panels.button("Take version 3").click()
    assert panels.step("train")["version"] == 3
    expect(panels.button("Take version 3")).to_have_count(0)


def test_a_key_appears_when_the_engine_can_do_it_and_foreign_keys_stay(panels: Panels) -> None:
    panels.select(steps=["train"])
    panels.open_all()
    expect(panels.field("Until")).to_have_count(0)
    schema = copy.deepcopy(SCHEMA)
    del schema["properties"]["steps"]["items"]["properties"]["loop"]["x-supported"]
    panels.start(schema=schema)
    panels.select(steps=["train"])
    panels.open_all()
    panels.field("Until").fill("${load.count} > 3")
    panels.field("Until").press("Tab")
    assert panels.step("train")["loop"]["until"] == "${load.count} > 3"
    assert panels.step("train")["x-owner"] == "ada"


def supported(schema: Any) -> Any:
    """The schema as it will be when the engine can do everything that is in it."""
    if isinstance(schema, list):
        return [supported(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: supported(inner) for key, inner in schema.items() if key not in MARKS}


@pytest.mark.parametrize("kind", ["task", "pipeline", "approval"])
def test_every_key_that_a_kind_of_step_can_have_has_a_field(panels: Panels, kind: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["steps"][1]["kind"] = kind
    panels.start(document, supported(SCHEMA))
    panels.select(steps=["train"])
    expect(panels.field("Name")).to_have_value("train")
    panels.open_all()
    shown = panels.page.locator("#step")
    above = {"name", "kind", "template", "pipeline", "version", "parameters", "parents", "approval"}
    for key, said in SCHEMA["properties"]["steps"]["items"]["properties"].items():
        if key in above or kind not in said.get("x-kinds", (kind,)):
            continue
        label = said.get("title") or key.replace("_", " ").capitalize()
        expect(shown.get_by_text(label, exact=True).first, key).to_be_visible()
    if kind == "approval":
        panels.button("Add to form").click()
        assert panels.step("train")["approval"] == {"form": [{"name": ""}]}


def test_order_is_added_and_taken_away(panels: Panels) -> None:
    panels.select(steps=["report"])
    after = panels.page.get_by_role("combobox", name="Runs after")
    after.select_option("lone")
    assert panels.step("report")["parents"] == ["train", "lone"]
    panels.button("No longer run after train").click()
    assert panels.step("report")["parents"] == ["lone"]
    panels.select(steps=["load"])
    offered = panels.page.get_by_role("combobox", name="Runs after").locator("option")
    expect(offered).to_have_text(["Add a step that comes before…", "report", "lone"])


def test_what_is_done_for_many_is_one_step_back(panels: Panels) -> None:
    panels.select(steps=["load", "report", "lone"])
    panels.page.get_by_role("combobox", name="Queue").fill("gpu")
    assert [step.get("queue") for step in panels.document["steps"]] == ["gpu", None, "gpu", "gpu"]
    panels.undo()
    assert not any("queue" in step for step in panels.document["steps"])
    panels.button("Delete 3 steps").click()
    assert [step["name"] for step in panels.document["steps"]] == ["train"]


def test_a_connection_tells_what_makes_it_and_goes_with_it(panels: Panels) -> None:
    panels.select(edges=[["load", "train"]])
    made = panels.page.get_by_role("list", name="References that make it")
    expect(made).to_contain_text("${load.artifacts.data}")
    panels.button("Remove with its reference").click()
    assert panels.step("train")["parameters"] == {"epochs": "${pipeline.rows}"}


def test_parameters_of_the_pipeline_are_made_ordered_and_renamed(panels: Panels) -> None:
    panels.show("pipeline")
    panels.button("Add a parameter").click()
    panels.page.keyboard.type("fraction")
    panels.page.keyboard.press("Enter")
    assert [one["name"] for one in panels.document["parameters"]] == ["rows", "seed", "fraction"]
    panels.button("Up fraction").focus()
    panels.page.keyboard.press("Enter")
    expect(panels.button("Up fraction")).to_be_focused()
    panels.page.keyboard.press("Enter")
    assert [one["name"] for one in panels.document["parameters"]] == ["fraction", "rows", "seed"]
    panels.button("Remove fraction").click()
    panels.page.get_by_role("group").filter(has_text="rows").locator("summary").click()
    name = (
        panels.page.get_by_role("listitem")
        .filter(has_text="rows")
        .get_by_role("textbox", name="Name")
    )
    name.fill("lines")
    name.press("Enter")
    assert panels.step("train")["parameters"]["epochs"] == "${pipeline.lines}"


def test_what_a_pipeline_is_called_is_saved_by_itself(panels: Panels) -> None:
    panels.show("pipeline")
    description = panels.field("Description")
    description.fill("Reads digits")
    tags = panels.field("Tags")
    tags.fill("vision, sample")
    tags.press("Enter")
    panels.page.wait_for_function("() => sent.length > 0")
    body = {"description": "Reads digits", "tags": ["vision", "sample"]}
    assert panels.page.evaluate("sent") == [{"method": "PATCH", "path": "", "body": body}]
    assert panels.document == DOCUMENT


def test_a_group_is_done_for_each_item_of_a_list(panels: Panels) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["steps"][1]["group"] = "fold"
    panels.start(document)
    panels.show("pipeline")
    groups = panels.page.get_by_role("region", name="Groups")
    groups.get_by_text("For each item of a list").click()
    groups.get_by_role("textbox", name="List").fill("[1, 2, 3]")
    groups.get_by_role("textbox", name="Max parallel").fill("2")
    groups.get_by_role("textbox", name="Max parallel").press("Tab")
    wanted = {"name": "fold", "for_each": {"list": [1, 2, 3], "max_parallel": 2}}
    assert wanted in panels.document["groups"]


def test_groups_are_renamed_and_dissolved(panels: Panels) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["steps"][0]["group"] = "early"
    panels.start(document)
    panels.show("pipeline")
    groups = panels.page.get_by_role("region", name="Groups")
    name = groups.get_by_role("textbox", name="Name")
    name.fill("first")
    name.press("Enter")
    assert panels.step("load")["group"] == "first"
    panels.button("Dissolve group first").click()
    assert "group" not in panels.step("load")
    expect(groups).to_have_count(0)


def test_what_a_pipeline_gives_is_chosen_among_its_steps(panels: Panels) -> None:
    panels.show("pipeline")
    panels.field("Name of a new entry in What a run gives").fill("score")
    panels.page.keyboard.press("Enter")
    panels.button("Refer to a value for score").click()
    panels.page.keyboard.type("lone score")
    panels.page.keyboard.press("Enter")
    assert panels.document["outputs"] == {"score": "${lone.outputs.score}"}
    panels.button("Remove score").click()
    assert "outputs" not in panels.document


def test_a_version_is_compared_and_restored(panels: Panels) -> None:
    panels.show("versions")
    panels.button("Compare version 1").click()
    since = panels.page.get_by_role("region", name="The draft since version 1")
    expect(since).to_contain_text("report")
    expect(since.get_by_role("region", name="Difference as text")).to_contain_text("name: lone")
    panels.page.get_by_role("combobox", name="Compared with").select_option("version 2")
    expect(panels.page.get_by_role("region", name="Version 2 since version 1")).to_be_visible()
    panels.button("Restore version 1").click()
    expect(panels.button("Back to the draft")).to_have_count(0)
    assert [step["name"] for step in panels.document["steps"]] == ["load", "train"]
    panels.undo()
    assert len(panels.document["steps"]) == 4


def test_long_names_wrap_in_a_narrow_panel(panels: Panels) -> None:
    long = "a" * 60 + " " + "b" * 60
    document = copy.deepcopy(DOCUMENT)
    document["steps"][0]["name"] = long
    document["steps"][1]["parameters"]["data"] = f"${{`{long}`.artifacts.`{'c' * 90}`}}"
    panels.page.set_viewport_size({"width": 320, "height": 900})
    panels.start(document)
    for what in ({"steps": ["train"]}, {"steps": ["train", long]}, {"edges": [[long, "train"]]}):
        panels.select(**what)
        panels.page.wait_for_function(
            "() => document.querySelector('#step')?.textContent?.includes('aaaa')"
        )
        aside = panels.page.get_by_role("complementary", name="Details")
        wide = aside.evaluate("element => element.scrollWidth - element.clientWidth")
        assert wide <= 0, what


def test_rubbish_is_shown_as_it_is_and_breaks_nothing(panels: Panels) -> None:
    markup = "<img src=x onerror=alert(1)>"
    rubbish = {
        "schema": 1,
        "parameters": [None, 3, {"name": 7, "choices": "abc", "type": []}, {"name": markup}],
        "outputs": markup,
        "groups": [None, {"name": markup, "colour": 3}],
        "defaults": [],
        "tags": {"a": 1},
        "steps": [
            {"name": "a", "template": 5, "parameters": markup, "parents": "b", "retries": 4},
            {"name": "b", "tags": 9, "queue": {"x": []}, "version": {}, "parameters": {"x": None}},
            {
                "name": "c",
                "template": markup,
                "parameters": {"`": "${", "..": "${`a", markup: [[]]},
            },
        ],
    }
    panels.start(rubbish)
    for name in "abc":
        panels.select(steps=[name])
        expect(panels.field("Name")).to_have_value(name)
    panels.select(steps=["a", "b"])
    # What is no document at all is told as one sentence; what is one, is shown as it is.
    panels.show("pipeline")
    expect(panels.page.get_by_text("is no pipeline's document")).to_be_visible()
    odd = {"name": 7, "choices": "abc", "type": []}
    panels.start({"schema": 1, "parameters": [odd, {"name": markup}], "steps": []})
    panels.show("pipeline")
    panels.page.locator("#pipeline summary").evaluate_all("all => all.forEach(one => one.click())")
    expect(panels.page.locator("#pipeline")).to_contain_text(markup)
    panels.button("Add a parameter").click()
    assert panels.document["parameters"][0] == odd
    assert len(panels.document["parameters"]) == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(panels: Panels, theme: str) -> None:
    panels.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    panels.page.evaluate(AXE)
    panels.select(steps=["train"])
    panels.field("rate").fill("fast")
    panels.page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    panels.expect_no_barriers("a step with all that it has")
    panels.button("Refer to a value for rate").click()
    panels.expect_no_barriers("the picker")
    panels.page.keyboard.press("Escape")
    panels.select(steps=["train", "load"])
    panels.expect_no_barriers("several steps")
    panels.select(edges=[["load", "train"]])
    panels.expect_no_barriers("a connection")
    panels.show("pipeline")
    panels.page.locator("#pipeline summary").evaluate_all("all => all.forEach(one => one.click())")
    panels.expect_no_barriers("the pipeline")
    panels.show("versions")
    panels.button("Compare version 1").click()
    panels.expect_no_barriers("a comparison")
