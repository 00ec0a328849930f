"""Whatever a draft holds, every page and every answer about it is there, with named problems."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.actions.pipelines import save_draft
from orchestrator.domain.names import CAPS
from tests.pages.world import World

MARKUP = "<img src=x onerror=alert(1)>"


def steps(*given: Any, **more: Any) -> dict[str, Any]:
    return {"schema": 1, "steps": list(given), **more}


def chain_of(length: int) -> list[dict[str, Any]]:
    return [
        {"name": f"s{n}", "template": "load", "parents": [f"s{n - 1}"] if n else []}
        for n in range(length)
    ]


RUBBISH: dict[str, Any] = {
    "nothing": {},
    "another schema": {"schema": 99, "steps": []},
    "steps that are none": {"schema": 1, "steps": "many"},
    "a number as a step": steps(1, None, [], "x"),
    "a step without a name": steps({}, {"name": 5}, {"name": None}),
    "odd fields": steps({"name": "a", "parents": 3, "tags": [[1]], "parameters": [], "kind": 1}),
    "odd sections": steps(
        parameters=7, outputs=[], groups="x", layout=[1], notes={}, tags=4, run=1
    ),
    "markup in names": steps({"name": MARKUP, "template": MARKUP, "comment": MARKUP}),
    "dots and back-quotes": steps({"name": "a.b`c", "parameters": {"x": "${a.b`c.d}"}}),
    "references to nothing": steps(
        {"name": "a", "template": "load", "queue": "${b.x} ${pipeline.y}"}
    ),
    "a circle of references": steps(
        {"name": "a", "template": "load", "parameters": {"rows": "${b.x}"}},
        {"name": "b", "template": "load", "parameters": {"rows": "${a.x}"}},
    ),
    "a megabyte of text": steps({"name": "a", "template": "load", "comment": "x" * 1_000_000}),
    "a megabyte of a name": steps({"name": "n" * 1_000_000, "template": "t" * 1_000_000}),
    "a megabyte of references": steps({"name": "a", "queue": "${a.x}" * 160_000}),
    "too many steps": {"schema": 1, "steps": chain_of(CAPS.steps + 1)},
    "a deep value": steps({"name": "a", "parameters": {"x": json.loads("[" * 90 + "]" * 90)}}),
}
PAGES = ("", "?version=draft", "edit/", "document/", "run/?version=draft")
GET = ("draft/", "compare/", "references/?step=a", "palette/", "export/?version=draft&format=yaml")


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_is_kept_shown_and_named(world: World, what: str) -> None:
    save_draft(actor="ada", pipeline=world.pipeline, document=RUBBISH[what], revision=1)
    client = world.client("ada")
    for page in PAGES:
        answer = client.get(f"/pipelines/alpha/chain/{page}")
        assert answer.status_code == 200, page
        assert MARKUP not in answer.content.decode(), page
    for path in GET:
        answer = client.get(f"/api/v1/pipelines/alpha/chain/{path}")
        assert answer.status_code == 200, (path, answer.content[:300])
    draft = client.get("/api/v1/pipelines/alpha/chain/draft/").json()
    errors = [one for one in draft["problems"] if one["severity"] == "error"]
    if what != "a megabyte of text":
        assert errors
    assert all(one["message"] and len(one["message"]) < 1_000 for one in errors)


@pytest.mark.parametrize("what", [what for what in RUBBISH if what != "a megabyte of text"])
def test_rubbish_is_not_published_and_does_not_run(world: World, what: str) -> None:
    save_draft(actor="ada", pipeline=world.pipeline, document=RUBBISH[what], revision=1)
    client = world.client("ada")
    asked = {"content_type": "application/json", "headers": {"If-Match": '"2"'}}
    for verb, body in (("publish", {}), ("runs", {"version": "draft"})):
        answer = client.post(f"/api/v1/pipelines/alpha/chain/{verb}/", body, **asked)  # type: ignore[arg-type]
        assert answer.status_code == 400, verb
        assert answer.json()["problems"]
    assert world.pipeline.versions.count() == 1
