"""A pipeline from a document, and its draft as text: problems by step, publishing, conflicts."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from orchestrator.models import Draft, Pipeline, PipelineVersion
from tests.makers import chain_document
from tests.pages.world import World

NEW = "/pipelines/new/"
DOCUMENT = "/pipelines/alpha/chain/document/"
YAML = """\
schema: 1
steps:
  - name: one
    template: load
  - name: two
    template: load
    parents: [one]
"""


def form(**changes: Any) -> dict[str, Any]:
    return {"project": "alpha", "name": "Two steps", "document": YAML, **changes}


def test_a_pipeline_is_made_of_yaml_and_published(world: World) -> None:
    answer = world.client("ada").post(NEW, form(publish="yes"))
    assert answer["Location"] == "/pipelines/alpha/two-steps/edit/"
    version = PipelineVersion.objects.get(pipeline__slug="two-steps")
    assert version.number == 1
    assert [step["name"] for step in version.document["steps"]] == ["one", "two"]


def test_a_pipeline_is_made_of_a_file_of_json(world: World) -> None:
    content = json.dumps(chain_document("a", "b")).encode()
    file = SimpleUploadedFile("pipeline.json", content, "application/json")
    world.client("ada").post(NEW, form(document="", file=file))
    pipeline = Pipeline.objects.get(slug="two-steps")
    assert [step["name"] for step in Draft.objects.get(pipeline=pipeline).document["steps"]] == [
        "a",
        "b",
    ]
    assert not pipeline.versions.exists()


def test_problems_are_listed_by_step_and_nothing_is_made(world: World) -> None:
    wrong = YAML.replace("parents: [one]", "parents: [nobody]").replace(
        "template: load", "template: gone", 1
    )
    answer = world.client("ada").post(NEW, form(document=wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Step “one”" in page
    assert "gone" in page
    assert "Step “two”" in page
    assert "nobody" in page
    assert not Pipeline.objects.filter(slug="two-steps").exists()


def test_text_that_cannot_be_read_says_where(world: World) -> None:
    client = world.client("ada")
    page = client.post(NEW, form(document='{"schema": 1,\n "steps": [}')).content.decode()
    assert "line 2" in page
    page = client.post(NEW, form(document="schema: [1\nsteps: x")).content.decode()
    assert "neither JSON nor YAML" in page
    page = client.post(NEW, form(document="- one\n- two\n")).content.decode()
    assert "is an object" in page
    page = client.post(NEW, form(document="")).content.decode()
    assert "no document yet" in page


def test_yaml_that_grows_is_refused(world: World) -> None:
    bomb = "a: &a [1, 1]\nb: &b [*a, *a]\nschema: 1\n"
    page = world.client("ada").post(NEW, form(document=bomb)).content.decode()
    assert "aliases" in page


def test_a_name_that_is_taken_is_told_of(world: World) -> None:
    answer = world.client("ada").post(NEW, form(name="Chain", slug="chain"))
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_only_editors_make_pipelines(world: World) -> None:
    for name, code in (("vera", 403), ("ola", 403), ("sam", 404)):
        assert world.client(name).post(NEW, form()).status_code == code


def edit(world: World, text: str, *, verb: str = "publish", revision: int = 1) -> Any:
    fields = {"document": text, "verb": verb, "revision": str(revision), "note": "changed"}
    return world.client("ada").post(DOCUMENT, fields)


def test_an_edit_is_saved_and_published_as_the_next_version(world: World) -> None:
    answer = edit(world, YAML)
    assert answer["Location"] == "/pipelines/alpha/chain/"
    versions = world.pipeline.versions.order_by("number")
    assert [(one.number, one.note) for one in versions] == [(1, ""), (2, "changed")]


def test_a_draft_with_problems_is_kept_but_not_published(world: World) -> None:
    wrong = YAML.replace("load", "gone")
    assert edit(world, wrong).status_code == 422
    assert Draft.objects.get(pipeline=world.pipeline).revision == 1
    assert edit(world, wrong, verb="save").status_code == 302
    assert Draft.objects.get(pipeline=world.pipeline).revision == 2
    assert world.pipeline.versions.count() == 1
    page = world.client("ada").get("/pipelines/alpha/chain/?version=draft").content.decode()
    assert "cannot be run or published yet" in page
    assert "gone" in page


def test_an_edit_of_an_old_revision_is_refused_and_its_text_is_kept(world: World) -> None:
    assert edit(world, YAML, verb="save", revision=1).status_code == 302
    late = edit(world, YAML.replace("two", "three"), verb="save", revision=1)
    page = late.content.decode()
    assert late.status_code == 422
    assert "revision 2 by ada, not at 1" in page
    assert "name: three" in page
    assert "three" not in json.dumps(Draft.objects.get(pipeline=world.pipeline).document)


def test_a_key_that_no_document_has_is_named(world: World) -> None:
    answer = edit(world, YAML + "colour: red\n")
    assert answer.status_code == 422
    assert "colour" in answer.content.decode().split("<textarea")[0]
