"""The Run form: typed parameters, errors beside the field, one run for one press."""

from typing import Any

from django.test import Client

from orchestrator.actions.pipelines import create_pipeline, publish
from orchestrator.models import Pipeline, Run
from tests.pages.world import World

URL = "/pipelines/alpha/typed/run/"
PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "rows",
        "type": "integer",
        "default": 10,
        "minimum": 1,
        "maximum": 50,
        "section": "Data",
    },
    {"name": "rate", "type": "number", "default": 0.5},
    {"name": "shuffle", "type": "boolean", "default": True},
    {"name": "model", "type": "choice", "choices": ["tree", "line"], "default": "tree"},
    {"name": "title", "type": "string", "default": "", "help": "Shown on the report"},
    {"name": "options", "type": "json", "default": {"a": [1]}},
]
GOOD = {
    "parameter.rows": "20",
    "parameter.rate": "0.25",
    "parameter.model": "line",
    "parameter.title": "Ærø <b>",
    "parameter.options": '{"b": 2}',
}


def make_typed(world: World) -> Pipeline:
    document = {
        "schema": 1,
        "parameters": PARAMETERS,
        "steps": [{"name": "one", "template": "load"}],
    }
    pipeline = create_pipeline(
        actor="ada", project=world.project, slug="typed", name="Typed", document=document
    )
    publish(actor="ada", pipeline=pipeline)
    return pipeline


def post(client: Client, **fields: str) -> Any:
    return client.post(URL, {"version": "1", **GOOD, **fields})


def test_the_form_shows_each_parameter_with_its_default(world: World) -> None:
    make_typed(world)
    page = world.client("ola").get(URL).content.decode()
    for name in ("rows", "rate", "shuffle", "model", "title", "options"):
        assert f'name="parameter.{name}"' in page
    assert "Shown on the report" in page
    assert "≥ 1" in page
    assert "≤ 50" in page
    assert '<option value="tree" selected>' in page


def test_what_was_typed_becomes_the_runs_parameters(world: World) -> None:
    pipeline = make_typed(world)
    answer = post(world.client("ola"), name="a try")
    run = Run.objects.get(pipeline=pipeline)
    assert answer["Location"] == "/runs/alpha/typed/1/"
    assert run.parameters == {
        "rows": 20,
        "rate": 0.25,
        "shuffle": False,
        "model": "line",
        "title": "Ærø <b>",
        "options": {"b": 2},
    }
    assert (run.actor, run.origin, run.name) == ("ola", "page", "a try")


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(world: World) -> None:
    pipeline = make_typed(world)
    answer = post(
        world.client("ola"), **{"parameter.rows": "many", "parameter.options": "{", "shuffle": ""}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "needs a whole number" in page
    assert "needs a JSON value" in page
    assert 'value="many"' in page
    assert 'value="0.25"' in page
    assert page.count('aria-invalid="true"') == 2
    assert not Run.objects.filter(pipeline=pipeline).exists()


def test_a_number_out_of_bounds_is_refused(world: World) -> None:
    make_typed(world)
    page = post(world.client("ola"), **{"parameter.rows": "51"}).content.decode()
    assert "at most 50" in page


def test_a_parameter_that_is_not_declared_is_named(world: World) -> None:
    make_typed(world)
    page = post(world.client("ola"), **{"parameter.colour": "red"}).content.decode()
    assert "colour" in page
    assert "no parameter" in page


def test_pressing_twice_starts_one_run_and_changing_something_another(world: World) -> None:
    pipeline = make_typed(world)
    client = world.client("ola")
    first = post(client, key="one-form")
    assert post(client, key="one-form")["Location"] == first["Location"]
    post(client, key="one-form", **{"parameter.rows": "21"})
    assert Run.objects.filter(pipeline=pipeline).count() == 2


def test_run_again_takes_over_what_the_earlier_run_was_given(world: World) -> None:
    make_typed(world)
    client = world.client("ola")
    post(client)
    page = client.get(f"{URL}?like=1").content.decode()
    assert 'value="20"' in page
    assert '<option value="line" selected>' in page
    assert client.get(f"{URL}?like=7").status_code == 404
    assert client.get(f"{URL}?like=x").status_code == 404


def test_the_draft_can_be_run_when_one_asks_for_it(world: World) -> None:
    pipeline = make_typed(world)
    post(world.client("ola"), version="draft")
    run = Run.objects.select_related("version").get(pipeline=pipeline)
    assert run.version is not None
    assert run.version.number is None


def test_the_snippets_hold_the_same_request(world: World) -> None:
    make_typed(world)
    page = world.client("ola").get(URL).content.decode()
    assert "/api/v1/pipelines/alpha/typed/runs/" in page
    assert "$PIPELINES_TOKEN" in page
    assert "urllib.request" in page


def test_a_viewer_cannot_post_the_form(world: World) -> None:
    pipeline = make_typed(world)
    assert post(world.client("vera")).status_code == 403
    assert post(world.client("sam")).status_code == 404
    assert not Run.objects.filter(pipeline=pipeline).exists()


def test_a_part_is_started_and_said_on_its_run(world: World) -> None:
    client = world.client("ola")
    page = client.get("/pipelines/alpha/chain/run/?version=draft&until=first").content.decode()
    assert "Only up to <strong>first</strong>" in page
    assert "&quot;until&quot;: [&quot;first&quot;]" in page
    assert "If-Match" in page
    posted = {"parameter.rows": "5", "version": "draft", "until": "first", "key": "k"}
    answer = client.post("/pipelines/alpha/chain/run/", posted)
    run = Run.objects.latest("number")
    assert (run.part, run.steps_total) == ({"until": ["first"]}, 1)
    assert "up to “first”" in client.get(answer["Location"]).content.decode()
    missing = client.post("/pipelines/alpha/chain/run/", {**posted, "until": "nobody"})
    assert missing.status_code == 422
    assert "there is no step &quot;nobody&quot;" in missing.content.decode()
    alone = client.post("/pipelines/alpha/chain/run/", {"only": "second", "parameter.rows": "5"})
    assert alone.status_code == 302
    assert "only “second”" in client.get(alone["Location"]).content.decode()
