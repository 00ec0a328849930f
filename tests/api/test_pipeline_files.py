"""Pipelines as files: out and in again, as JSON and YAML."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import Client

from orchestrator.models import Pipeline, User
from tests.api.asking import Asker, assert_problem
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
