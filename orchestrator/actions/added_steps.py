"""Steps that somebody adds to a run: read, and held against what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from orchestrator.actions.pins import pins_of
from orchestrator.domain.document import (
    Catalog,
    PipelineInfo,
    TemplateInfo,
    check,
    named_apart,
    named_parents,
    steps_by_name,
)
from orchestrator.domain.errors import Invalid, Problem
from orchestrator.domain.graph import Graph
from orchestrator.domain.parameters import specs_from
from orchestrator.domain.states import Driver, Status
from orchestrator.graphs import ADDED, document_of, graph_of_run
from orchestrator.models import Attempt, GraphPart, Project, Run, Task
from orchestrator.queries.catalog import document_catalog
from orchestrator.queries.projects import as_uuid
from orchestrator.store.added_steps import NewStep

KEY_LENGTH = 190
MOST_AT_ONCE = 1000
STAND_IN = "the-task-that-its-script-made"
TASK = "task"


def checked_steps(run: Run, said: Sequence[Mapping[str, Any]], actor: str) -> list[NewStep]:
    """Read steps that are to be added to a run, each {"key", "step"}; raises Invalid naming
    everything that is wrong with them.

    1. They get the names that they would have now, so that one may name another of them.
    2. They are checked as a document's steps are, beside those steps that they name.
    3. Each is pinned to what it is made of.
    """
    tasks = _tasks(run.project, [one["step"] for one in said])
    document = document_of(run.version.pk, run.version.content_hash) if run.version else {}
    graph = graph_of_run(run)
    named = named_apart([one["step"] for one in said], graph.index_by_name.keys())
    needed = {name for step in named for name in named_parents(step)} - _names(named)
    others = _others(run, document, graph, sorted(needed & graph.index_by_name.keys()))
    whole: dict[str, Any] = {
        **{key: document[key] for key in ("parameters", "defaults") if key in document},
        "schema": 1,
        "steps": [*others, *(_with_stand_in(step, tasks) for step in named)],
    }
    catalog = document_catalog(run.project, actor=actor, document=whole, own=run.pipeline)
    driven = run.driver != Driver.GRAPH
    problems = check(whole, catalog=_WithTasks(catalog, tasks), driven=driven)
    if errors := _of_new(problems, len(others)):
        raise Invalid(errors)
    pins = pins_of(run.project, {"steps": [one for one in named if not one.get(TASK)]}, actor)
    return [
        NewStep(one["key"], dict(one["step"]), pins.get(step["name"]) or {TASK: step[TASK]})
        for one, step in zip(said, named, strict=True)
    ]


def check_keys(said: Sequence[Mapping[str, Any]]) -> None:
    """Raise Invalid unless each step has a key of its own, and a name."""
    if len(said) > MOST_AT_ONCE:
        raise Invalid.at("steps", "cap_exceeded", f"at most {MOST_AT_ONCE:,} steps at a time")
    if not said:
        raise Invalid.at("steps", "missing", "name at least one step")
    keys: set[str] = set()
    for place, one in enumerate(said):
        key, where = one["key"], f"steps[{place}]"
        if not 0 < len(key) <= KEY_LENGTH:
            message = f"a key has 1 to {KEY_LENGTH} characters"
            raise Invalid.at(f"{where}.key", "bad_value", message)
        if key in keys:
            raise Invalid.at(f"{where}.key", "duplicate_name", f'two steps have the key "{key}"')
        keys.add(key)
        name = one["step"].get("name")
        if not isinstance(name, str) or not name:
            raise Invalid.at(f"{where}.step.name", "missing", "a step needs a name")


def _tasks(project: Project, steps: Sequence[Mapping[str, Any]]) -> dict[str, Task]:
    """The drafts that steps are to execute, by id; raises Invalid for one that cannot be."""
    named = {place: str(step[TASK]) for place, step in enumerate(steps) if step.get(TASK)}
    keys = {place: as_uuid(name) for place, name in named.items()}
    rows = Task.objects.filter(project=project, is_template=False, run=None)
    found: dict[UUID, Task] = rows.in_bulk([key for key in keys.values() if key])
    used = set(Attempt.objects.filter(task__in=found).values_list("task", flat=True))
    for place, name in named.items():
        task = found.get(key) if (key := keys[place]) else None
        where = f"steps[{place}].step.{TASK}"
        if task is None:
            raise Invalid.at(where, "unknown_task", f'the project has no task "{name:.60}"')
        if task.status != Status.DRAFT or task.pk in used:
            message = f"the task is {task.status}; only a draft of its own can become a step"
            raise Invalid.at(where, "bad_value", message)
    return {named[place]: found[key] for place, key in keys.items() if key}


def _names(steps: Sequence[Mapping[str, Any]]) -> set[str]:
    return {step["name"] for step in steps}


def _others(
    run: Run, document: Mapping[str, Any], graph: Graph, names: Sequence[str]
) -> list[Mapping[str, Any]]:
    """What those steps say that the new ones name; an item of a fan-out says only its name."""
    known = steps_by_name(document)
    missing = [name for name in names if name not in known]
    if missing:
        # By their keys, by which the database finds them among any number.
        keys = [ADDED + graph.node(name).key for name in missing if graph.node(name).added]
        added = GraphPart.objects.filter(run=run, key__in=keys)
        known |= {step["name"]: step for step in added.values_list("body__step", flat=True)}
    return [known.get(name, {"name": name}) for name in names]


def _with_stand_in(step: Mapping[str, Any], tasks: Mapping[str, Task]) -> dict[str, Any]:
    if str(step.get(TASK)) not in tasks:
        return dict(step)
    rest = {key: value for key, value in step.items() if key not in (TASK, "parameters")}
    return {**rest, "template": f"{STAND_IN}-{step[TASK]}"}


def _of_new(problems: Sequence[Problem], first: int) -> list[Problem]:
    """The errors of the new steps, at the places where they were said."""
    found = []
    for problem in problems:
        part, _, rest = problem.where.partition("]")
        place = part.removeprefix("steps[")
        if problem.severity != "error" or not place.isdecimal() or int(place) < first:
            continue
        where = f"steps[{int(place) - first}].step{rest}"
        found.append(replace(problem, where=where, fix=None))
    return found


class _WithTasks:
    """A catalog with what stands for those steps that are tasks already."""

    def __init__(self, catalog: Catalog, tasks: Mapping[str, Task]) -> None:
        self._catalog = catalog
        self._infos = {
            f"{STAND_IN}-{key}": TemplateInfo(specs_from(task.specs)) for key, task in tasks.items()
        }

    def template(self, name: str) -> TemplateInfo | None:
        return self._infos.get(name) or self._catalog.template(name)

    def names(self) -> Collection[str]:
        return self._catalog.names()

    def pipeline(self, name: str) -> PipelineInfo | None:
        return self._catalog.pipeline(name)

    def pipeline_names(self) -> Collection[str]:
        return self._catalog.pipeline_names()

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        return self._catalog.way_back(name, version)
