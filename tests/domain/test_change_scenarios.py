"""The fold gives what the scenario files say; JavaScript runs the same files."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.changes import Kind, apply, fold

FILES = sorted((Path(__file__).parent.parent / "scenarios" / "changes").glob("*.json"))


def scenario(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_folding_the_changes_gives_the_view(path: Path) -> None:
    told = scenario(path)
    assert fold(told["before"], told["changes"]) == told["after"], told["title"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_by_one_is_the_same_and_leaves_the_view_before_alone(path: Path) -> None:
    told = scenario(path)
    before = copy.deepcopy(told["before"])
    view = told["before"]
    for change in told["changes"]:
        view = apply(view, change)
    assert view == told["after"]
    assert told["before"] == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_of_it_again_changes_nothing(path: Path) -> None:
    told = scenario(path)
    assert fold(told["after"], told["changes"]) == told["after"]


def test_every_kind_of_change_has_a_scenario() -> None:
    told = {change["kind"] for path in FILES for change in scenario(path)["changes"]}
    assert told == {kind.value for kind in Kind}
