"""Launching steps: references are resolved, a task is cloned from the template and enqueued."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import F

from orchestrator.domain.decisions import CouldNotLaunch, Fact, Launched
from orchestrator.domain.errors import PipelinesError, UnresolvedReference
from orchestrator.domain.graph import Node
from orchestrator.domain.names import CAPS
from orchestrator.domain.parameters import check_values, full_name, specs_from
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import (
    Reference,
    Source,
    What,
    references_in,
    resolve,
    steps_referenced,
)
from orchestrator.domain.states import Status, TaskEvent, move
from orchestrator.graphs import KEPT, pins_of_run
from orchestrator.models import (
    Attempt,
    Definition,
    Run,
    Task,
    TemplateVersion,
)
from orchestrator.models.fields import uuid7
from orchestrator.store import lines
from orchestrator.store.given import GivenValues
from orchestrator.store.rows import Columns, fetch, marks

_TASKS = Columns(Task)
_VERSIONS = Columns(TemplateVersion, "id", "number", "template", "definition", "specs", "queue")
_PINNED = (
    f"SELECT {_VERSIONS.select}, definition.kind, template.type FROM {_VERSIONS.table} "
    f'JOIN "{Definition._meta.db_table}" definition '
    f"ON definition.hash = {_VERSIONS.table}.definition_id "
    f'JOIN "{Task._meta.db_table}" template ON template.id = {_VERSIONS.table}.template_id '
    f"WHERE {_VERSIONS.table}.id IN "
)


@dataclass(slots=True)
class Launches:
    """What launching gave: facts for the planner, rows for the attempts, tasks to be sent at once,
    and queues to serve, because tasks wait there."""

    facts: list[Fact] = field(default_factory=list)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    queues: set[str] = field(default_factory=set)
    places: list[lines.Place] = field(default_factory=list)


def launch(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    now: datetime,
) -> Launches:
    """Make and enqueue a task for each node.

    *attempts* has the prepared attempt of a step that is tried again. A step whose parameters
    cannot be resolved, or whose queue does not exist, is not launched: the fact says why.
    """
    values = _Values(run, nodes, attempts)
    templates = _templates(run, nodes, attempts)
    done = Launches()
    made = []
    for node in nodes:
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt and attempt.is_prepared else {}
        try:
            task, taken = _task_for(run, node, templates[node.index], overrides, values)
        except PipelinesError as error:
            done.facts.append(CouldNotLaunch(node.index, error.message))
            continue
        made.append((node, task, taken))
    standings = lines.stand({task.queue for _, task, _ in made})
    by_queue: dict[str, list[Task]] = defaultdict(list)
    for node, task, taken in made:
        if task.queue not in standings:
            done.facts.append(CouldNotLaunch(node.index, f'there is no queue "{task.queue}"'))
            continue
        task.queued_at = task.created_at = now
        by_queue[task.queue].append(task)
        done.facts.append(Launched(node.index, str(task.pk), now, values.indexes(taken)))
        done.rows[node.index] = {"resolved": task.parameters, "inputs": taken}
    _publish(by_queue, standings, done, now)
    _TASKS.insert(task for queued in by_queue.values() for task in queued)
    return done


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
    values: _Values,
) -> tuple[Task, list[dict[str, Any]]]:
    given = {full_name(name): value for name, value in node.parameters.items()}
    given.update(overrides.get("parameters", {}))
    resolved = resolve(given, values.look_up)
    parameters, problems = check_values(specs_from(template.specs), resolved.value)
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
        template_version=template,
        parent_id=run.pk,
        created_by={"task": str(run.pk), "fence": run.task.fence},
        actor=run.actor,
        queue=queue,
        priority=node.priority,
        tags=list(node.tags),
        limits={name: value for name, value in limits.items() if value is not None},
        status=move(Status.DRAFT, TaskEvent.ENQUEUE),
        fence=1,
    )
    return task, values.taken(resolved.used)


def _templates(
    run: Run, nodes: Sequence[Node], attempts: Mapping[int, AttemptView | None]
) -> dict[int, TemplateVersion]:
    """The template version of each node: pinned for the run, or asked for by its attempt."""
    wanted = {}
    for node in nodes:
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt else {}
        wanted[node.index] = (
            overrides.get("template_version") or pins_of_run(run.pk)[node.name]["id"]
        )
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


class _Values(GivenValues):
    """What references give within one run: read for all steps of a turn at once."""

    def __init__(
        self, run: Run, nodes: Sequence[Node], attempts: Mapping[int, AttemptView | None]
    ) -> None:
        self.run = run
        sources: list[Any] = [(node.parameters, node.queue) for node in nodes]
        sources += [attempt.overrides for attempt in attempts.values() if attempt]
        names = steps_referenced(sources)
        rows = (
            Attempt.objects.filter(
                run=run, step__path__in=names, number=F("step__attempt"), task__isnull=False
            ).select_related("step", "task")
            if names
            else ()
        )
        super().__init__({row.step.path: row for row in rows}, references_in(sources))

    def taken(self, used: Sequence[tuple[Reference, Any]]) -> list[dict[str, Any]]:
        """What an attempt took from which attempts: its inputs."""
        return [
            {
                "step": reference.step,
                "attempt": attempt.number,
                "name": str(reference)[2:-1],
                "value": value,
            }
            for reference, value in used
            if (attempt := self.attempts.get(reference.step or ""))
        ]

    def indexes(self, taken: Sequence[Mapping[str, Any]]) -> frozenset[int]:
        return frozenset(self.attempts[entry["step"]].step.index for entry in taken)

    def look_up(self, reference: Reference) -> Any:
        """The value of one reference; raises UnresolvedReference naming what is missing."""
        if reference.source is not Source.PIPELINE:
            return super().look_up(reference)
        if reference.what is What.RUN:
            return str(self.run.pk)
        name = reference.path[0]
        if name not in self.run.parameters:
            raise UnresolvedReference(str(reference), f'the run has no parameter "{name}"')
        return self.run.parameters[name]


def pipeline_outputs(run: Run, outputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of the pipeline's outputs, and in words which of them have none."""
    if not outputs:
        return {}, []
    source = Node(0, "outputs", parameters=outputs)
    values = _Values(run, (source,), {})
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
