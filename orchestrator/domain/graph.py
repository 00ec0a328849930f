"""A run's graph: what is connected with what. Built once a revision, then only asked.

Steps are numbered by their place (``index``); edges are tuples of such numbers, so that a graph
of ten thousand steps is light and asking it costs nothing.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any


class Kind(StrEnum):
    """What a step is."""

    TASK = "task"
    PIPELINE = "pipeline"
    APPROVAL = "approval"


class Trigger(StrEnum):
    """When a step may start, given its parents."""

    ALL_SUCCEEDED = "all_succeeded"
    NONE_FAILED = "none_failed"
    ALL_DONE = "all_done"
    ANY_FAILED = "any_failed"
    ANY_SUCCEEDED = "any_succeeded"


# The words of ``retries.on``; each is also the status that an attempt so ended has.
RETRY_FAILED = "failed"
RETRY_CRASHED = "crashed"
RETRY_ON = (RETRY_FAILED, RETRY_CRASHED)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and when a step is tried again by itself; ``number`` counts failed attempts.

    The delay before retry n is ``delay * factor ** (n - 1)`` seconds, at most ``limit``, with a
    random part of up to ``jitter`` of it (0 to 1).
    """

    number: int = 0
    delay: float = 0.0
    factor: float = 1.0
    jitter: float = 0.0
    limit: float | None = None
    on: tuple[str, ...] = RETRY_ON


NO_RETRIES = Retries()


@dataclass(frozen=True, slots=True)
class ForEach:
    """A fan-out: an item for each element of the list, which may be a reference to one."""

    list: Any = field(default=(), hash=False)
    max_parallel: int | None = None


# What an approval step gives besides the values of its form.
ANSWER = ("approved", "by", "at", "comment")


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person is asked: a form (parameter declarations), who may answer, until when."""

    form: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    roles: tuple[str, ...] = ()
    deadline: float | None = None
    on_deadline: str = "reject"


@dataclass(frozen=True, slots=True)
class Options:
    """How a whole run behaves; times in seconds."""

    timeout: float | None = None
    max_parallel: int | None = None
    abort_on_failure: bool = False
    pause_at: frozenset[str] = frozenset()
    concurrency_key: str | None = None
    on_conflict: str = "wait"


@dataclass(frozen=True, slots=True)
class Node:
    """One step as the document says it; ``parents`` includes those that references imply.

    ``template`` is the pipeline of a nested one. An item of a fan-out has in ``of`` the index of
    the fan-out's own node and in ``item`` its place in the list.
    """

    index: int
    name: str
    kind: Kind = Kind.TASK
    template: str | None = None
    version: int | str | None = None
    parents: tuple[int, ...] = ()
    trigger: Trigger = Trigger.ALL_SUCCEEDED
    may_fail: bool = False
    retries: Retries = NO_RETRIES
    timeout: float | None = None
    queue_timeout: float | None = None
    grace: float | None = None
    queue: str | None = None
    priority: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    when: str | None = None
    cache: bool = False
    for_each: ForEach | None = None
    approval: Approval | None = None
    hooks: Mapping[str, Any] = field(default_factory=dict, hash=False)
    monitor: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    group: str | None = None
    tags: tuple[str, ...] = ()
    comment: str = ""
    of: int | None = None
    item: int | None = None

    @property
    def counts(self) -> bool:
        """True when its end decides how the run ends."""
        return not self.may_fail and self.of is None


@dataclass(frozen=True)
class Graph:
    """Nodes in order of their index, and the questions one asks of them.

    Nothing is checked here but that indexes are places and parents exist; cycles are found by
    ``find_cycle``, before a graph is made.
    """

    nodes: tuple[Node, ...] = ()
    options: Options = Options()
    hooks: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for place, node in enumerate(self.nodes):
            if node.index != place:
                raise ValueError(f'node "{node.name}" at place {place} has index {node.index}')
            for parent in node.parents:
                if not 0 <= parent < len(self.nodes):
                    raise ValueError(f'node "{node.name}" has the unknown parent {parent}')

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def has_hooks(self) -> bool:
        """True when somebody is called because of this run or of one of its steps."""
        return bool(self.hooks) or any(node.hooks for node in self.nodes)

    @cached_property
    def index_by_name(self) -> Mapping[str, int]:
        """Places by name."""
        return {node.name: node.index for node in self.nodes}

    @cached_property
    def parents(self) -> tuple[tuple[int, ...], ...]:
        """The parents of each node, in ascending order."""
        return tuple(tuple(sorted(set(node.parents))) for node in self.nodes)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The children of each node, in ascending order."""
        children: list[list[int]] = [[] for _ in self.nodes]
        for index, parents in enumerate(self.parents):
            for parent in parents:
                children[parent].append(index)
        return tuple(map(tuple, children))

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The nodes without parents."""
        return tuple(index for index, parents in enumerate(self.parents) if not parents)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """All nodes, parents before children, by rank and then by index."""
        ranks = self.ranks
        return tuple(sorted(range(len(self.nodes)), key=lambda index: (ranks[index], index)))

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """The length of the longest way from a root to each node."""
        ranks = [0] * len(self.nodes)
        for index in TopologicalSorter(dict(enumerate(self.parents))).static_order():
            ranks[index] = 1 + max((ranks[parent] for parent in self.parents[index]), default=-1)
        return tuple(ranks)

    def node(self, name: str) -> Node:
        """Return the node of that name; ``KeyError`` if there is none."""
        return self.nodes[self.index_by_name[name]]

    def descendants(self, *indexes: int) -> tuple[int, ...]:
        """Everything downstream of these nodes, without them unless one is below another."""
        return _reachable(indexes, self.children)

    def ancestors(self, *indexes: int) -> tuple[int, ...]:
        """Everything upstream of these nodes, without them unless one is above another."""
        return _reachable(indexes, self.parents)


def _reachable(starts: Iterable[int], edges: Sequence[Sequence[int]]) -> tuple[int, ...]:
    seen: set[int] = set()
    waiting = deque(starts)
    while waiting:
        fresh = [index for index in edges[waiting.popleft()] if index not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return tuple(sorted(seen))


def find_cycle(parents: Sequence[Iterable[int]]) -> tuple[int, ...]:
    """Return a way round as indexes, from its smallest back to it (``(1, 4, 2, 1)``), or ``()``."""
    sorter = TopologicalSorter({index: sorted(set(above)) for index, above in enumerate(parents)})
    try:
        sorter.prepare()
    except CycleError as error:
        return _from_smallest(error.args[1])
    return ()


def _from_smallest(cycle: Sequence[int]) -> tuple[int, ...]:
    # The same circle is always told from the same place, whatever order it was found in.
    circle = list(cycle[:-1])
    start = circle.index(min(circle))
    return (*circle[start:], *circle[:start], circle[start])
