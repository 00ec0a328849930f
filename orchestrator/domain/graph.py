"""A run's graph: what is connected with what. Built once a revision, then only asked.

Steps are numbered by their place (``index``); edges are tuples of such numbers, so that a graph
of ten thousand steps is light and asking it costs nothing.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    GROUP = "group"


STEP_KINDS = (Kind.TASK, Kind.PIPELINE, Kind.APPROVAL)
"""The kinds that a document's step can have; a group's own node is the work of the run."""


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


SCRIPT = "script"
"""Who answers a hook of this kind: the script that drives the run."""

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
    the fan-out's own node, in ``item`` its place in the list, and in ``source`` the name of the
    document's step that it is made from. ``within`` is the index of the fan-out of the group in
    which the document's step stands: it is spread out with it. One that was added while the run
    went on is in no document; it has the *key* under which it was.
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
    monitor_artifacts: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    monitor_models: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    group: str | None = None
    tags: tuple[str, ...] = ()
    comment: str = ""
    of: int | None = None
    item: int | None = None
    source: str = ""
    within: int | None = None
    key: str = ""

    @property
    def step(self) -> str:
        """The name of the document's step."""
        return self.source or self.name

    @property
    def is_monitored(self) -> bool:
        """True when something of it is copied to the run."""
        return bool(self.monitor or self.monitor_artifacts or self.monitor_models)

    @property
    def is_fan_out(self) -> bool:
        """True for what stands for its items and has no attempts of its own."""
        return self.for_each is not None or self.within is not None

    @property
    def added(self) -> bool:
        """True when it came to the graph while the run went on, by itself."""
        return bool(self.key)

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
        self._check(self.nodes)

    def _check(self, nodes: Iterable[Node], first: int = 0) -> None:
        for place, node in enumerate(nodes, first):
            if node.index != place:
                raise ValueError(f'node "{node.name}" at place {place} has index {node.index}')
            for parent in node.parents:
                if not 0 <= parent < len(self.nodes):
                    raise ValueError(f'node "{node.name}" has the unknown parent {parent}')

    def grown(self, fresh: Sequence[Node]) -> "Graph":
        """The graph with these nodes behind its own.

        What has been found of it is carried on, so that one node more costs the same whether ten
        or ten thousand are there; what is not carried on is found when somebody asks.
        """
        known = {name: value for name, value in vars(self).items() if name in _CARRIED}
        graph: Graph = object.__new__(Graph)
        values = {"nodes": (*self.nodes, *fresh), "options": self.options, "hooks": self.hooks}
        vars(graph).update(values)
        graph._check(fresh, len(self.nodes))
        found = {name: _CARRIED[name](value, fresh) for name, value in known.items()}
        vars(graph).update((name, value) for name, value in found.items() if value is not None)
        return graph

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def has_hooks(self) -> bool:
        """True when somebody is called because of this run or of one of its steps."""
        return bool(self.hooks) or any(node.hooks for node in self.nodes)

    @cached_property
    def calls_script(self) -> bool:
        """True when something is asked of the run's script."""
        return asks_script(self.hooks) or any(asks_script(node.hooks) for node in self.nodes)

    @cached_property
    def has_monitors(self) -> bool:
        """True when something of some step is copied to the run."""
        return any(node.is_monitored for node in self.nodes)

    @cached_property
    def watchers(self) -> Mapping[str, int]:
        """How many nodes have metrics copied to the run under a title."""
        return Counter(
            title
            for node in self.nodes
            for title in {one.get("as_title") or one.get("title", "") for one in node.monitor}
        )

    @cached_property
    def givers(self) -> Mapping[str, int]:
        """How many nodes have artifacts or models copied to the run under a name or pattern."""
        return Counter(
            name
            for node in self.nodes
            for name in {
                *(one.get("as") or one.get("artifact", "") for one in node.monitor_artifacts),
                *(one.get("as") or one.get("model", "") for one in node.monitor_models),
            }
        )

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
        """The length of the longest way from a root to each node; an item has its fan-out's."""
        ranks = [0] * len(self.nodes)
        own = {node.index: self.parents[node.index] for node in self.nodes if node.of is None}
        for index in TopologicalSorter(own).static_order():
            ranks[index] = 1 + max((ranks[parent] for parent in self.parents[index]), default=-1)
        for node in self.nodes:
            if node.of is not None:
                ranks[node.index] = ranks[node.of]
        return tuple(ranks)

    @cached_property
    def items(self) -> Mapping[int, tuple[int, ...]]:
        """The items of each fan-out that has been spread out, in the order of its list."""
        items: dict[int, list[int]] = defaultdict(list)
        for node in self.nodes:
            if node.of is not None:
                items[node.of].append(node.index)
        return {index: tuple(found) for index, found in items.items()}

    @cached_property
    def members(self) -> Mapping[int, tuple[int, ...]]:
        """The document's steps in each group that is a fan-out, by the index of its node."""
        members: dict[int, list[int]] = defaultdict(list)
        for node in self.nodes:
            if node.within is not None:
                members[node.within].append(node.index)
        return {index: tuple(found) for index, found in members.items()}

    def all_items(self, index: int) -> tuple[int, ...]:
        """The items of a fan-out and, where these are fan-outs too, theirs."""
        found = self.items.get(index, ())
        return sum((self.all_items(one) for one in found if one in self.items), found)

    @cached_property
    def limited(self) -> Mapping[int, tuple[range, ...]]:
        """Where the items stand of each fan-out that has a limit."""
        found: dict[int, list[int]] = defaultdict(list)
        for node in self.nodes:
            limiting = self.limiting(node.index)
            if limiting is not None:
                found[limiting].append(node.index)
        return {fan_out: _ranges(indexes) for fan_out, indexes in found.items()}

    def above(self, index: int) -> tuple[int, ...]:
        """The fan-outs that a step is an item of, the innermost first."""
        found: list[int] = []
        while (of := self.nodes[index].of) is not None:
            found.append(of)
            index = of
        return tuple(found)

    def limiting(self, index: int) -> int | None:
        """The fan-out whose limit a step keeps to, if it has one."""
        of = self.nodes[index].of
        if of is None:
            return None
        within = self.nodes[of].within
        fan_out = of if within is None else within
        for_each = self.nodes[fan_out].for_each
        return fan_out if for_each and for_each.max_parallel else None

    def node(self, name: str) -> Node:
        """Return the node of that name; ``KeyError`` if there is none."""
        return self.nodes[self.index_by_name[name]]

    def descendants(self, *indexes: int) -> tuple[int, ...]:
        """Everything downstream of these nodes, without them unless one is below another.

        What follows a fan-out follows its items; the fan-out itself does not.
        """
        return _reachable(indexes, self._followers)

    def _followers(self, index: int) -> tuple[int, ...]:
        above = (self._apart(one, self.children[one]) for one in self.above(index))
        return sum(above, self.children[index])

    def _apart(self, index: int, among: tuple[int, ...]) -> tuple[int, ...]:
        """Those that do not belong to the same chain: an item's chain has edges of its own."""
        within = self.nodes[index].within
        if within is None:
            return among
        return tuple(one for one in among if self.nodes[one].within != within)

    def ancestors(self, *indexes: int) -> tuple[int, ...]:
        """Everything upstream of these nodes, without them unless one is above another."""
        return _reachable(indexes, self._leaders)

    def _leaders(self, index: int) -> tuple[int, ...]:
        above = (self._apart(one, self.parents[one]) for one in self.above(index))
        return sum(above, self.parents[index])


def _with_names(known: Mapping[str, int], fresh: Sequence[Node]) -> Mapping[str, int]:
    return {**known, **{node.name: node.index for node in fresh}}


def _with_parents(known: tuple[Any, ...], fresh: Sequence[Node]) -> tuple[tuple[int, ...], ...]:
    return (*known, *(tuple(sorted(set(node.parents))) for node in fresh))


def _with_children(known: tuple[Any, ...], fresh: Sequence[Node]) -> tuple[tuple[int, ...], ...]:
    children = [*known, *(() for _ in fresh)]
    for node in fresh:
        for parent in set(node.parents):
            children[parent] = (*children[parent], node.index)
    return tuple(children)


def _unless(concerns: Callable[[Node], bool]) -> Callable[[Any, Sequence[Node]], Any]:
    """What stays as it is, unless a new node is one that it speaks of."""
    return lambda known, fresh: None if any(map(concerns, fresh)) else known


_CARRIED: Mapping[str, Callable[[Any, Sequence[Node]], Any]] = {
    "has_hooks": lambda known, fresh: known or any(node.hooks for node in fresh),
    "calls_script": lambda known, fresh: known or any(asks_script(node.hooks) for node in fresh),
    "has_monitors": lambda known, fresh: known or any(node.is_monitored for node in fresh),
    "watchers": _unless(lambda node: node.is_monitored),
    "givers": _unless(lambda node: node.is_monitored),
    "index_by_name": _with_names,
    "parents": _with_parents,
    "children": _with_children,
    "items": _unless(lambda node: node.of is not None),
    "members": _unless(lambda node: node.within is not None),
    "limited": _unless(lambda node: node.of is not None),
}
"""How those answers of a graph that turns ask for are found from those of a smaller one."""


def asks_script(hooks: Mapping[str, Any]) -> bool:
    """True when one of these hooks is answered by the run's script."""
    return any(one.get("kind") == SCRIPT for found in hooks.values() for one in found or ())


def _ranges(indexes: Iterable[int]) -> tuple[range, ...]:
    found: list[range] = []
    for index in indexes:
        if found and found[-1].stop == index:
            found[-1] = range(found[-1].start, index + 1)
        else:
            found.append(range(index, index + 1))
    return tuple(found)


def _reachable(starts: Iterable[int], edges: Callable[[int], Sequence[int]]) -> tuple[int, ...]:
    seen: set[int] = set()
    waiting = deque(starts)
    while waiting:
        fresh = [index for index in edges(waiting.popleft()) if index not in seen]
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
