"""Steps that come to a run while it goes on: parts of its graph, and tasks that are steps already.

Whoever adds a step does so under a key: the same again is answered with the same step.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.document import named_apart
from orchestrator.domain.errors import CapExceeded, Conflict
from orchestrator.domain.graph import Kind, Node
from orchestrator.domain.names import CAPS
from orchestrator.domain.states import Status
from orchestrator.graphs import ADDED, graph_of_run, graph_with
from orchestrator.models import Attempt, GraphPart, Run, Step, Task
from orchestrator.store import nesting, signals
from orchestrator.store.turns import Mail


class KeyConflict(Conflict):
    """Something else was made under this key."""

    code = "key_conflict"


class GraphClosed(Conflict):
    """No step can be added to this run any more, or not yet."""

    code = "graph_closed"


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step as it was asked for under a key; *pin* is what it is made of, as pins of runs say
    it, or {"task": its id}, and with *living* true that task is executed, or queued, already."""

    key: str
    step: dict[str, Any]
    pin: dict[str, Any]
    living: bool = False


@dataclass(frozen=True, slots=True)
class AddedStep:
    """A step that is there: under which key, its name and its place."""

    key: str
    name: str
    index: int

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape that REST answers with."""
        return {"key": self.key, "name": self.name, "index": self.index}


def find_added(run: Run, new: Sequence[NewStep]) -> dict[str, AddedStep]:
    """Those of these steps that the run has already; raises KeyConflict naming what differs."""
    keys = [ADDED + one.key for one in new]
    bodies = dict(GraphPart.objects.filter(run_id=run.pk, key__in=keys).values_list("key", "body"))
    found = {}
    for one in new:
        if body := bodies.get(ADDED + one.key):
            _check_same(one, body)
            found[one.key] = AddedStep(one.key, body["step"]["name"], body["first"])
    return found


def _check_same(new: NewStep, body: Mapping[str, Any]) -> None:
    was, now = body["said"], new.step
    differs = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
    if differs:
        message = f'key "{new.key}": a step with another "{differs[0]}" was added under it before'
        raise KeyConflict(message)


def add_parts(mail: Mail, new: Sequence[NewStep]) -> list[AddedStep]:
    """Add nodes to the run's graph; the rows are inserted as for any node that has none.

    Raises KeyConflict, and CapExceeded when the run gets too many steps.
    """
    run = mail.run
    known = find_added(run, new)
    fresh = {one.key: one for one in new if one.key not in known}
    if run.steps_total + len(fresh) > CAPS.steps:
        raise CapExceeded("steps of a run", CAPS.steps, run.steps_total + len(fresh))
    named = named_apart([one.step for one in fresh.values()], mail.graph.index_by_name.keys())
    if fresh:
        # One that does not fit is refused before anything is written.
        graph_with(run, mail.graph, zip(fresh, named, strict=True))
        _insert(run, list(zip(fresh.values(), named, strict=True)))
        mail.graph = graph_of_run(run)
    first = run.steps_total - len(fresh)
    known |= {
        key: AddedStep(key, step["name"], first + place)
        for place, (key, step) in enumerate(zip(fresh, named, strict=True))
    }
    return [known[one.key] for one in new]


def _insert(run: Run, steps: Sequence[tuple[NewStep, dict[str, Any]]]) -> None:
    run.graph_revision += 1
    GraphPart.objects.bulk_create(
        GraphPart(
            run_id=run.pk,
            revision=run.graph_revision,
            key=ADDED + one.key,
            body={
                "first": run.steps_total + place,
                "step": step,
                "said": one.step,
                "pin": one.pin,
                "living": one.living,
            },
        )
        for place, (one, step) in enumerate(steps)
    )
    run.steps_total += len(steps)
    values = {"graph_revision": run.graph_revision, "steps_total": run.steps_total}
    Run.objects.filter(pk=run.pk).update(**values)


def adopt(mail: Mail, nodes: Iterable[Node]) -> list[Attempt]:
    """Give those of these new steps whose task lives already their first attempt, which is that.

    1. The task's row is locked: whoever ends it now waits, and then finds the attempt to tell of.
    2. A signal says that it may have moved before; the next turn reads how it stands.
    """
    run = mail.run
    wanted = {node.index: node for node in nodes if node.added}
    keys = [ADDED + node.key for node in wanted.values()]
    parts = GraphPart.objects.filter(run_id=run.pk, key__in=keys)
    tasks = {
        body["first"]: uuid.UUID(body["pin"]["task"]) for body in _bodies(parts) if body["living"]
    }
    if not tasks:
        return []
    runs = [tasks[index] for index, node in wanted.items() if _is_run(node, tasks)]
    # A run's turn locks the run before its task: who does it the other way waits for ever.
    below = Run.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=runs)
    list(below.order_by("pk"))
    locked = Task.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = locked.in_bulk(list(tasks.values()))
    steps = {row.index: row for row in Step.objects.filter(run_id=run.pk, index__in=list(tasks))}
    attempts = []
    for index, task_id in sorted(tasks.items()):
        task = found[task_id]
        attempts.append(
            Attempt(
                run_id=run.pk,
                step=steps[index],
                number=1,
                task=task,
                status=Status.QUEUED,
                origin=Attempt.Origin.SCRIPT,
                round=run.round,
                resolved=task.parameters,
                queued_at=task.queued_at,
            )
        )
        signals.put(run.pk, "task", {"step": index, "attempt": 1})
    Attempt.objects.bulk_create(attempts)
    rows = Step.objects.filter(pk__in=[row.pk for row in steps.values()])
    rows.update(status=Status.QUEUED, attempt=1)
    nesting.tie(runs)
    _move_tally(mail, [wanted[index] for index in tasks])
    # A run that is paused now, or goes on again, was not so when they were put into their queues.
    Task.objects.filter(pk__in=set(tasks.values()) - set(runs), status=Status.QUEUED).update(
        held=run.status == Status.PAUSED
    )
    return attempts


def _is_run(node: Node, tasks: Mapping[int, uuid.UUID]) -> bool:
    return node.kind is Kind.PIPELINE and node.index in tasks


def _bodies(parts: Any) -> Iterable[Mapping[str, Any]]:
    bodies: Iterable[Mapping[str, Any]] = parts.values_list("body", flat=True)
    return bodies


def _move_tally(mail: Mail, nodes: Sequence[Node]) -> None:
    run = mail.run
    uncounted = sum(not node.counts for node in nodes)
    run.tally = _moved(run.tally, len(nodes))
    run.uncounted = _moved(run.uncounted, uncounted)
    Run.objects.filter(pk=run.pk).update(tally=run.tally, uncounted=run.uncounted)


def _moved(tally: Mapping[str, int], count: int) -> dict[str, int]:
    before, after = Status.PENDING.value, Status.QUEUED.value
    moved = {**tally, before: tally.get(before, 0) - count, after: tally.get(after, 0) + count}
    return {word: number for word, number in sorted(moved.items()) if number}
