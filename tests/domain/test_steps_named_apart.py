"""Steps that come to others get names of their own, and go on naming what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.document import apart, named_apart
from orchestrator.domain.names import STEP_NAME_LENGTH


def step(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


def names(steps: list[dict[str, Any]], *taken: str) -> list[str]:
    return [one["name"] for one in named_apart(steps, taken)]


def test_who_comes_first_keeps_the_name() -> None:
    assert names([step("x"), step("y"), step("x"), step("x")]) == ["x", "y", "x_1", "x_2"]
    assert names([step("x"), step("x")], "x", "x_2") == ["x_1", "x_3"]


def test_a_step_means_the_nearest_one_before_it_of_that_name() -> None:
    found = named_apart([step("x"), step("x"), step("y", parents=["x"])], ["x"])
    assert [one["name"] for one in found] == ["x_1", "x_2", "y"]
    assert found[2]["parents"] == ["x_2"]


def test_its_references_go_along() -> None:
    said = {"p": "${x.outputs.a} and ${x_1.outputs.b}"}
    found = named_apart([step("x"), step("x_1"), step("y", parameters=said)], ["x"])
    assert [one["name"] for one in found] == ["x_1", "x_1_1", "y"]
    assert found[2]["parameters"] == {"p": "${x_1.outputs.a} and ${x_1_1.outputs.b}"}


def test_a_step_that_names_one_of_its_own_name_means_the_one_before() -> None:
    assert named_apart([step("x", parents=["x"])], ["x"]) == [step("x_1", parents=["x"])]


@pytest.mark.parametrize("parents", [5, "x", None, [{"a": 1}, ["x"], 3]])
def test_what_is_no_list_of_names_is_left_for_the_check(parents: Any) -> None:
    found = named_apart([step("x"), step("y", parents=parents)], ["x"])
    assert found[1]["parents"] == parents


def test_long_names_stay_within_the_length() -> None:
    long = "n" * STEP_NAME_LENGTH
    found = names([step(long)] * 3)
    assert len(set(found)) == 3
    assert max(map(len, found)) <= STEP_NAME_LENGTH


def test_many_of_one_name_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Taken(set[str]):
        def __contains__(self, name: object) -> bool:
            asked.append(name)
            return super().__contains__(name)

    monkeypatch.setattr(apart, "set", Taken, raising=False)
    steps = named_apart([step("train", parents=["load"]) for _ in range(1000)], ["load"])
    assert (steps[-1]["name"], len({one["name"] for one in steps})) == ("train_999", 1000)
    assert len(asked) < 3 * 1000
