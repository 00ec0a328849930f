"""A graph with nodes behind its own is the graph that has them from the beginning."""

from __future__ import annotations

from functools import cached_property

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.document import named_apart
from orchestrator.domain.graph import ForEach, Graph, Node

ASKED = sorted(name for name, what in vars(Graph).items() if isinstance(what, cached_property))
HOOKS = {"post": [{"kind": "script"}]}
MONITOR = ({"title": "loss", "series": "all"},)


@st.composite
def nodes(draw: st.DrawFn) -> tuple[Node, ...]:
    found: list[Node] = []
    for index in range(draw(st.integers(1, 12))):
        above = st.integers(0, index - 1) if index else st.nothing()
        fan_outs = [node.index for node in found if node.for_each]
        found.append(
            Node(
                index,
                f"step {index}",
                parents=tuple(draw(st.lists(above, max_size=3, unique=True)) if index else ()),
                hooks=HOOKS if draw(st.booleans()) else {},
                monitor=MONITOR if draw(st.booleans()) else (),
                for_each=ForEach((), 2) if draw(st.booleans()) else None,
                of=draw(st.sampled_from([None, *fan_outs])),
                key=draw(st.sampled_from(["", f"key {index}"])),
            )
        )
    return tuple(found)


@given(nodes(), st.data())
def test_a_grown_graph_answers_as_one_that_was_made_whole(
    found: tuple[Node, ...], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(found)))
    graph = Graph(found[:first])
    for name in data.draw(st.lists(st.sampled_from(ASKED), unique=True)):
        getattr(graph, name)
    grown, whole = graph.grown(found[first:]), Graph(found)
    assert grown == whole
    for name in ASKED:
        assert getattr(grown, name) == getattr(whole, name), name


def test_a_node_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown parent 7"):
        Graph().grown([Node(0, "load", parents=(7,))])
    with pytest.raises(ValueError, match="has index 3"):
        Graph().grown([Node(3, "load")])


def test_what_is_not_asked_for_again_is_not_found_again() -> None:
    graph = Graph((Node(0, "load"),))
    for name in ("index_by_name", "parents", "children", "has_hooks", "limited"):
        getattr(graph, name)
        assert name in vars(graph.grown([Node(1, "next", parents=(0,))])), name


@pytest.mark.parametrize("there", [1, 2, 3, 4, 7, 8, 9, 100])
def test_one_more_of_a_name_has_the_next_number(there: int) -> None:
    taken = {"load", *(f"load_{number}" for number in range(1, there))}
    (step,) = named_apart([{"name": "load"}], taken)
    assert step["name"] == f"load_{there}"


def test_what_names_a_step_means_the_nearest_before_it() -> None:
    said: list[dict[str, object]] = [
        {"name": "load"},
        {"name": "next", "parents": ["load"]},
        {"name": "load", "parents": ["load"]},
        {"name": "last", "parents": ["load", "next"]},
    ]
    found = named_apart(said, {"load", "next"})
    assert [step["name"] for step in found] == ["load_1", "next_1", "load_2", "last"]
    assert [step.get("parents") for step in found] == [
        None,
        ["load_1"],
        ["load_1"],
        ["load_2", "next_1"],
    ]


def test_a_name_that_one_was_given_is_not_the_one_that_another_had() -> None:
    said: list[dict[str, object]] = [
        {"name": "a"},
        {"name": "a_1"},
        {"name": "b", "parents": ["a", "a_1"]},
    ]
    found = named_apart(said, {"a"})
    assert [step["name"] for step in found] == ["a_1", "a_1_1", "b"]
    assert found[2]["parents"] == ["a_1", "a_1_1"]
