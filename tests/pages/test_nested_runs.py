"""Runs in runs on pages: links both ways, the limit of a pipeline, a run that becomes a step."""

from __future__ import annotations

import pytest

from orchestrator.actions.places_of_runs import change_line
from orchestrator.models import Draft, Line, Pipeline, Run
from tests.engine.playing import make_agent, play_all, settle
from tests.engine.test_nested_runs import document, nest, work
from tests.makers import make_member, make_pipeline, make_project, make_run
from tests.pages.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def outer(world: World) -> Run:
    """A run that nests the world's pipeline, to its end."""
    said = document(nest("inside", "chain"), work("after", parents=["inside"]))
    run = make_run(make_pipeline(world.project, "outer", document=said))
    play_all(make_agent())
    return run


def page(world: World, name: str, address: str) -> str:
    answer = world.client(name).get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_a_nested_run_and_its_step_are_linked_both_ways(world: World, outer: Run) -> None:
    panel = page(world, "vera", "/runs/alpha/outer/1/?step=inside")
    assert 'href="/runs/alpha/chain/2/"' in panel
    assert "Open chain #2" in panel
    assert 'href="/pipelines/alpha/chain/?version=1"' in panel
    inner = page(world, "vera", "/runs/alpha/chain/2/")
    assert '<a href="/runs/alpha/outer/1/?step=inside">outer #1</a>' in inner
    listed = page(world, "vera", "/runs/?pipeline=alpha/chain")
    assert '<a href="/runs/alpha/outer/1/?step=inside">outer #1</a>' in listed


def test_who_does_not_see_the_outer_run_is_not_told_of_it(world: World) -> None:
    elsewhere = make_project("beta", owner="ada")
    make_member(elsewhere, "ola", "operator")
    said = document(nest("inside", "alpha/chain"))
    run = make_run(make_pipeline(elsewhere, "secret", document=said))
    settle()
    inner = Run.objects.get(parent_attempt__run=run)
    address = f"/runs/alpha/chain/{inner.number}/"
    assert "secret" in page(world, "ola", address)
    assert "secret" not in page(world, "vera", address)
    assert "secret" not in page(world, "vera", "/runs/")


def test_a_pipeline_of_a_project_in_which_one_may_not_run_cannot_be_nested(world: World) -> None:
    elsewhere = make_project("beta", owner="vera")
    said = document(nest("inside", "alpha/chain"))
    pipeline = make_pipeline(elsewhere, "secret", document=said, actor="vera", published=False)
    assert "there is no pipeline" in page(world, "vera", f"/pipelines/beta/{pipeline.slug}/")


def test_an_editor_limits_and_pauses_a_pipeline_on_its_page(world: World) -> None:
    address = "/pipelines/alpha/chain/places/"
    assert "Runs at a time" in page(world, "ada", "/pipelines/alpha/chain/")
    assert world.client("ola").post(address, {"verb": "limit", "limit": "1"}).status_code == 403
    assert world.client("sam").post(address, {"verb": "limit", "limit": "1"}).status_code == 404
    assert world.client("ada").post(address, {"verb": "limit", "limit": "1"}).status_code == 302
    assert world.client("ada").post(address, {"verb": "pause"}).status_code == 302
    line = Line.objects.get(kind="pipeline")
    assert (line.limit, line.paused) == (1, True)
    shown = page(world, "vera", "/pipelines/alpha/chain/")
    assert "Paused: no run starts" in shown
    assert "At most 1" in shown
    world.client("ada").post(address, {"verb": "limit", "limit": "many"})
    world.client("ada").post(address, {"verb": "limit", "limit": ""})
    world.client("ada").post(address, {"verb": "resume"})
    line.refresh_from_db()
    assert (line.limit, line.paused) == (None, False)


def test_a_run_that_waits_says_for_what(world: World) -> None:
    change_line(actor="ada", pipeline=world.pipeline, limit=1)
    make_run(world.pipeline)
    settle()
    shown = page(world, "vera", "/runs/alpha/chain/2/")
    assert "The pipeline runs 1 at a time, now chain #1; number 1 of 1 in line." in shown


def test_a_run_becomes_a_step_of_another_draft(world: World, outer: Run) -> None:
    make_pipeline(world.project, "other", document=document(work("chain")))
    address = "/runs/alpha/chain/1/as-step/"
    assert "alpha / other" in page(world, "ada", address)
    refused = world.client("ola").post(address, {"pipeline": "alpha/other"})
    assert refused.status_code == 403
    answer = world.client("ada").post(address, {"pipeline": "alpha/other"})
    assert answer.headers["Location"] == "/pipelines/alpha/other/edit/"
    steps = Draft.objects.get(pipeline=Pipeline.objects.get(slug="other")).document["steps"]
    assert steps[1] == {
        "name": "chain 2",
        "kind": "pipeline",
        "pipeline": "chain",
        "version": 1,
        "parameters": {"rows": 12},
    }


def test_a_priority_is_given_on_the_form(world: World) -> None:
    form = "/pipelines/alpha/chain/run/"
    refused = world.client("ola").post(form, {"parameter.rows": "5", "priority": "high"})
    assert "a priority is a whole number" in refused.content.decode()
    world.client("ola").post(form, {"parameter.rows": "5", "priority": "7"})
    run = Run.objects.get(number=2)
    assert run.task.priority == 7
