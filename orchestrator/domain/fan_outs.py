"""Fan-outs: which nodes a graph gets when the list of one is known, and what its items are called.

A step with ``for_each`` becomes ``train[0]``, ``train[1]``, …; the steps of a group with
``for_each`` become a chain for each item: ``fold[3].train``, and if one of them has a list of its
own, ``fold[3].train[0]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.domain.errors import CapExceeded, PipelinesError, UnresolvedReference, shortened
from orchestrator.domain.graph import Graph, Node, Trigger
from orchestrator.domain.names import CAPS, Caps
from orchestrator.domain.references import Reference, Source, as_text, references_in


@dataclass(frozen=True, slots=True)
class Part:
    """Items that were added to a run's graph: of which fan-out, from which place of its list."""

    of: int
    first: int
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Added:
    """A step that was added to a run's graph, and who makes its node out of what it says: *make*
    is given its place and the places of the steps before it, by name."""

    first: int
    make: Callable[[int, Mapping[str, int]], Node]


def item_of(name: str, item: int) -> str:
    """The name of one item."""
    return f"{name}[{item}]"


def asks_for_item(value: Any) -> bool:
    """Tell whether a value refers to ``item``, so that it differs from item to item."""
    return any(one.source is Source.ITEM for one in references_in(value))


def checked_list(value: Any, each: int = 1, caps: Caps = CAPS) -> list[Any]:
    """The list of a fan-out that makes so many steps of *each* item; raises naming the fault."""
    if not isinstance(value, list | tuple):
        shown = shortened(as_text(value), 60)
        raise PipelinesError(f"a fan-out needs a list, and got {_kind(value)}: {shown}")
    if len(value) * each > caps.fan_out:
        raise CapExceeded("steps of a fan-out", caps.fan_out, len(value) * each, "")
    return list(value)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    words = {str: "a text", bool: "true or false", dict: "an object"}
    return words.get(type(value), "a number")


def steps_of_each(graph: Graph, fan_out: int) -> int:
    """How many steps an item of the fan-out is made of."""
    return len(graph.members.get(fan_out, (fan_out,)))


def with_parts(graph: Graph, parts: Iterable[Part | Added]) -> Graph:
    """The graph with the items and steps that were added to it."""
    nodes = list(graph.nodes)
    members = graph.members
    places = dict(graph.index_by_name)
    before = len(nodes)
    for part in sorted(parts, key=lambda part: part.first):
        if part.first != len(nodes):
            raise ValueError(f"a part begins at {part.first} where {len(nodes)} nodes are")
        if isinstance(part, Added):
            nodes.append(part.make(part.first, places))
        else:
            nodes.extend(_nodes_of(nodes, members, part))
        places.update((node.name, node.index) for node in nodes[part.first :])
    return graph.grown(nodes[before:])


def _nodes_of(
    nodes: Sequence[Node], members: Mapping[int, Sequence[int]], part: Part
) -> Iterable[Node]:
    items = range(part.start, part.start + part.count)
    fan_out = nodes[part.of]
    steps = members.get(part.of)
    if steps is None:
        for place, item in enumerate(items):
            yield _item(fan_out, part.first + place, item)
        return
    for place, item in enumerate(items):
        base = part.first + place * len(steps)
        places = {step: base + number for number, step in enumerate(steps)}
        for step, index in places.items():
            yield _member(fan_out, nodes[step], index, item, places)


def _item(fan_out: Node, index: int, item: int) -> Node:
    """One item of a step; what it waits for, its fan-out has waited for."""
    return replace(
        fan_out,
        index=index,
        name=item_of(fan_out.name, item),
        parents=(),
        trigger=Trigger.ALL_SUCCEEDED,
        for_each=None,
        when=fan_out.when if asks_for_item(fan_out.when) else None,
        of=fan_out.index,
        item=item,
        source=fan_out.step,
    )


def _member(fan_out: Node, step: Node, index: int, item: int, places: Mapping[int, int]) -> Node:
    """One step of an item's chain; its parents are those of the same item."""
    return replace(
        step,
        index=index,
        name=f"{item_of(fan_out.name, item)}.{step.name}",
        parents=tuple(places[parent] for parent in step.parents if parent in places),
        of=step.index,
        item=item,
        source=step.name,
        within=None,
    )


def seen_from(graph: Graph, node: Node, name: str) -> str:
    """Which step a name means to a node: in an item's chain its own, elsewhere the document's."""
    if node.of is None:
        return name
    for one in (node.index, *graph.above(node.index)):
        found = graph.nodes[one]
        if found.of is None:
            break
        within = graph.nodes[found.of].within
        if within is not None:
            own = f"{item_of(graph.nodes[within].name, found.item or 0)}.{name}"
            return own if own in graph.index_by_name else name
    return name


def from_item(reference: Reference, value: Any) -> Any:
    """What ``${item}`` or ``${item.key}`` gives; raises UnresolvedReference for want of it."""
    for key in reference.path:
        if not isinstance(value, dict):
            raise UnresolvedReference(
                str(reference), f"the item is {_kind_of_item(value)}, not an object"
            )
        if key not in value:
            known = ", ".join(map(str, sorted(value))) or "nothing"
            raise UnresolvedReference(str(reference), f'the item has no "{key}" (it has: {known})')
        value = value[key]
    return value


def _kind_of_item(value: Any) -> str:
    return "a list" if isinstance(value, list | tuple) else _kind(value)
