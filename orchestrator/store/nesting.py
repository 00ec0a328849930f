"""Runs in runs: a step that starts a run of another pipeline, and what both tell each other.

The step's attempt has the nested run's controller task as its task, so that everything else
treats it as any task: the nested run's turn writes that task's status and outputs and leaves its
parent the signal that an agent would leave. What goes down are signals, too.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from orchestrator.domain.decisions import CouldNotLaunch, Launched
from orchestrator.domain.errors import Conflict, PipelinesError
from orchestrator.domain.graph import Node
from orchestrator.domain.hooks import CallKind
from orchestrator.domain.parameters import check_values, specs_from
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import resolve
from orchestrator.domain.states import FINAL, Driver
from orchestrator.graphs import document_of, graph_of_version, pins_of_run
from orchestrator.models import Attempt, PipelineVersion, Run
from orchestrator.pins import check_nesting, pins_for_run
from orchestrator.store import signals
from orchestrator.store.creation import NO_SCRIPT, NewRun, insert_run
from orchestrator.store.launch_calls import goes_on, parameters_said
from orchestrator.store.launches import Launches
from orchestrator.store.values import RunValues, SeenValues

ORIGIN = "parent"


def launch_nested(
    run: Run,
    nodes: Sequence[Node],
    attempts: Mapping[int, AttemptView | None],
    values: RunValues,
    done: Launches,
    now: datetime,
) -> None:
    """Make a run for each node, and note in *done* what came of it."""
    versions = _versions(run, nodes, attempts)
    above = way_to(run)
    # Each new run locks its pipeline's row: in one order, so that turns do not lock crosswise.
    for node in sorted(nodes, key=lambda node: (versions[node.index].pipeline_id, node.index)):
        attempt = attempts.get(node.index)
        overrides = attempt.overrides if attempt and attempt.is_prepared else {}
        try:
            said, seen = parameters_said(node, attempt, done), values.seen_by(node)
            new, taken = _run_for(run, node, versions[node.index], overrides, said, seen)
            check_nesting(new.version, new.pins, above)
        except PipelinesError as error:
            done.facts.append(CouldNotLaunch(node.index, error.message))
            continue
        if not goes_on(CallKind.PRE, node, attempt, done, {"parameters": new.parameters}):
            continue
        child = insert_run(new, now)
        done.runs.append(child.pk)
        done.facts.append(Launched(node.index, str(child.pk), now, values.indexes(taken)))
        done.rows[node.index] = {"resolved": child.task.parameters, "inputs": taken}


def _run_for(
    run: Run,
    node: Node,
    version: PipelineVersion,
    overrides: Mapping[str, Any],
    said: Mapping[str, Any],
    seen: SeenValues,
) -> tuple[NewRun, list[dict[str, Any]]]:
    document = document_of(version.pk, version.content_hash)
    given = {**node.parameters, **overrides.get("parameters", {})}
    resolved = resolve(given, seen.look_up)
    wanted = {**resolved.value, **said}
    if version.driver != Driver.GRAPH and version.script_id is None:
        raise Conflict(NO_SCRIPT)
    parameters, problems = check_values(specs_from(document.get("parameters")), wanted)
    if problems:
        raise PipelinesError("; ".join(problem.message for problem in problems))
    new = NewRun(
        version=version,
        steps=len(graph_of_version(version.pk, version.content_hash)),
        parameters=parameters,
        pins=pins_for_run(version),
        actor=run.actor,
        scopes=run.task.scopes,
        origin=ORIGIN,
        options=_options(run, node),
        priority=run.task.priority + node.priority,
        parent=run.pk,
    )
    return new, seen.taken(resolved.used)


def _options(run: Run, node: Node) -> dict[str, Any]:
    """What is asked of the nested run alone; without the cache means without it all the way."""
    timeout = {} if node.timeout is None else {"timeout": node.timeout}
    return timeout | ({"cache": False} if run.options.get("cache") is False else {})


def _versions(
    run: Run, nodes: Sequence[Node], attempts: Mapping[int, AttemptView | None]
) -> dict[int, PipelineVersion]:
    """The version that each node runs: pinned for the run, or asked for by its attempt."""
    pins = pins_of_run(run)
    wanted = {}
    for node in nodes:
        attempt = attempts.get(node.index)
        asked = attempt.overrides.get("pipeline_version") if attempt else None
        wanted[node.index] = asked or pins[node.step]["pipeline_version"]
    rows = PipelineVersion.objects.defer("document").select_related("pipeline__project")
    found = rows.in_bulk(set(wanted.values()))
    return {index: found[version] for index, version in wanted.items()}


def way_to(run: Run) -> list[PipelineVersion]:
    """The versions of the runs that a run is nested in and of itself, the outermost first."""
    way, attempt = [run.version_id], run.parent_attempt_id
    while attempt is not None:
        version, attempt = Run.objects.values_list("version", "parent_attempt").get(
            attempts=attempt
        )
        way.insert(0, version)
    rows = PipelineVersion.objects.defer("document", "pins").select_related("pipeline__project")
    found = rows.in_bulk([version for version in way if version is not None])
    return [found[version] for version in way if version is not None]


def tie(runs: Collection[uuid.UUID]) -> None:
    """Note of new nested runs which attempt each of them is, once the attempts are written."""
    if runs:
        attempt = Attempt.objects.filter(task=OuterRef("task")).values("pk")[:1]
        Run.objects.filter(pk__in=runs).update(parent_attempt=Subquery(attempt))


def tell_parent(run: Run, *, reopened: bool) -> uuid.UUID | None:
    """Leave the run that this one is nested in a signal; the answer is that run, if there is one.

    When a run is reopened after its end, its parent is not: its step only becomes stale.
    """
    if run.parent_attempt_id is None:
        return None
    rows = Attempt.objects.filter(pk=run.parent_attempt_id)
    parent, step, number = rows.values_list("run", "step__index", "number").get()
    kind = "reopened" if reopened else "task"
    signals.put(parent, kind, {"step": step, "attempt": number})
    return parent


def tell_nested(run: Run, kind: str, actor: str) -> list[uuid.UUID]:
    """Leave every living run that is nested in this one a signal; the answer is which they are."""
    nested = Run.objects.filter(parent_attempt__run=run).exclude(status__in=FINAL)
    told = list(nested.values_list("pk", flat=True))
    for child in told:
        signals.put(child, kind, {}, actor)
    return told
