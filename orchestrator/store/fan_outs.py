"""The rows of fan-outs: items that are added to a run's graph, held back, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.decisions import Gathered, SkippedBy, SpreadOut
from orchestrator.domain.fan_outs import steps_of_each
from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.planner import HELD, RunView, StepView, gathered_of
from orchestrator.domain.planner.fanning import LIVING
from orchestrator.domain.states import ACTIVE, FINAL, Status
from orchestrator.graphs import ADDED
from orchestrator.models import GraphPart, Run, Step
from orchestrator.store.rows import Columns, fetch, key_of, marks

AT_ONCE = 1000

_VALUES = Columns(Step, "item_value")
_ENDS = Columns(Step, "index", "status", "skipped_by", "reason")
_ENDS_OF = f'SELECT {_ENDS.select} FROM {_ENDS.table} WHERE run_id = %s AND "index" IN '
_AT_WORK = (
    f"SELECT COUNT(*) FROM {_ENDS.table} WHERE run_id = %s AND status IN {marks(len(LIVING))} "
    'AND "index" >= %s AND "index" < %s'
)
_FAN_OUTS = (
    f"SELECT COUNT(*) FROM {_ENDS.table} WHERE run_id = %s AND status IN {marks(len(ACTIVE))} "
    "AND items IS NOT NULL"
)
# The word stands in the text, not in a parameter, so that the partial index is used.
_HELD = (
    f"SELECT \"index\" FROM {_ENDS.table} WHERE run_id = %s AND due_why = '{HELD}' "
    f"AND status = '{Status.PENDING.value}' "
    'AND "index" >= %s AND "index" < %s ORDER BY "index" LIMIT %s'
)


def needs_rows(graph: Graph, lists: Mapping[int, Sequence[Any]]) -> frozenset[int]:
    """The steps that are to be loaded: items that fan-outs have from an earlier list."""
    return frozenset(
        one
        for fan_out in lists
        for member in graph.members.get(fan_out, (fan_out,))
        for one in (member, *graph.items.get(member, ()))
    )


def add_items(
    run: Run, graph: Graph, lists: Mapping[int, list[Any]], step_ids: Mapping[int, int]
) -> list[SpreadOut]:
    """Note what is added to the run's graph; its rows are inserted by the next turns.

    Items that are there already take over the values of the new list.
    """
    first = run.steps_total
    parts = []
    for fan_out, items in lists.items():
        members = graph.members.get(fan_out, (fan_out,))
        known = len(graph.items.get(members[0], ()))
        _VALUES.update(
            {
                step_ids[index]: (value,)
                for member in members
                for index, value in zip(graph.items.get(member, ()), items, strict=False)
            }
        )
        if fresh := items[known:]:
            body = {"of": fan_out, "first": first, "start": known, "count": len(fresh)}
            parts.append((f"{fan_out}/{known}", {**body, "list": fresh}))
            first += len(fresh) * steps_of_each(graph, fan_out)
    if parts:
        run.graph_revision += 1
        run.steps_total = first
        GraphPart.objects.bulk_create(
            GraphPart(run_id=run.pk, revision=run.graph_revision, key=key, body=body)
            for key, body in parts
        )
    return [SpreadOut(fan_out, len(items)) for fan_out, items in lists.items()]


def values_of(run: Run, graph: Graph, nodes: Sequence[Node]) -> dict[int, Any]:
    """The values of the items among these nodes, which are next to each other in the graph."""
    if not nodes or nodes[-1].of is None:
        return {}
    parts = GraphPart.objects.filter(run=run, body__first__lte=nodes[-1].index)
    parts = parts.exclude(key__startswith=ADDED)
    found: dict[int, Any] = {}
    for body in parts.order_by("body__first").values_list("body", flat=True):
        each = steps_of_each(graph, body["of"])
        for place, value in enumerate(body["list"]):
            base = body["first"] + place * each
            if base + each > nodes[0].index and base <= nodes[-1].index:
                found |= dict.fromkeys(range(base, base + each), value)
    return found


def is_held(graph: Graph, index: int) -> bool:
    """True for a new item that waits until its fan-out's limit lets it start."""
    return graph.limiting(index) is not None and not graph.parents[index]


def gathered(run: Run, view: RunView, fan_out: int) -> Gathered:
    """How the items of a fan-out ended; only those that are still in its list."""
    listed = view.graph.items.get(fan_out, ())[: view.steps[fan_out].items or 0]
    # What this turn has changed is not in the rows yet.
    stored = _ends(run, [item for item in listed if item not in view.steps])
    return gathered_of(fan_out, [*stored, *(view.steps[i] for i in listed if i in view.steps)])


def _ends(run: Run, items: Sequence[int]) -> Iterable[StepView]:
    key = key_of(Run, run.pk)
    for start in range(0, len(items), AT_ONCE):
        chunk = items[start : start + AT_ONCE]
        for row in fetch(_ENDS_OF + marks(len(chunk)), [key, *chunk]):
            step = _ENDS.read(row)
            skipped_by = SkippedBy(step.skipped_by)
            yield StepView(step.index, Status(step.status), step.reason, skipped_by)


@dataclass(slots=True)
class Held:
    """Who waits for a place in a fan-out with a limit: how many are at work, who is next."""

    at_work: dict[int, int] = field(default_factory=dict)
    next: dict[int, list[int]] = field(default_factory=dict)
    more: set[int] = field(default_factory=set)
    fan_outs: int = 0

    @property
    def steps(self) -> list[int]:
        return [index for found in self.next.values() for index in found]


def held(run: Run, view: RunView, *, everywhere: bool) -> Held:
    """Look at the limits of those fan-outs of which this turn has a step, or of all.

    So many of those who wait are found as could start if all that the turn looks at has ended.
    """
    found = Held()
    limited = view.graph.limited
    if view.graph.options.max_parallel is not None and view.graph.items:
        found.fan_outs = int(fetch(_FAN_OUTS, [key_of(Run, run.pk), *sorted(ACTIVE)])[0][0])
    if not limited:
        return found
    touched = {view.graph.limiting(index) for index in view.steps} | view.steps.keys()
    for fan_out in limited if everywhere else limited.keys() & touched:
        for_each = view.graph.nodes[fan_out].for_each
        limit = (for_each.max_parallel if for_each else None) or 0
        places = limited[fan_out]
        at_work = sum(_count_at_work(run, place) for place in places)
        ours = sum(
            step.status in LIVING
            for index, step in view.steps.items()
            if view.graph.limiting(index) == fan_out
        )
        most = limit - at_work + ours
        waiting = _next_held(run, places, most)
        found.at_work[fan_out] = at_work
        found.next[fan_out] = waiting
        if len(waiting) == most:
            found.more.add(fan_out)
    return found


def _count_at_work(run: Run, place: range) -> int:
    values = [key_of(Run, run.pk), *sorted(LIVING), place.start, place.stop]
    return int(fetch(_AT_WORK, values)[0][0])


def _next_held(run: Run, places: Iterable[range], most: int) -> list[int]:
    found: list[int] = []
    for place in places:
        if len(found) >= most:
            break
        values = [key_of(Run, run.pk), place.start, place.stop, most - len(found)]
        found += [row[0] for row in fetch(_HELD, values)]
    return found


def left_waiting(view: RunView, held: Held) -> list[int]:
    """The fan-outs that are to be looked at again: who was next ended without ever starting."""
    return sorted(
        fan_out
        for fan_out in held.more
        if any(view.steps[index].status in FINAL for index in held.next[fan_out])
    )
