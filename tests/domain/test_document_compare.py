"""Two documents are compared by step and field; what goes without saying makes no difference."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.document import Difference, compare
from tests.domain.test_document_check import GOOD
from tests.domain.test_document_properties import anything, documents, valid


def changed(change: Any) -> Difference:
    after = copy.deepcopy(GOOD)
    change(after)
    return compare(GOOD, after)


def test_what_goes_without_saying_makes_no_difference() -> None:
    def spell_out(document: dict[str, Any]) -> None:
        document["steps"][0] |= {"parents": [], "priority": 0, "comment": "", "timeout": None}
        document["steps"][0]["parameters"] = {"rows": "${pipeline.rows}"}
        document["steps"][1]["tags"] = ["slow", "slow"]
        document["hooks"] = {}

    assert changed(spell_out).as_dict()["same"] is True


def test_a_steps_fields_are_told_one_by_one() -> None:
    def edit(document: dict[str, Any]) -> None:
        step = document["steps"][1]
        step["parameters"]["General/depth"] = 5
        step["retries"]["number"] = 3
        del step["timeout"]
        step["parents"] = []

    told = changed(edit)
    assert set(told.changed) == {"train a"}
    assert sorted(told.changed["train a"]) == [
        "parameters.General/depth",
        "parents",
        "retries.number",
        "timeout",
    ]
    # The reference to it is still there, and with it the edge.
    assert told.edges_removed == []


def test_steps_and_edges_come_and_go() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["steps"][0]["name"] = "get"

    told = changed(edit)
    assert (told.added, told.removed) == (["get"], ["load"])
    assert told.edges_added == []
    assert told.edges_removed == []

    def connect(document: dict[str, Any]) -> None:
        document["steps"][2]["parents"] = ["load"]

    assert changed(connect).edges_added == [("load", "b")]


def test_the_order_of_steps_and_parents_says_nothing() -> None:
    one = {"name": "c", "parents": ["a", "b"]}
    other = {"name": "c", "parents": ["b", "a"]}
    ends = [{"name": "a"}, {"name": "b"}]
    before = {"schema": 1, "steps": [*ends, one]}
    assert compare(before, {"schema": 1, "steps": [other, *ends]}) == Difference()


def test_what_is_not_steps_is_told_by_name() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["parameters"][0]["default"] = 5
        document["parameters"].append({"name": "more"})
        document["outputs"]["n"] = True
        document["layout"]["load"] = [5, 5]
        document["notes"][0]["text"] = "Look here"
        document["defaults"]["retries"]["number"] = 3
        document["x-made-by"] = "machine"

    assert sorted(changed(edit).other) == [
        "defaults.retries.number",
        "layout",
        "notes",
        "outputs.n",
        "parameters.more",
        "parameters.rows.default",
        "x-made-by",
    ]


def test_one_and_true_are_two_values() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["outputs"]["n"] = True

    GOOD_WITH_ONE = {**GOOD, "outputs": {**GOOD["outputs"], "n": 1}}
    after = copy.deepcopy(GOOD_WITH_ONE)
    edit(after)
    assert compare(GOOD_WITH_ONE, after).other == ["outputs.n"]


@given(valid())
def test_a_document_differs_in_nothing_from_itself(document: dict[str, Any]) -> None:
    assert compare(document, copy.deepcopy(document)) == Difference()


objects = (documents | anything).filter(lambda value: isinstance(value, dict))


@given(objects, objects | st.just({}))
def test_rubbish_is_compared_without_an_error_of_pythons(before: Any, after: Any) -> None:
    told = compare(before, after).as_dict()
    back = compare(after, before).as_dict()
    assert told["same"] == back["same"]
    assert set(told["steps"]["added"]) == set(back["steps"]["removed"])
    assert set(told["steps"]["changed"]) == set(back["steps"]["changed"])
