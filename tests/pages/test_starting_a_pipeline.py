"""A new pipeline starts from nothing, a sample, another pipeline, a past run, or a document."""

from typing import Any

from orchestrator.models import Draft, Pipeline
from tests.makers import make_pipeline, make_project
from tests.pages.world import World

NEW = "/pipelines/new/"


def start(world: World, name: str = "ada", **given: Any) -> Any:
    return world.client(name).post(NEW, {"project": "alpha", "name": "Fresh", **given})


def draft() -> dict[str, Any]:
    document: dict[str, Any] = Draft.objects.get(pipeline__slug="fresh").document
    return document


def test_from_an_empty_canvas_one_comes_into_the_editor(world: World) -> None:
    assert start(world, start="empty")["Location"] == "/pipelines/alpha/fresh/edit/"
    assert draft()["steps"] == []


def test_from_another_pipeline_of_another_project_its_templates_are_meant(world: World) -> None:
    beta = make_project("beta", owner="ada")
    answer = start(world, project=beta.slug, start="pipeline", pipeline="alpha/chain")
    assert answer["Location"] == "/pipelines/beta/fresh/edit/"
    theirs = Draft.objects.get(pipeline=world.pipeline).document
    assert [step["name"] for step in draft()["steps"]] == [one["name"] for one in theirs["steps"]]
    assert {step["template"] for step in draft()["steps"]} == {"alpha/load"}


def test_from_a_past_run_its_parameters_are_the_defaults(world: World) -> None:
    start(world, start="run", run="alpha/chain/1")
    defaults = {one["name"]: one.get("default") for one in draft()["parameters"]}
    assert defaults["rows"] == 12


def test_from_a_sample_when_there_is_one(world: World) -> None:
    assert "A sample" not in world.client("ada").get(NEW).content.decode()
    make_pipeline(make_project("sample", owner="ada"), "digits")
    page = world.client("ada").get(f"{NEW}?like=sample/digits").content.decode()
    assert '<option value="sample/digits" selected>' in page
    start(world, start="sample", sample="sample/digits")
    assert {step["template"] for step in draft()["steps"]} == {"sample/load"}


def test_what_is_not_there_is_named_beside_its_field_and_nothing_is_made(world: World) -> None:
    make_pipeline(make_project("secret", owner="sam"), "plan")
    for given in (
        {"start": "pipeline", "pipeline": "alpha/nothing"},
        {"start": "pipeline", "pipeline": "secret/plan"},
        {"start": "run", "run": "alpha/chain/99"},
        {"start": "run", "run": "no number"},
        {"start": "run", "run": "secret/plan/1"},
        {"start": "a wish"},
    ):
        answer = start(world, **given)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'class="field-error"' in page
        assert 'value="Fresh"' in page
    assert not Pipeline.objects.filter(slug="fresh").exists()
