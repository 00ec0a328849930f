"""What references give within one run, and what the run itself gives in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import F, Q

from orchestrator.domain.errors import PipelinesError, UnresolvedReference
from orchestrator.domain.fan_outs import from_item, seen_from
from orchestrator.domain.graph import Kind, Node
from orchestrator.domain.names import CAPS
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import Reference, Source, What, references_in, resolve
from orchestrator.domain.states import Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Attempt, Run, Step
from orchestrator.store.given import GivenValues
from orchestrator.store.scripts import show_as_runs

NO_ATTEMPTS: Mapping[str, Attempt] = {}
NAMES_AT_ONCE = 1000
OUTSIDE = -1

# Without a task are those that a person ended, and those that only wait.
_HAS_RUN = Q(task__isnull=False) | Q(status__in=(Status.COMPLETED, Status.FAILED))


class RunValues(GivenValues):
    """What references give within one run: read for all steps of a turn at once.

    What a name means depends on who asks: see `seen_by`. *fresh* are attempts that got their
    results in this turn, by the names of their steps: they are not in the rows yet, or not as
    they are now.
    """

    def __init__(
        self,
        run: Run,
        nodes: Sequence[Node],
        attempts: Mapping[int, AttemptView | None],
        fresh: Mapping[str, Attempt] = NO_ATTEMPTS,
    ) -> None:
        self.run = run
        self.graph = graph_of_run(run)
        sources = {node.index: _sources(node, attempts.get(node.index)) for node in nodes}
        asked = {node.index: references_in(sources[node.index]) for node in nodes}
        self._names: dict[tuple[int, str], str] = {}
        known = self._read_attempts(nodes, asked, fresh)
        found = tuple(dict.fromkeys(one for those in asked.values() for one in those))
        super().__init__(known, found)
        self._items = self._read_items(nodes, asked)

    def _read_attempts(
        self,
        nodes: Sequence[Node],
        asked: Mapping[int, Sequence[Reference]],
        fresh: Mapping[str, Attempt],
    ) -> dict[str, Attempt]:
        wanted: dict[str, None] = {}
        self._lengths: dict[str, int] = {}
        for node in nodes:
            for reference in asked[node.index]:
                if reference.step is not None:
                    name = self._name_for(node, reference.step)
                    wanted.update(dict.fromkeys(self._paths(name) if reference.each else (name,)))
        rows = (row for chunk in _chunks(tuple(wanted)) for row in _attempts(self.run, chunk))
        known = {row.step.path: row for row in rows}
        nested = (name for name in known if self.graph.node(name).kind is Kind.PIPELINE)
        if tasks := [task for name in nested if (task := known[name].task) is not None]:
            show_as_runs(tasks)
        return known | {name: fresh[name] for name in wanted if name in fresh}

    def _name_for(self, node: Node, name: str) -> str:
        key = node.index, name
        if key not in self._names:
            self._names[key] = seen_from(self.graph, node, name)
        return self._names[key]

    def _paths(self, name: str) -> tuple[str, ...]:
        """The names of the items that a list of all items is made of, those below them too."""
        nodes = self.graph.nodes
        found: list[str] = []
        for item in self._items_of(name):
            below = self._paths(nodes[item].name) if item in self.graph.items else ()
            found += below or (nodes[item].name,)
        return tuple(found)

    def _items_of(self, name: str) -> tuple[int, ...]:
        """The items that are in the list of a fan-out as it is now."""
        index = self.graph.index_by_name.get(name)
        if index is None:
            return ()
        if name not in self._lengths:
            row = Step.objects.filter(run=self.run, index=index)
            self._lengths[name] = row.values_list("items", flat=True).first() or 0
        return self.graph.items.get(index, ())[: self._lengths[name]]

    def _read_items(
        self, nodes: Sequence[Node], asked: Mapping[int, Sequence[Reference]]
    ) -> dict[int, Any]:
        """The values of the items among these nodes whose steps ask for them."""
        wanted = [
            node.index
            for node in nodes
            if any(one.source is Source.ITEM for one in asked[node.index])
        ]
        rows = Step.objects.filter(run=self.run, index__in=wanted) if wanted else None
        return dict(rows.values_list("index", "item_value")) if rows is not None else {}

    def seen_by(self, node: Node) -> SeenValues:
        """The values as one step sees them."""
        return SeenValues(self, node)

    def of_reference(self, node: Node, reference: Reference) -> Any:
        """The value of one reference; raises UnresolvedReference naming what is missing."""
        if reference.source is Source.ITEM:
            if node.index not in self._items:
                raise UnresolvedReference(str(reference), "the step is no item of a fan-out")
            return from_item(reference, self._items[node.index])
        if reference.source is Source.PIPELINE:
            return self._of_pipeline(reference)
        name = self._name_for(node, reference.step or "")
        if reference.each:
            return self._of_each(replace(reference, step=name, each=False), name)
        if self.graph.nodes[self.graph.index_by_name[name]].is_fan_out:
            reason = f'"{reference.step}" is a fan-out; all of its items are {reference.step}[*]'
            raise UnresolvedReference(str(reference), reason)
        return super().look_up(
            reference if name == reference.step else replace(reference, step=name)
        )

    def _of_each(self, reference: Reference, name: str) -> list[Any]:
        """The value of each item in the order of the list; null for those that have none."""
        given: list[Any] = []
        for item in self._items_of(name):
            path = self.graph.nodes[item].name
            if item in self.graph.items:
                given.append(self._of_each(reference, path))
                continue
            try:
                given.append(super().look_up(replace(reference, step=path)))
            except UnresolvedReference:
                given.append(None)
        return given

    def _of_pipeline(self, reference: Reference) -> Any:
        if reference.what is What.RUN:
            return str(self.run.pk)
        name = reference.path[0]
        if name not in self.run.parameters:
            raise UnresolvedReference(str(reference), f'the run has no parameter "{name}"')
        return self.run.parameters[name]

    def entry(self, node: Node, reference: Reference, value: Any) -> dict[str, Any] | None:
        """What an attempt is to remember of a value that it took from another step."""
        if reference.step is None:
            return None
        name = self._name_for(node, reference.step)
        attempt = self.attempts.get(name)
        if attempt is None and not reference.each:
            return None
        number = attempt.number if attempt else None
        return {"step": name, "attempt": number, "name": str(reference)[2:-1], "value": value}

    def indexes(self, taken: Iterable[Mapping[str, Any]]) -> frozenset[int]:
        """The indexes of the steps that something was taken from."""
        return frozenset(self.graph.index_by_name[entry["step"]] for entry in taken)


class SeenValues:
    """The values of a run as one of its steps sees them: its own item, its own chain."""

    def __init__(self, values: RunValues, node: Node) -> None:
        self._values = values
        self._node = node

    def look_up(self, reference: Reference) -> Any:
        """The value of one reference; raises UnresolvedReference naming what is missing."""
        return self._values.of_reference(self._node, reference)

    def taken(self, used: Iterable[tuple[Reference, Any]]) -> list[dict[str, Any]]:
        """What an attempt took from which attempts: its inputs."""
        entries = (self._values.entry(self._node, *pair) for pair in used)
        return [entry for entry in entries if entry is not None]


def _sources(node: Node, attempt: AttemptView | None) -> tuple[Any, ...]:
    listed = node.for_each.list if node.for_each else None
    if listed is not None:
        return (listed, node.when, attempt.overrides if attempt else None)
    return (node.parameters, node.queue, node.when, attempt.overrides if attempt else None)


def _attempts(run: Run, names: Sequence[str]) -> Iterable[Attempt]:
    return Attempt.objects.filter(
        _HAS_RUN, run=run, step__path__in=names, number=F("step__attempt")
    ).select_related("step", "task")


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + NAMES_AT_ONCE] for start in range(0, len(names), NAMES_AT_ONCE))


def pipeline_outputs(run: Run, outputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of the pipeline's outputs, and in words which of them have none."""
    if not outputs:
        return {}, []
    # No step of the run, so that names mean what they do in the document.
    source = Node(OUTSIDE, "outputs", parameters=outputs)
    values = RunValues(run, (source,), {}).seen_by(source)
    given: dict[str, Any] = {}
    missing = []
    for name, value in outputs.items():
        try:
            given[name] = resolve(value, values.look_up).value
        except PipelinesError as error:
            missing.append(f'output "{name}": {error.message}')
    size = len(str(given))
    if size > CAPS.output_bytes:
        return {}, [f"the outputs have {size:,} bytes; the cap is {CAPS.output_bytes:,}"]
    return given, missing
