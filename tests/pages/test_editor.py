"""The editor's page: who gets it, what it starts from, and that its frame obeys the policy."""

import json
import re
from typing import Any

import pytest

from orchestrator.actions.pipelines import save_draft
from tests.pages.test_pages_obey_the_policy import INLINE
from tests.pages.world import World

EDIT = "/pipelines/alpha/chain/edit/"
PAGE = "/pipelines/alpha/chain/"


def shown(world: World, name: str = "ada") -> str:
    answer = world.client(name).get(EDIT)
    assert answer.status_code == 200
    return answer.content.decode()


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="editor-data" type="application/json">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("name", ["ola", "vera"])
def test_who_may_not_edit_sees_the_pipelines_page_instead(world: World, name: str) -> None:
    answer = world.client(name).get(EDIT)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_for_a_stranger_there_is_no_editor(world: World) -> None:
    assert world.client("sam").get(EDIT).status_code == 404
    assert world.client("").get(EDIT)["Location"] == f"/sign-in/?next={EDIT}"


def test_the_page_has_its_landmarks_and_one_main(world: World) -> None:
    page = shown(world)
    assert page.count("<main") == 1
    for landmark, label in (
        ("left", "Palette and outline"),
        ("right", "Properties"),
        ("problems", "Problems"),
    ):
        assert re.search(rf'id="editor-{landmark}" aria-label="{label}"', page)
    assert 'role="toolbar" aria-label="Editing"' in page
    assert 'href="#main">Skip' in page
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_nothing_stands_inline_in_the_editor(world: World) -> None:
    page = shown(world)
    assert not [what for what, pattern in INLINE.items() if re.search(pattern, page, re.I)]


def test_the_scripts_start_from_the_draft_and_the_latest_version(world: World) -> None:
    changed = {"schema": 1, "steps": [{"name": "</script><b>"}]}
    save_draft(actor="ada", pipeline=world.pipeline, document=changed, revision=1)
    data = data_of(shown(world))
    assert data["pipeline"]["slug"] == "chain"
    assert (data["draft"]["revision"], data["draft"]["document"]) == (2, changed)
    assert data["latest"]["number"] == 1
    assert [one["name"] for one in data["latest"]["document"]["steps"]] == ["first", "second"]
    assert data["schema"]["title"] == "Pipeline"
    assert (data["user"], data["may_run"]) == ("ada", True)
    for url in data["urls"].values():
        assert world.client("ada").get(url).status_code in (200, 405), url


def test_an_editor_is_offered_where_one_may_edit(world: World) -> None:
    for address in ("/pipelines/", PAGE):
        assert EDIT in world.client("ada").get(address).content.decode()
        assert EDIT not in world.client("ola").get(address).content.decode()
