"""Launching steps that execute a task: it is cloned from the template and enqueued."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from orchestrator.domain.decisions import CouldNotLaunch, Launched, TakenFromCache
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.graph import Node
from orchestrator.domain.hooks import CallKind
from orchestrator.domain.parameters import check_values, full_name, specs_from
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import resolve
from orchestrator.domain.states import Status, TaskEvent, move
from orchestrator.graphs import KEPT, pins_of_run
from orchestrator.models import Definition, Run, Task, TemplateVersion
from orchestrator.models.fields import uuid7
from orchestrator.store import cache, given_tasks, lines
from orchestrator.store.drafts import may_be_enqueued
from orchestrator.store.launch_calls import goes_on, parameters_said
from orchestrator.store.launches import Launches
from orchestrator.store.rows import Columns, fetch, marks
from orchestrator.store.values import RunValues, SeenValues

_TASKS = Columns(Task)
_VERSIONS = Columns(
    TemplateVersion, "id", "number", "template", "definition", "specs", "queue", "configuration"
)
_PINNED = (
    f"SELECT {_VERSIONS.select}, definition.kind, template.type FROM {_VERSIONS.table} "
    f'JOIN "{Definition._meta.db_table}" definition '
    f"ON definition.hash = {_VERSIONS.table}.definition_id "
    f'JOIN "{Task._meta.db_table}" template ON template.id = {_VERSIONS.table}.template_id '
    f"WHERE {_VERSIONS.table}.id IN "
)


def launch_tasks(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
    now: datetime,
) -> None:
    """Make and enqueue a task for each node, and note in *done* what came of it."""
    made = _made(run, nodes, attempts, values, done)
    _look_into_cache(run, made, attempts, values, done)
    standings = lines.stand({one.task.queue for one in made})
    by_queue: dict[str, list[Task]] = defaultdict(list)
    for one in made:
        index, task = one.node.index, one.task
        if index in done.taken:
            continue
        if task.queue not in standings:
            done.facts.append(CouldNotLaunch(index, f'there is no queue "{task.queue}"'))
            continue
        task.queued_at = task.created_at = now
        if not may_be_enqueued(one.node, task, attempts.get(index), done):
            continue
        by_queue[task.queue].append(task)
        done.facts.append(Launched(index, str(task.pk), now, values.indexes(one.inputs)))
        done.rows[index]["resolved"] = task.parameters
    _publish(by_queue, standings, done, now)
    _write([task for queued in by_queue.values() for task in queued])


def _write(tasks: Sequence[Task]) -> None:
    """Insert them; those that were drafts are there already."""
    _TASKS.insert(task for task in tasks if task._state.adding)
    for task in tasks:
        if not task._state.adding:
            task.save(force_update=True)


@dataclass(frozen=True, slots=True)
class _Made:
    """A task that is not in the database yet, and what its parameters were taken from."""

    node: Node
    task: Task
    inputs: list[dict[str, Any]]


def _made(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
) -> list[_Made]:
    templates = _templates(run, nodes, attempts)
    made = []
    for node in nodes:
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt and attempt.is_prepared else {}
        try:
            said = parameters_said(node, attempt, done)
            seen = values.seen_by(node)
            template = templates.get(node.index) or given_tasks.as_template(run, node)
            task, taken = _task_for(run, node, template, overrides, said, seen)
        except PipelinesError as error:
            done.facts.append(CouldNotLaunch(node.index, error.message))
            continue
        done.rows[node.index] = {"resolved": task.parameters, "inputs": taken}
        if goes_on(CallKind.PRE, node, attempt, done, {"parameters": task.parameters}):
            made.append(_Made(node, task, taken))
    return made


def _look_into_cache(
    run: Run,
    made: Sequence[_Made],
    attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
) -> None:
    """Note whose result is there already, and what the attempts keep of the look."""
    contents = cache.give_keys([one.task for one in made], values.contents)
    found = cache.look(run, [(one.node, one.task) for one in made], attempts, contents)
    for one in made:
        index = one.node.index
        if index in found.kept:
            done.rows[index]["cache"] = found.kept[index]
        if hit := found.hits.get(index):
            done.taken[index] = hit
            done.rows[index]["outputs"] = hit.outputs
            done.facts.append(TakenFromCache(index, str(hit.pk), values.indexes(one.inputs)))


def _publish(
    by_queue: Mapping[str, list[Task]],
    standings: Mapping[str, lines.Standing],
    done: Launches,
    now: datetime,
) -> None:
    """Send the tasks of a queue in which nobody waits without a turn of its line."""
    slots = lines.live_slots(by_queue) if by_queue else {}
    for queue, queued in by_queue.items():
        room = standings[queue].room_at_once(slots[queue])
        queued.sort(key=lambda task: (-task.priority, task.id))
        for task in queued[:room]:
            task.published_at = now
            done.places.append((task.pk, task.fence, queue))
        if queued[room:]:
            done.queues.add(queue)


def _task_for(
    run: Run,
    node: Node,
    template: TemplateVersion,
    overrides: Mapping[str, Any],
    said: Mapping[str, Any],
    values: SeenValues,
) -> tuple[Task, list[dict[str, Any]]]:
    given = {full_name(name): value for name, value in node.parameters.items()}
    given.update(overrides.get("parameters", {}))
    resolved = resolve(given, values.look_up)
    wanted = {**resolved.value, **{full_name(name): value for name, value in said.items()}}
    parameters, problems = check_values(specs_from(template.specs), wanted)
    if problems:
        raise PipelinesError("; ".join(problem.message for problem in problems))
    queue = resolve(overrides.get("queue") or node.queue or template.queue, values.look_up).value
    if not isinstance(queue, str):
        # A reference may have given anything.
        raise PipelinesError(f"a queue has a name, which {queue!r} is not")
    limits = {"timeout": node.timeout, "grace": node.grace}
    task = Task(
        id=uuid7(),
        project_id=run.project_id,
        name=node.name,
        kind=template.definition.kind,
        type=template.template.type,
        definition=template.definition,
        parameters=parameters,
        configuration=template.configuration,
        template_version=template if template.pk else None,
        parent_id=run.pk,
        created_by={"task": str(run.pk), "fence": run.task.fence},
        actor=run.actor,
        queue=queue,
        priority=run.task.priority + node.priority,
        tags=list(node.tags),
        limits={name: value for name, value in limits.items() if value is not None},
        status=move(Status.DRAFT, TaskEvent.ENQUEUE),
        fence=1,
    )
    if template.pk is None:
        given_tasks.take_over(task, template.template)
    return task, values.taken(resolved.used)


def _templates(
    run: Run, nodes: Sequence[Node], attempts: Mapping[int, AttemptView | None]
) -> dict[int, TemplateVersion]:
    """The template version of each node: pinned for the run, or asked for by its attempt. Those
    that execute a task which their script made have none."""
    wanted, pins = {}, pins_of_run(run)
    for node in nodes:
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt else {}
        if version := overrides.get("template_version") or pins[node.step].get("id"):
            wanted[node.index] = version
    known = _templates_of_run(run.pk)
    if asked := set(wanted.values()) - known.keys():
        found = fetch(_PINNED + marks(len(asked)), [*asked])
        known.update((row[0], _template_of(row)) for row in found)
    return {index: known[version_id] for index, version_id in wanted.items()}


@lru_cache(maxsize=KEPT)
def _templates_of_run(run_id: uuid.UUID) -> dict[int, TemplateVersion]:
    """The template versions that a run has launched, by id: kept, as they never change."""
    return {}


def _template_of(row: Sequence[Any]) -> TemplateVersion:
    """A version with the kind of its definition and the type of its template; what these hold
    besides is for agents and pages only."""
    version = _VERSIONS.read(row[: len(_VERSIONS)])
    kind, of_type = row[len(_VERSIONS) :]
    version.definition = Definition(hash=version.definition_id, kind=kind)
    version.template = Task(id=version.template_id, type=of_type)
    return version
