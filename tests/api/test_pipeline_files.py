"""Pipelines as files: out and in again, as JSON and YAML."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import Client

from orchestrator.models import Pipeline, User
from tests.api.asking import Asker, People, assert_problem
from tests.domain.test_document_check import GOOD
from tests.makers import make_token

EXPORT = "pipelines/alpha/chain/export/"
IMPORT = "pipelines/import/"


def test_a_pipeline_goes_out_and_in_again(ada: Asker, pipeline: Pipeline) -> None:
    exported = ada.get(EXPORT)
    assert exported["Content-Disposition"] == 'attachment; filename="alpha-chain.json"'
    body = {**exported.json(), "project": "alpha", "slug": "copy"}
    answer = ada.post(IMPORT, body)
    assert answer.status_code == 201
    copied = ada.get("pipelines/alpha/copy/draft/").json()["document"]
    assert copied == exported.json()["document"]


def test_yaml_says_the_same(ada: Asker, pipeline: Pipeline) -> None:
    exported = ada.get(f"{EXPORT}?format=yaml")
    assert exported["Content-Type"].startswith("application/yaml")
    assert yaml.safe_load(exported.content) == ada.get(EXPORT).json()
    by_header = ada.get(EXPORT, Accept="application/yaml")
    assert by_header.content == exported.content


@pytest.fixture
def as_ada(pipeline: Pipeline) -> Client:
    text = make_token(User.objects.get(username="ada"))
    return Client(headers={"Authorization": f"Bearer {text}"})


def _send(client: Client, text: str) -> Any:
    return client.post(f"/api/v1/{IMPORT}", text, content_type="application/yaml")


def test_yaml_comes_in_as_the_draft_of_a_known_pipeline(as_ada: Client) -> None:
    text = "project: alpha\nslug: chain\ndocument:\n  schema: 1\n  steps: []\n"
    assert _send(as_ada, text).status_code == 200
    draft = as_ada.get("/api/v1/pipelines/alpha/chain/draft/").json()
    assert (draft["revision"], draft["document"]["steps"]) == (2, [])


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: &x [1]\nb: *x",
        "!!python/object/apply:os.system ['true']",
        "a: b: c",
        "\x00",
        "[" * 5000,
    ],
    ids=lambda text: text[:12],
)
def test_odd_yaml_is_refused(as_ada: Client, text: str) -> None:
    assert_problem(_send(as_ada, text), 400, "parse_error")


def test_words_that_only_yaml_understands_are_texts(as_ada: Client) -> None:
    document = "{schema: 1, steps: [], x-day: 2020-01-01, x-on: on}"
    text = f"project: alpha\nslug: chain\ndocument: {document}\n"
    assert _send(as_ada, text).status_code == 200
    kept = as_ada.get("/api/v1/pipelines/alpha/chain/draft/").json()["document"]
    assert (kept["x-day"], kept["x-on"]) == ("2020-01-01", "on")


def test_which_version_goes_out(ada: Asker, pipeline: Pipeline) -> None:
    assert ada.get(f"{EXPORT}?version=1").json()["version"] == 1
    assert ada.get(f"{EXPORT}?version=draft").json()["version"] is None
    assert_problem(ada.get(f"{EXPORT}?version=2"), 404, "not_found")
    assert_problem(ada.get(f"{EXPORT}?version=x"), 400, "invalid")


APPLY = "pipelines/apply/"


def test_a_file_is_applied_by_slug(ada: Asker, pipeline: Pipeline) -> None:
    exported = ada.get(f"{EXPORT}?format=yaml").content.decode()
    same = ada.post(APPLY, {"text": exported, "publish": True, "project": "", "slug": ""}).json()
    assert (same["pipeline"], same["created"], same["version"], same["unchanged"]) == (
        "alpha/chain",
        False,
        1,
        True,
    )
    copy = ada.post(APPLY, {"text": exported, "slug": "copy", "publish": True, "note": "n"}).json()
    assert (copy["pipeline"], copy["created"], copy["version"], copy["unchanged"]) == (
        "alpha/copy",
        True,
        1,
        False,
    )
    first, second = (
        ada.get(f"pipelines/alpha/{slug}/export/").json() for slug in ("chain", "copy")
    )
    assert first["document"] == second["document"]


def test_a_document_alone_needs_to_be_told_where(ada: Asker, pipeline: Pipeline) -> None:
    text = "schema: 1\nsteps: [{name: a, template: nowhere}]\nnotes: [{text: Look, at: [1, 2]}]\n"
    assert_problem(ada.post(APPLY, {"text": text, "slug": "fresh"}), 400, "invalid")
    assert_problem(ada.post(APPLY, {"text": text, "project": "alpha"}), 400, "invalid")
    given = {"text": text, "project": "alpha", "slug": "fresh", "publish": True}
    done = ada.post(APPLY, given).json()
    assert (done["created"], done["revision"], done["version"]) == (True, 1, None)
    assert [one["code"] for one in done["problems"]] == ["unknown_template"]
    draft = ada.get("pipelines/alpha/fresh/draft/").json()["document"]
    assert draft["notes"] == [{"text": "Look", "at": [1, 2]}]
    mended = text.replace("nowhere", "load")
    assert ada.post(APPLY, {**given, "text": mended}).json()["version"] == 1


def test_a_file_says_no_more_of_a_pipeline_than_it_can(ada: Asker, pipeline: Pipeline) -> None:
    for text in ("slug: chain\ncolour: red\ndocument: {}\n", "a: [1", "- 1", "a: !x y"):
        given = {"text": text, "project": "alpha", "slug": "chain"}
        assert_problem(ada.post(APPLY, given), 400, "invalid")
    about = "slug: chain\nname: Renamed\ntags: [a]\ndocument: {schema: 1, steps: []}\n"
    ada.post(APPLY, {"text": about, "project": "alpha"})
    changed = ada.get("pipelines/alpha/chain/").json()
    assert (changed["name"], changed["tags"]) == ("Renamed", ["a"])


def test_a_whole_document_goes_out_and_comes_back(ada: Asker, pipeline: Pipeline) -> None:
    document = {**GOOD, "x-odd": ["on", "1e3", " a\n b ", {"😀": "\u2028"}]}
    ada.post(IMPORT, {"project": "alpha", "slug": "whole", "document": document})
    for form in ("yaml", "json", "python"):
        text = ada.get(f"pipelines/alpha/whole/export/?format={form}").content.decode()
        ada.post(APPLY, {"text": text, "slug": f"from-{form}"})
        kept = ada.get(f"pipelines/alpha/from-{form}/draft/").json()["document"]
        assert kept == document


def test_a_pipeline_goes_out_as_a_script_and_comes_back(ada: Asker, pipeline: Pipeline) -> None:
    exported = ada.get(f"{EXPORT}?format=python")
    assert exported["Content-Type"].startswith("text/x-python")
    assert exported["Content-Disposition"] == 'attachment; filename="alpha-chain.py"'
    assert ada.get(EXPORT, Accept="text/x-python").content == exported.content
    text = exported.content.decode()
    assert 'pipe = PipelineController(name="chain", project="alpha"' in text
    same = ada.post(APPLY, {"text": text, "publish": True}).json()
    assert (same["pipeline"], same["created"], same["unchanged"]) == ("alpha/chain", False, True)
    copy = ada.post(APPLY, {"text": text.replace('"chain"', '"A copy"'), "publish": True}).json()
    assert (copy["pipeline"], copy["created"], copy["version"]) == ("alpha/a-copy", True, 1)
    assert ada.get("pipelines/alpha/a-copy/").json()["name"] == "A copy"


def test_a_labelled_version_keeps_its_label(ada: Asker, pipeline: Pipeline) -> None:
    pipeline.versions.update(label="1.0.3")
    for form in ("yaml", "python"):
        text = ada.get(f"{EXPORT}?format={form}").content.decode()
        assert "1.0.3" in text
        assert ada.post(APPLY, {"text": text, "publish": True}).json()["unchanged"] is True


def test_problems_of_a_script_have_its_lines(ada: Asker, pipeline: Pipeline) -> None:
    text = (
        "from pipelines import PipelineController\n"
        'pipe = PipelineController(name="fresh", project="alpha")\n'
        'pipe.add_step(\n    name="a",\n    template="nowhere",\n    parents=["b"],\n)\n'
        "pipe.start()\n"
    )
    done = ada.post(APPLY, {"text": text}).json()
    assert {(one["line"], one["code"]) for one in done["problems"]} == {
        (5, "unknown_template"),
        (6, "unknown_step"),
    }
    read = ada.post("pipelines/alpha/chain/read/", {"text": text}).json()
    wrong, left = read["problems"][:2], read["problems"][2:]
    assert [one["line"] for one in wrong] == [5, 6]
    assert [(one["line"], one["code"], one["severity"]) for one in left] == [
        (2, "not_taken", "warning")
    ]
    assert 'the pipeline is called "' in left[0]["message"]
    assert read["steps"] == [{"step": "a", "first": 3, "last": 7}]
    assert read["document"]["steps"] == [{"name": "a", "template": "nowhere", "parents": ["b"]}]
    for path in (APPLY, "pipelines/alpha/chain/read/"):
        wrong = text.replace("pipe.start()", "import os\nprint(os)\n")
        told = assert_problem(ada.post(path, {"text": wrong}), 400, "invalid")
        assert [one["line"] for one in told["problems"]] == [8, 9]
        assert told["detail"].startswith("line 8: ")


def test_a_document_is_written_as_a_script(ada: Asker, people: People, pipeline: Pipeline) -> None:
    path = "pipelines/alpha/chain/write/"
    written = ada.post(path, {"document": GOOD}).json()
    rows = written["text"].splitlines()
    assert [one["step"] for one in written["steps"]] == ["load", "train a", "b"]
    for one in written["steps"]:
        assert rows[one["first"] - 1].startswith("pipe.add_step(")
        assert rows[one["last"] - 1].endswith(")")
    read = ada.post("pipelines/alpha/chain/read/", {"text": written["text"]}).json()
    assert read["document"] == GOOD
    assert_problem(ada.post(path, {"document": {"schema": 1, "steps": 3}}), 400, "invalid")
    assert_problem(ada.post(path, {"document": [1]}), 400, "invalid")
    assert people.colleague.post(path, {"document": GOOD}).status_code == 200
    assert people.stranger.post(path, {"document": GOOD}).status_code == 404
