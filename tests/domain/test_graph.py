"""What a graph answers; drawn in tests/graphs.py."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.graph import Graph, Node, find_cycle
from tests.graphs import CHAIN, DIAMOND, FAN_OUT, TWO_ISLANDS, graph


def names(of: Graph, indexes: tuple[int, ...]) -> str:
    return " ".join(of.nodes[index].name for index in indexes)


@pytest.mark.parametrize(
    ("edges", "of", "parents", "children", "above", "below"),
    [
        (CHAIN, "load", "", "clean", "", "clean train"),
        (CHAIN, "clean", "load", "train", "load", "train"),
        (CHAIN, "train", "clean", "", "load clean", ""),
        (DIAMOND, "load", "", "left right", "", "left right join"),
        (DIAMOND, "join", "left right", "", "load left right", ""),
        (FAN_OUT, "load", "", "a b c", "", "a b c"),
        (TWO_ISLANDS, "count", "", "report", "", "report"),
        (TWO_ISLANDS, "train", "load", "", "load", ""),
    ],
)
def test_a_graph_knows_what_is_around_a_step(
    edges: dict[str, str], of: str, parents: str, children: str, above: str, below: str
) -> None:
    whole = graph(edges)
    index = whole.index_by_name[of]
    assert whole.node(of) is whole.nodes[index]
    assert names(whole, whole.parents[index]) == parents
    assert names(whole, whole.children[index]) == children
    assert names(whole, whole.ancestors(index)) == above
    assert names(whole, whole.descendants(index)) == below


def test_roots_and_ranks() -> None:
    assert names(graph(TWO_ISLANDS), graph(TWO_ISLANDS).roots) == "load count"
    assert graph(DIAMOND).ranks == (0, 1, 1, 2)


def test_parents_come_before_children_whatever_the_order_of_writing() -> None:
    backwards = graph({"train": "clean", "clean": "load", "load": ""})
    assert names(backwards, backwards.order) == "load clean train"


def test_descendants_of_several_steps_come_together() -> None:
    both = graph(TWO_ISLANDS)
    assert names(both, both.descendants(0, 2)) == "train report"


def test_parents_named_twice_count_once() -> None:
    assert Graph((Node(0, "a"), Node(1, "b", parents=(0, 0)))).children == ((1,), ())


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ((Node(1, "a"),), 'node "a" at place 0 has index 1'),
        ((Node(0, "a", parents=(7,)),), 'node "a" has the unknown parent 7'),
        ((Node(0, "a", parents=(-1,)),), 'node "a" has the unknown parent -1'),
    ],
)
def test_a_graph_refuses_indexes_that_are_not_places(nodes: tuple[Node, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Graph(nodes)


def test_an_empty_graph_is_a_graph() -> None:
    assert (len(Graph()), Graph().order, Graph().roots, find_cycle(())) == (0, (), (), ())


@pytest.mark.parametrize(
    ("parents", "cycle"),
    [
        ([(), (0,), (1,)], ()),
        ([(0,)], (0, 0)),
        ([(1,), (0,)], (0, 1, 0)),
        ([(1,), (2,), (0,), (2,)], (0, 2, 1, 0)),
        ([(), (3,), (1,), (2,)], (1, 2, 3, 1)),
    ],
)
def test_a_cycle_is_told_along_its_arrows(
    parents: list[tuple[int, ...]], cycle: tuple[int, ...]
) -> None:
    assert find_cycle(parents) == cycle


@st.composite
def acyclic(draw: st.DrawFn) -> tuple[tuple[int, ...], ...]:
    """Draw the parents of some nodes, then number the nodes anew at random."""
    size = draw(st.integers(1, 30))
    parents = [
        draw(st.sets(st.integers(0, index - 1), max_size=4)) if index else set()
        for index in range(size)
    ]
    place = draw(st.permutations(range(size)))
    shuffled: list[tuple[int, ...]] = [()] * size
    for index, above in enumerate(parents):
        shuffled[place[index]] = tuple(place[parent] for parent in above)
    return tuple(shuffled)


def of_parents(parents: tuple[tuple[int, ...], ...]) -> Graph:
    return Graph(tuple(Node(at, f"n{at}", parents=above) for at, above in enumerate(parents)))


@given(acyclic())
def test_order_ancestors_and_descendants_agree(parents: tuple[tuple[int, ...], ...]) -> None:
    whole = of_parents(parents)
    place = {index: at for at, index in enumerate(whole.order)}
    assert find_cycle(parents) == ()
    assert sorted(whole.order) == list(range(len(whole)))
    for index in range(len(whole)):
        assert all(place[parent] < place[index] for parent in whole.parents[index])
        assert all(index in whole.descendants(above) for above in whole.ancestors(index))
        assert all(index in whole.parents[child] for child in whole.children[index])
        assert index not in whole.descendants(index)


@given(acyclic(), st.data())
def test_an_edge_back_up_makes_a_cycle_that_is_found(
    parents: tuple[tuple[int, ...], ...], data: st.DataObject
) -> None:
    low = data.draw(st.integers(0, len(parents) - 1))
    high = data.draw(st.sampled_from((low, *of_parents(parents).ancestors(low))))
    closed = list(parents)
    closed[high] = (*closed[high], low)
    cycle = find_cycle(closed)
    assert cycle[0] == cycle[-1] == min(cycle)
    assert all(above in closed[below] for above, below in pairwise(cycle))


def test_ten_thousand_steps_in_a_row_need_no_recursion() -> None:
    parents = [(index - 1,) if index else () for index in range(10_000)]
    whole = of_parents(tuple(parents))
    assert len(whole.descendants(0)) == len(whole.ancestors(9_999)) == 9_999
    assert whole.ranks[-1] == 9_999
    assert len(find_cycle([(9_999,), *parents[1:]])) == 10_001
