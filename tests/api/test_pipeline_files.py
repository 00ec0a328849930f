"""Pipelines as files: out and in again, as JSON and YAML."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import Client

from orchestrator.models import Pipeline, User
from tests.api.asking import Asker, assert_problem
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
    for form in ("yaml", "json"):
        text = ada.get(f"pipelines/alpha/whole/export/?format={form}").content.decode()
        ada.post(APPLY, {"text": text, "slug": f"from-{form}"})
        kept = ada.get(f"pipelines/alpha/from-{form}/draft/").json()["document"]
        assert kept == document
