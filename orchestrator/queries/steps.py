"""Questions about the steps of a run: as a list, or one with everything about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db.models import F, QuerySet

from orchestrator.domain.changes import iso
from orchestrator.domain.errors import NotFound
from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.parameters import full_name
from orchestrator.domain.references import references_in
from orchestrator.domain.states import ACTIVE, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Artifact, Attempt, Run, Step, Task, TemplateVersion
from orchestrator.pins import specs_of
from orchestrator.queries.aborting import abort_look
from orchestrator.queries.cached import cache_looks
from orchestrator.queries.fan_outs import item_of, items_of, items_shown
from orchestrator.queries.graphs import made_of, pin_of
from orchestrator.queries.nested_runs import nested_facts, nested_runs
from orchestrator.queries.standing import lines_of
from orchestrator.queries.step_versions import TEMPLATE
from orchestrator.queries.why import why_not_running

DEFAULT_QUEUE = "default"
NAMED_AT_MOST = 500
"""A question about more steps than these asks about all of the run."""

_ARTIFACT_FIELDS = ("name", "sha256", "size", "media_type", "kind", "metadata", "preview")
_TASK_FIELDS = (
    "kind",
    "type",
    "queue",
    "priority",
    "queued_at",
    "fence",
    "status",
    "held",
    "abort_requested_at",
    "abort_delivered_at",
    "kill_at",
    "agent__name",
)


def steps(run: Run, first: int = 0, count: int | None = None) -> list[dict[str, Any]]:
    """Steps as rows of a table, all or some: without parameters and attempts, in few questions."""
    graph = graph_of_run(run)
    rows = _rows(run, graph, first, count)
    current = _current_attempts(run, rows)
    statuses = _statuses(run, graph, rows)
    lines = lines_of(_waiting(rows, current))
    versions = _versions(run, graph, rows, current)
    return [
        {
            **_row(run, graph, row, current.get(row.index), versions),
            "why": why_not_running(run, graph, row, current.get(row.index), lines, statuses),
        }
        for row in rows
    ]


def step_detail(run: Run, path: str) -> dict[str, Any]:
    """One step with its parameters and all its attempts."""
    graph = graph_of_run(run)
    row = Step.objects.filter(run_id=run.pk, path=path).first() or _unmade_step(run, graph, path)
    attempts = list(_attempts(run).filter(step__path=path).order_by("number"))
    current = next((attempt for attempt in attempts if attempt.number == row.attempt), None)
    node = graph.nodes[row.node]
    statuses = _statuses(run, graph, [row])
    lines = lines_of(_waiting([row], {row.index: current} if current else {}))
    versions = _versions(run, graph, [row], {row.index: current} if current else {})
    artifacts = _artifacts(attempts)
    looks = cache_looks(attempts)
    nested = _nested(attempts)
    return {
        **_row(run, graph, row, current, versions),
        "why": why_not_running(run, graph, row, current, lines, statuses),
        "listed": items_shown(run, graph, row) if node.is_fan_out else None,
        "parameters": _parameters(node, current, _specs(run, node, versions)),
        "attempts": [
            {
                **_attempt(run, path, attempt, artifacts.get(attempt.pk, ())),
                "cache": looks.get(attempt.pk),
                "nested": nested.get(attempt.task_id),
            }
            for attempt in attempts
        ],
    }


def _nested(attempts: Iterable[Attempt]) -> dict[UUID | None, dict[str, Any]]:
    """What is said of the attempts that are runs, by their task."""
    tasks = [attempt.task for attempt in attempts if attempt.task]
    runs = nested_runs([task.pk for task in tasks if task.type == Task.CONTROLLER])
    return {pk: nested_facts(run) for pk, run in runs.items()}


def _specs(
    run: Run, node: Node, versions: Mapping[str, TemplateVersion]
) -> Iterable[Mapping[str, Any]]:
    """What the step's template or pipeline declares."""
    if version := versions.get(node.name):
        return version.specs
    pin = pin_of(run, node.step)
    return specs_of(pin) if "pipeline_version" in pin else ()


def has_step(run: Run, path: str) -> bool:
    """Whether there is a step of this name, also one whose row has not been made yet."""
    made = Step.objects.filter(run_id=run.pk, path=path).exists()
    return made or path in graph_of_run(run).index_by_name


def count_stale(run: Run) -> int:
    """How many steps have used a value that has been made anew since."""
    return Step.objects.filter(run_id=run.pk, stale=True).count()


def first_step_in(run: Run, statuses: Iterable[Status]) -> str | None:
    """The first step of these statuses, in the order of the graph."""
    found = Step.objects.filter(run_id=run.pk, status__in=list(statuses)).order_by("index")
    return found.values_list("path", flat=True).first()


def run_artifacts(run: Run, count: int | None = None) -> list[dict[str, Any]]:
    """What the run itself has, and what the current attempts have left, all or the first of it,
    in the order of the steps. The run's own is of no step."""
    own = [
        {"step": "", "attempt": 0, **artifact_dict(one, artifact_address(one))}
        for one in _own(run).order_by("name")[:count]
    ]
    found = _left(run).order_by("step__index", "task__artifacts__name")
    fields = [f"task__artifacts__{name}" for name in _ARTIFACT_FIELDS]
    rest = None if count is None else count - len(own)
    return own + [
        {
            "step": path,
            "attempt": number,
            **artifact_dict(artifact, artifact_url(run, path, number, artifact.name)),
        }
        for path, number, *values in found.values_list("step__path", "number", *fields)[:rest]
        for artifact in [Artifact(**dict(zip(_ARTIFACT_FIELDS, values, strict=True)))]
    ]


def count_artifacts(run: Run) -> int:
    """How many the run has itself and the current attempts have left."""
    own = _own(run).values_list("pk", flat=True).order_by()
    left = _left(run).values_list("task__artifacts__pk", flat=True).order_by()
    return own.union(left, all=True).count()


def _own(run: Run) -> QuerySet[Artifact]:
    """What stands among the artifacts of the run's own task."""
    return Artifact.objects.filter(task_id=run.pk, fence=F("task__fence"))


def _left(run: Run) -> QuerySet[Attempt]:
    """The current attempts with their artifacts, one row for each artifact."""
    return Attempt.objects.filter(
        run_id=run.pk, number=F("step__attempt"), task__artifacts__fence=F("task__fence")
    )


def attempt_url(run: Run, path: str, number: int) -> str:
    """The address of an attempt in the REST interface."""
    return f"/api/v1/runs/{run.pk}/steps/{quote(path, safe='')}/attempts/{number}/"


def artifact_url(run: Run, path: str, number: int, name: str) -> str:
    """Where an artifact of an attempt is downloaded."""
    return f"{attempt_url(run, path, number)}artifacts/{quote(name, safe='')}/"


def _row(
    run: Run,
    graph: Graph,
    row: Step,
    attempt: Attempt | None,
    versions: Mapping[str, TemplateVersion],
) -> dict[str, Any]:
    node = graph.nodes[row.node]
    pin = pin_of(run, node.step)
    version = versions.get(node.name)
    task = attempt.task if attempt else None
    return {
        "index": row.index,
        "name": row.path,
        "kind": str(node.kind),
        "status": row.status,
        "reason": row.reason,
        "stale": row.stale,
        "template": made_of(node, pin),
        "version": version.number if version else pin.get("version"),
        "queue": task.queue if task else _queue_to_be(node, attempt, version),
        "priority": task.priority if task else node.priority,
        "parents": [graph.nodes[parent].name for parent in graph.parents[row.node]],
        "children": [graph.nodes[child].name for child in graph.children[row.node]],
        "of": None if node.of is None else graph.nodes[node.of].name,
        "item": item_of(row),
        "items": items_of(row),
        "attempt": row.attempt,
        "reused_from": _reused_from(run, row, attempt),
        "comment": node.comment,
        "may_fail": node.may_fail,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "progress": row.progress,
    }


def _reused_from(run: Run, row: Step, attempt: Attempt | None) -> int | None:
    """The earlier round whose result stands, where the run has been reopened since."""
    keeps = attempt is not None and row.status in (Status.COMPLETED, Status.CACHED)
    return attempt.round if attempt and keeps and attempt.round < run.round else None


def _queue_to_be(node: Node, attempt: Attempt | None, version: TemplateVersion | None) -> str:
    asked = attempt.overrides.get("queue") if attempt else None
    return asked or node.queue or (version.queue if version else DEFAULT_QUEUE)


def _rows(run: Run, graph: Graph, first: int, count: int | None) -> list[Step]:
    """The rows of steps; of those that the run's first turns have not inserted yet, what they
    will be."""
    end = len(graph) if count is None else first + count
    made = Step.objects.filter(run_id=run.pk, index__gte=first).order_by("index")
    rows = list(made if count is None else made.filter(index__lt=end))
    unmade = graph.nodes[first + len(rows) : end]
    return rows + [
        Step(
            run_id=run.pk,
            index=node.index,
            node=node.index,
            path=node.name,
            item_index=node.item,
        )
        for node in unmade
    ]


def _statuses(run: Run, graph: Graph, rows: Iterable[Step]) -> dict[int, str]:
    """The statuses of these steps and of their parents, by index."""
    known = {row.index: row.status for row in rows}
    asked = {parent for row in rows for parent in graph.parents[row.node]} - known.keys()
    if asked:
        found = Step.objects.filter(run_id=run.pk, index__in=asked)
        known.update(found.values_list("index", "status"))
    return known


def _unmade_step(run: Run, graph: Graph, path: str) -> Step:
    index = graph.index_by_name.get(path)
    if index is None:
        raise NotFound(f'run {run.number} has no step "{path}"')
    return Step(run_id=run.pk, index=index, node=index, path=path)


def _attempts(run: Run) -> Any:
    return Attempt.objects.filter(run_id=run.pk).select_related("task", "task__agent")


def _current_attempts(run: Run, rows: Iterable[Step]) -> dict[int, Attempt]:
    """The current attempt of every step that has one, by the step's index."""
    numbers = {row.pk: (row.index, row.attempt) for row in rows if row.attempt}
    if not numbers:
        return {}
    found: dict[int, Attempt] = {}
    wanted = ["run_id", "step_id", "number", "round", "agent", "overrides", "task_id"]
    wanted += [f"task__{name}" for name in _TASK_FIELDS]
    attempts = _attempts(run).only(*wanted)
    if len(numbers) <= NAMED_AT_MOST:
        attempts = attempts.filter(step_id__in=numbers)
    for attempt in attempts:
        index, number = numbers.get(attempt.step_id, (-1, -1))
        if attempt.number == number:
            found[index] = attempt
    return found


def _waiting(rows: Iterable[Step], current: Mapping[int, Attempt]) -> list[Task]:
    """The tasks that are asked about: those that stand in a line, and nested runs."""
    return [
        attempt.task
        for row in rows
        if row.status in ACTIVE
        and (attempt := current.get(row.index)) is not None
        and attempt.task is not None
        and (row.status == Status.QUEUED or attempt.task.type == Task.CONTROLLER)
    ]


def _versions(
    run: Run, graph: Graph, rows: Iterable[Step], current: Mapping[int, Attempt]
) -> dict[str, TemplateVersion]:
    """The template version of each step by its name: what a rerun asked for, else the pinned."""
    ids = {}
    for row in rows:
        node = graph.nodes[row.node]
        attempt = current.get(row.index)
        asked = attempt.overrides.get(TEMPLATE) if attempt else None
        if pk := asked or pin_of(run, node.step).get("id"):
            ids[node.name] = pk
    found = TemplateVersion.objects.only("id", "number", "queue", "specs").in_bulk(
        set(ids.values())
    )
    return {name: found[pk] for name, pk in ids.items() if pk in found}


def _parameters(
    node: Node, attempt: Attempt | None, specs: Iterable[Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Every parameter with its value and where that is from: rerun, step or template."""
    defaults = {spec["name"]: spec.get("default") for spec in specs}
    defaults = {full_name(name): value for name, value in defaults.items()}
    written = {full_name(name): value for name, value in node.parameters.items()}
    overrides = attempt.overrides.get("parameters") or {} if attempt else {}
    asked = {full_name(name): value for name, value in overrides.items()}
    resolved = (
        {full_name(name): value for name, value in attempt.resolved.items()} if attempt else {}
    )
    used = attempt.task.parameters if attempt and attempt.task else {}
    known = {**used, **resolved}
    names = dict.fromkeys((*defaults, *written, *asked, *resolved, *used))
    answer = {}
    for name in names:
        source = asked.get(name, written.get(name))
        refers = bool(references_in(source))
        answer[name] = {
            "value": known.get(name, None if refers else _first(name, asked, written, defaults)),
            "origin": _origin(name, asked, written, refers=refers),
            "default": defaults.get(name),
            "expression": source if refers else None,
        }
    return answer


def _origin(
    name: str, asked: Mapping[str, Any], written: Mapping[str, Any], *, refers: bool
) -> str:
    if name in asked:
        return "rerun"
    if name in written:
        return "reference" if refers else "override"
    return "template"


def _first(name: str, *sources: Mapping[str, Any]) -> Any:
    return next((source[name] for source in sources if name in source), None)


def _artifacts(attempts: Iterable[Attempt]) -> dict[int, list[Artifact]]:
    """The artifacts of each attempt: those that its task left under its present fence."""
    tasks = {attempt.task_id for attempt in attempts if attempt.task_id}
    by_execution: dict[tuple[UUID, int], list[Artifact]] = {}
    if tasks:
        for artifact in Artifact.objects.filter(task_id__in=tasks).order_by("name"):
            by_execution.setdefault((artifact.task_id, artifact.fence), []).append(artifact)
    return {
        attempt.pk: by_execution.get((attempt.task.pk, attempt.task.fence), [])
        for attempt in attempts
        if attempt.task
    }


def _attempt(
    run: Run, path: str, attempt: Attempt, artifacts: Iterable[Artifact]
) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "status": attempt.status,
        "origin": attempt.origin,
        "round": attempt.round,
        "actor": attempt.actor or None,
        "task": str(attempt.task_id) if attempt.task_id else None,
        "fence": attempt.task.fence if attempt.task else None,
        "agent": attempt.agent,
        "reason": attempt.reason,
        "exit_code": attempt.exit_code,
        "traceback": attempt.traceback,
        "queued_at": iso(attempt.queued_at),
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
        "abort": abort_look(attempt.task),
        "inputs": attempt.inputs,
        "outputs": attempt.outputs,
        "artifacts": [
            artifact_dict(item, artifact_url(run, path, attempt.number, item.name))
            for item in artifacts
        ],
    }


def artifact_address(artifact: Artifact) -> str:
    """Where an artifact is downloaded, by its task."""
    return f"/api/v1/tasks/{artifact.task_id}/artifacts/{quote(artifact.name, safe='')}/"


def artifact_dict(artifact: Artifact, url: str) -> dict[str, Any]:
    """One artifact; *url* is where it is downloaded."""
    return {
        "name": artifact.name,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "media_type": artifact.media_type,
        "kind": artifact.kind,
        "metadata": artifact.metadata,
        "preview": artifact.preview,
        "url": url,
    }
