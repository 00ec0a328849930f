"""Looking for equal earlier results: hits to be taken, and why the others missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from orchestrator.domain.caching import (
    Address,
    Contents,
    Made,
    addresses_in,
    key_of,
    why_not_equal,
    with_contents,
)
from orchestrator.domain.graph import Node
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.states import Status
from orchestrator.models import Artifact, Attempt, Definition, Run, Task
from orchestrator.store.contents import content_path

NEWEST = 3
"""So many equal tasks are looked at: what the newest has left may have been taken away."""

RUNS_COMPARED = 20
TASKS_COMPARED = 200

WITHOUT = "the run was started without cache"
WITHOUT_NOW = "the rerun was asked for without cache"
SAME_AGAIN = "a rerun was asked for although nothing has changed: it is executed"
NEVER = "nothing like it has completed before"


@dataclass(slots=True)
class Found:
    """What the look gave: results to be taken, by step index, and what attempts keep of it."""

    hits: dict[int, Task] = field(default_factory=dict)
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    node: Node
    task: Task
    attempt: AttemptView | None


def give_keys(tasks: Sequence[Task], known: Contents) -> Contents:
    """Give each task its key; answers what lies at the addresses that their parameters hold."""
    addresses = frozenset(one for task in tasks for one in addresses_in(task.parameters))
    contents = {**known, **_contents_of(addresses - known.keys())} if addresses else {}
    for task in tasks:
        task.cache_key = key_of(
            task.definition_id or "", task.parameters, contents, task.configuration
        )
    return contents


def look(
    run: Run,
    made: Iterable[tuple[Node, Task]],
    attempts: Mapping[int, AttemptView | None],
    contents: Contents,
) -> Found:
    """Look for what may be taken instead of executing these tasks, which have their keys."""
    found = Found()
    wanted = [_Wanted(node, task, attempts.get(node.index)) for node, task in made if node.cache]
    if not wanted:
        return found
    equal = _equal(run, [one.task.cache_key for one in wanted])
    repeated = _repeated(run, wanted)
    for one in wanted:
        index = one.node.index
        why = _forbidden(run, one) or (SAME_AGAIN if index in repeated else "")
        task, fault = (None, why) if why else _choose(equal.get(one.task.cache_key, ()))
        if task is not None:
            found.hits[index] = task
        elif not fault:
            fault = _why(run, one, contents)
        kept = {"hit": task is not None, "key": one.task.cache_key, "why": fault}
        found.kept[index] = kept
    return found


def _forbidden(run: Run, one: _Wanted) -> str:
    if one.attempt is not None and one.attempt.overrides.get("cache") is False:
        return WITHOUT_NOW
    return WITHOUT if run.options.get("cache") is False else ""


def _equal(run: Run, keys: Iterable[str]) -> dict[str, list[Task]]:
    """The newest completed tasks of the project with each of these keys."""
    rows = (
        Task.objects.filter(
            project_id=run.project_id, cache_key__in=set(keys), status=Status.COMPLETED
        )
        .annotate(
            newness=Window(RowNumber(), partition_by="cache_key", order_by=F("ended_at").desc())
        )
        .filter(newness__lte=NEWEST)
        .order_by("newness")
    )
    found: dict[str, list[Task]] = {}
    for task in rows:
        found.setdefault(task.cache_key, []).append(task)
    return found


def _choose(equal: Sequence[Task]) -> tuple[Task | None, str]:
    """The newest whose artifacts are all there; if there is none although some are equal, why."""
    for task in equal:
        if all(content_path(sha256).exists() for sha256 in _left_by(task)):
            return task, ""
    return None, f"the artifacts of {_name_of(equal[0])} are gone" if equal else ""


def _left_by(task: Task) -> Iterable[str]:
    rows = Artifact.objects.filter(task=task, fence=task.fence)
    return rows.values_list("sha256", flat=True)


def _repeated(run: Run, wanted: Iterable[_Wanted]) -> set[int]:
    """The steps that somebody asked to run again with what their last attempt had already."""
    again = {
        one.node.index: one
        for one in wanted
        if one.attempt is not None and one.attempt.origin == Attempt.Origin.RERUN
    }
    if not again:
        return set()
    before = Q()
    for index, one in again.items():
        assert one.attempt is not None
        before |= Q(step__index=index, number=one.attempt.number - 1)
    rows = Attempt.objects.filter(before, run=run).values_list("step__index", "task__cache_key")
    return {index for index, key in rows if key and key == again[index].task.cache_key}


def _why(run: Run, one: _Wanted, contents: Contents) -> str:
    """What differs from the latest completed task of the same step, else of the same template."""
    then = _latest_of_step(run, one.node) or _latest_of_template(run, one.task)
    if then is None:
        return NEVER
    known = {**contents, **_contents_of(addresses_in(then.parameters))}
    bodies = Definition.objects.in_bulk({one.task.definition_id, then.definition_id})

    def made(task: Task) -> Made:
        definition = bodies.get(task.definition_id or "")
        return Made(
            task.definition_id or "",
            definition.body if definition else {},
            with_contents(task.parameters, known),
            task.configuration,
        )

    return why_not_equal(made(one.task), made(then), since=_name_of(then))


def _latest_of_step(run: Run, node: Node) -> Task | None:
    runs = Run.objects.filter(pipeline_id=run.pipeline_id).order_by("-number")[:RUNS_COMPARED]
    attempt = (
        Attempt.objects.filter(
            run__in=list(runs.values_list("pk", flat=True)),
            step__path=node.name,
            status=Status.COMPLETED,
            task__status=Status.COMPLETED,
        )
        .select_related("task")
        .order_by("-ended_at")
        .first()
    )
    return attempt.task if attempt else None


def _latest_of_template(run: Run, task: Task) -> Task | None:
    version = task.template_version
    newest = Task.objects.filter(project_id=run.project_id, is_template=False).order_by("-id")
    if version is None:
        return None
    ids = list(newest.values_list("pk", flat=True)[:TASKS_COMPARED])
    same = Task.objects.filter(pk__in=ids, template_version__template_id=version.template_id)
    return same.filter(status=Status.COMPLETED).order_by("-ended_at").first()


def _contents_of(addresses: Iterable[Address]) -> dict[Address, str]:
    wanted = frozenset(addresses)
    if not wanted:
        return {}
    rows = Artifact.objects.filter(task__in={task for task, _ in wanted}, fence=F("task__fence"))
    found = {(str(one.task_id), one.name): one.sha256 for one in rows}
    return {address: found[address] for address in wanted if address in found}


def _name_of(task: Task) -> str:
    """How people know a task: by its run."""
    attempt = (
        Attempt.objects.filter(task=task, status=Status.COMPLETED)
        .select_related("run", "run__pipeline")
        .first()
    )
    return f"run #{attempt.run.number} of {attempt.run.pipeline.slug}" if attempt else task.name
