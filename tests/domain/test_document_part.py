"""A part of a document: up to some steps, or some steps alone with values put in."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import references
from orchestrator.domain.document import alone, check, graph_of, steps_needed, up_to
from orchestrator.domain.errors import BadReference, Invalid, UnresolvedReference
from orchestrator.domain.references import KEEP, Reference
from tests.domain.test_document_properties import AnyTemplate, valid

CHAIN: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 5}],
    "steps": [
        {"name": "load", "template": "work", "parameters": {"n": "${pipeline.rows}"}},
        {"name": "side", "template": "work"},
        {
            "name": "train",
            "template": "work",
            "parents": ["side"],
            "parameters": {"a": "${load.x}"},
        },
        {"name": "show", "template": "work", "parents": ["train"]},
    ],
    "outputs": {"loaded": "${load.x}", "shown": "${show.x}", "both": ["${load.x}", "${show.x}"]},
    "layout": {"load": [0, 0], "show": [9, 9]},
}


def names(document: dict[str, Any]) -> list[str]:
    return [step["name"] for step in document["steps"]]


def test_up_to_a_step_keeps_what_comes_before_it() -> None:
    part = up_to(CHAIN, ["train"])
    assert names(part) == ["load", "side", "train"]
    assert part["outputs"] == {"loaded": "${load.x}"}
    assert part["layout"] == {"load": [0, 0]}
    assert names(up_to(CHAIN, ["load", "side"])) == ["load", "side"]
    assert check(part, catalog=AnyTemplate()) == []


def test_what_is_wrong_elsewhere_does_not_matter_and_what_is_wrong_here_stays() -> None:
    broken = copy.deepcopy(CHAIN)
    broken["steps"][3]["parents"] = ["train", "nobody"]
    assert check(up_to(broken, ["train"]), catalog=AnyTemplate()) == []
    assert [one.code for one in check(up_to(broken, ["show"]), catalog=AnyTemplate())] == [
        "unknown_step"
    ]


def test_a_step_alone_gets_the_values_of_the_others() -> None:
    part = alone(CHAIN, ["train"], lambda _: "a text with ${not.read}")
    (train,) = part["steps"]
    assert train["parents"] == []
    assert train["parameters"] == {"a": "a text with $${not.read}"}
    assert part["outputs"] == {}
    assert check(part, catalog=AnyTemplate()) == []
    assert [str(one) for one in steps_needed(CHAIN, ["train"])] == ["${load.outputs.x}"]
    assert steps_needed(CHAIN, ["load"]) == []


def test_steps_alone_together_keep_what_is_between_them() -> None:
    part = alone(CHAIN, ["load", "train"], lambda _: pytest.fail("nothing is to be looked up"))
    assert part["steps"][1]["parameters"] == {"a": "${load.x}"}
    assert part["steps"][1]["parents"] == []


def test_every_value_that_is_missing_is_named() -> None:
    def nothing(reference: Reference) -> Any:
        raise UnresolvedReference(str(reference), "it has not run")

    with pytest.raises(Invalid) as caught:
        alone(CHAIN, ["train"], nothing)
    (problem,) = caught.value.problems
    assert (problem.step, problem.code) == ("train", "no_value")
    assert "${load.outputs.x} has no value: it has not run" in problem.message


@pytest.mark.parametrize(("chosen", "code"), [([], "missing"), (["nobody"], "unknown_step")])
def test_the_steps_must_be_there(chosen: list[str], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        up_to(CHAIN, chosen)
    assert caught.value.problems[0].code == code
    with pytest.raises(Invalid) as caught:
        alone(CHAIN, chosen, lambda _: None)
    assert caught.value.problems[0].code == code


@given(valid(), st.data())
def test_up_to_any_step_is_its_ancestors_and_can_run(
    document: dict[str, Any], data: st.DataObject
) -> None:
    graph = graph_of(document)
    index = data.draw(st.integers(0, len(graph) - 1))
    part = up_to(document, [graph.nodes[index].name])
    wanted = {graph.nodes[one].name for one in (index, *graph.ancestors(index))}
    assert set(names(part)) == wanted
    assert check(part, catalog=AnyTemplate()) == []


pieces = st.sampled_from(["a", "$", "{", "}", "$${", "${a.x}", "${b.y}", "${pipeline.n}", "`"])
texts = st.lists(pieces, max_size=5).map("".join)
values = st.recursive(
    texts | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=2), max_leaves=4
)


@given(values, values)
def test_filling_and_then_resolving_is_resolving_at_once(value: Any, given_value: Any) -> None:
    def of_steps(reference: Reference) -> Any:
        return given_value if reference.step == "a" else KEEP

    def everything(reference: Reference) -> Any:
        return given_value if reference.step == "a" else "given later"

    try:
        wanted = references.resolve(value, everything).value
        filled = references.fill(value, of_steps)
    except (BadReference, UnresolvedReference):
        return
    assert references.resolve(filled, everything).value == wanted
    json.dumps(filled)
