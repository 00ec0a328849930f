"""Pages on which people decide: answer what a step asks, end a step by hand, pause a run."""

from __future__ import annotations

import pytest
from django.test import Client

from orchestrator.controller import advance
from orchestrator.models import Run, Signal, Step
from tests.makers import make_pipeline, make_run
from tests.pages.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def asking(world: World, broker: object) -> Run:
    """A run whose step "sign off" waits for an editor's answer."""
    step = {
        "name": "sign off",
        "kind": "approval",
        "comment": "Is this good enough?",
        "parameters": {"score": 0.93, "rows": 7},
        "approval": {
            "form": [{"name": "rows", "type": "integer", "maximum": 9, "help": "How many"}],
            "roles": ["editor"],
            "deadline": 3600,
        },
    }
    run = make_run(make_pipeline(world.project, "asks", document={"schema": 1, "steps": [step]}))
    advance(run.pk)
    return run


def page_of(run: Run) -> str:
    return f"/runs/alpha/{run.pipeline.slug}/{run.number}/"


def answer_page(run: Run) -> str:
    return f"{page_of(run)}steps/sign%20off/answer/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_whoever_may_answer_finds_the_question_on_the_front_page(world: World, asking: Run) -> None:
    for address in ("/pipelines/", "/runs/"):
        assert "Waits for you" in text_of(world.client("ada"), address)
        assert answer_page(asking) in text_of(world.client("ada"), address)
        assert "Waits for you" not in text_of(world.client("ola"), address)
        assert "Waits for you" not in text_of(world.client("sam"), address)


def test_the_question_is_shown_with_its_values_and_form(world: World, asking: Run) -> None:
    text = text_of(world.client("ada"), answer_page(asking))
    assert "Is this good enough?" in text
    assert "0.93" in text
    assert 'name="parameter.rows"' in text
    assert 'value="7"' in text
    assert "it counts as rejected" in text
    assert "editor in this project" in text_of(world.client("ola"), answer_page(asking))
    assert world.client("sam").get(answer_page(asking)).status_code == 404
    panel = text_of(world.client("ada"), f"{page_of(asking)}?part=step&step=sign%20off")
    assert answer_page(asking) in panel


def test_an_answer_goes_on_its_way_and_the_run_is_shown(world: World, asking: Run) -> None:
    ada = world.client("ada")
    form = {"attempt": "1", "answer": "approve", "parameter.rows": "8", "comment": "fine"}
    sent = ada.post(answer_page(asking), form)
    assert (sent.status_code, sent["Location"]) == (302, f"{page_of(asking)}?step=sign+off")
    assert Signal.objects.get(kind="answer").data["values"] == {"rows": 8}
    advance(asking.pk)
    assert Step.objects.get(run=asking).status == "completed"
    assert "Approved by ada: fine" in text_of(ada, answer_page(asking))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parameter.rows": "10"}, "at most 9"),
        ({"attempt": "2"}, "asked anew"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_and_kept(
    world: World, asking: Run, changed: dict[str, str], said: str
) -> None:
    form = {"attempt": "1", "answer": "approve", "parameter.rows": "8", "comment": "so", **changed}
    sent = world.client("ada").post(answer_page(asking), form)
    assert sent.status_code == 422
    assert said in sent.content.decode()
    assert ">so</textarea>" in sent.content.decode()
    assert not Signal.objects.filter(kind="answer").exists()
    rejected = world.client("ola").post(answer_page(asking), form | {"answer": "reject"})
    assert rejected.status_code in (403, 422)


def test_whoever_rejects_need_not_mend_the_form(world: World, asking: Run) -> None:
    form = {"attempt": "1", "answer": "reject", "parameter.rows": "many", "comment": "no"}
    assert world.client("ada").post(answer_page(asking), form).status_code == 302
    assert Signal.objects.get(kind="answer").data["approved"] is False


def test_a_step_is_completed_by_hand_with_what_others_want_of_it(
    world: World, broker: object
) -> None:
    steps = [
        {"name": "first", "template": "load"},
        {"name": "second", "template": "load", "parameters": {"rows": "${first.count}"}},
    ]
    run = make_run(make_pipeline(world.project, "two", document={"schema": 1, "steps": steps}))
    advance(run.pk)
    ola, address = world.client("ola"), f"{page_of(run)}steps/second/complete/"
    address_of_first = f"{page_of(run)}steps/first/complete/"
    assert "abort it first" in text_of(ola, address_of_first)
    text = text_of(ola, f"{page_of(run)}?part=step&step=second")
    assert address in text
    assert world.client("vera").get(address).status_code == 403
    refused = ola.post(address, {"reason": "", "outputs": "{}"})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
    refused = ola.post(address, {"reason": "so", "outputs": "[1]"})
    assert "an object of values by name" in refused.content.decode()
    sent = ola.post(address, {"reason": "known", "outputs": '{"count": 3, "rest": null}'})
    assert sent.status_code == 302
    assert Signal.objects.get(kind="complete").data["outputs"] == {"count": 3}
    skip = f"{page_of(run)}steps/first/skip/"
    assert ola.post(skip, {"reason": "not today"}).status_code == 302
    advance(run.pk)
    run.refresh_from_db()
    assert run.status == "completed"
    assert "&quot;count&quot;: null" in text_of(ola, address_of_first)


def test_a_run_is_paused_and_goes_on_by_its_buttons(world: World, broker: object) -> None:
    ola, here = world.client("ola"), page_of(world.run)
    advance(world.run.pk)
    assert 'value="pause"' in text_of(ola, here)
    assert ola.post(here, {"verb": "pause"}).status_code == 302
    advance(world.run.pk)
    text = text_of(ola, here)
    assert "paused by ola" in text
    assert 'value="resume"' in text
    assert "1 queued step may still start" in text
    ola.post(here, {"verb": "pause-before", "step": "second"})
    ola.post(here, {"verb": "resume"})
    advance(world.run.pk)
    world.run.refresh_from_db()
    assert (world.run.status, world.run.options["pause_at"]) == ("running", ["second"])
    assert "Do not pause before it" in text_of(ola, f"{here}?part=step&step=second")
    ola.post(here, {"verb": "pass", "step": "second"})
    advance(world.run.pk)
    world.run.refresh_from_db()
    assert world.run.options["pause_at"] == []
