"""What a script asks of the run that it drives: to be a run at all, and which steps it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from orchestrator import announce, dispatch
from orchestrator.actions.added_steps import check_keys, checked_steps
from orchestrator.actions.audit import record
from orchestrator.actions.pipelines import (
    EMPTY_DOCUMENT,
    create_pipeline,
    locked_draft,
    locked_pipeline,
)
from orchestrator.actions.projects import NAME_LENGTH, lock_project
from orchestrator.actions.runs import ask, checked_parameters
from orchestrator.domain.document import content_hash, normalise
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.names import slugify
from orchestrator.domain.states import FINAL, Driver, Status
from orchestrator.graphs import document_of
from orchestrator.growing import ADD_STEPS, REGISTER, refuse_if_closed
from orchestrator.models import Call, Pipeline, PipelineVersion, Project, Run, Task
from orchestrator.pins import pins_for_run
from orchestrator.queries.pipelines import find_version, pipeline_in
from orchestrator.store.added_steps import AddedStep, NewStep, find_added
from orchestrator.store.creation import ARGS, NewRun, insert_run_of
from orchestrator.store.registering import refuse_other_version
from orchestrator.store.tasks import is_step
from orchestrator.store.turns import database_now

ORIGIN = "script"


def make_run(
    *,
    actor: str,
    task: Task,
    project: str | None = None,
    pipeline: str = "",
    version: int | None = None,
) -> tuple[Run, bool]:
    """Let a running task by itself be a run from now on, that it drives; True: it is one now.

    Of the version of the pipeline that is named, or of one whose script is what it executes. Asked
    again, the answer is the same run.
    """
    if earlier := Run.objects.filter(pk=task.pk).first():
        return earlier, False
    with transaction.atomic():
        locked = (
            Task.objects.select_for_update(of=("self",), no_key=True)
            .select_related("project")
            .get(pk=task.pk)
        )
        earlier = Run.objects.filter(pk=task.pk).first()
        if earlier is not None:
            return earlier, False
        _refuse_part_or_idle(locked)
        if project not in (None, locked.project.slug, locked.project.name):
            message = f"a run is in its task's project, which is {locked.project.slug}"
            raise Invalid.at("project", "bad_value", message)
        name = pipeline or locked.name[:NAME_LENGTH].strip()
        chosen = _version(locked, _pipeline(actor, locked.project, name), version, actor)
        parameters = _parameters(locked, chosen)
        new = NewRun(
            version=chosen,
            steps=_steps_of(chosen),
            parameters=parameters,
            pins=pins_for_run(chosen),
            actor=locked.actor or actor,
            origin=ORIGIN,
        )
        run = insert_run_of(locked, new, database_now())
        record(actor, "task.run", task.pk, locked.project, pipeline=chosen.pipeline.slug)
        dispatch.ask_for_turn(run.pk)
        announce.poke(f"task:{run.pk}")
    return run, True


def _refuse_part_or_idle(task: Task) -> None:
    if task.is_template or is_step(task) or Call.objects.filter(task=task).exists():
        raise Conflict("only a task by itself can become a run")
    if task.status != Status.RUNNING:
        raise Conflict(f"the task is {task.status}; it becomes a run while it runs")


def _pipeline(actor: str, project: Project, name: str) -> Pipeline:
    """The pipeline of that name or slug, to which nobody else gives a version meanwhile; made if
    there is none."""
    lock_project(project)
    found = pipeline_in(project, name) or pipeline_in(project, slugify(name, otherwise="pipeline"))
    if found is None:
        return create_pipeline(actor=actor, project=project, name=name)
    return locked_pipeline(found)


def _version(task: Task, pipeline: Pipeline, number: int | None, actor: str) -> PipelineVersion:
    if number is not None:
        chosen = find_version(pipeline, number)
        if chosen.driver == Driver.GRAPH:
            raise Conflict(f"version {number} is a graph, and no script drives it")
        return chosen
    # Whoever publishes the draft, or registers another version, waits for its number.
    locked_draft(pipeline)
    document = normalise(EMPTY_DOCUMENT)
    rows = pipeline.versions.filter(driver=Driver.SCRIPT, script=task.definition)
    for version in rows.filter(number__isnull=False).order_by("-number"):
        if version.document == document:
            return version
    newest = pipeline.versions.aggregate(newest=Max("number"))["newest"] or 0
    return PipelineVersion.objects.create(
        pipeline=pipeline,
        number=newest + 1,
        document=document,
        content_hash=content_hash(document),
        driver=Driver.SCRIPT,
        script=task.definition,
        script_queue=task.queue,
        author=actor,
    )


def _steps_of(version: PipelineVersion) -> int:
    return len(document_of(version.pk, version.content_hash)["steps"])


def _parameters(task: Task, version: PipelineVersion) -> dict[str, Any]:
    """The values of the pipeline's parameters, as far as the task was given them."""
    document = document_of(version.pk, version.content_hash)
    declared = [spec["name"] for spec in document.get("parameters") or ()]
    given = {
        name: task.parameters[key]
        for name in declared
        for key in (name, f"{ARGS}/{name}")
        if key in task.parameters
    }
    return checked_parameters(document, given)


def register_steps(*, actor: str, run: Run, version: int) -> int:
    """Say which version a controller's run executes; answers the signal's number.

    Raises Conflict for a run that is none of a controller, or has steps of another version.
    """
    chosen = find_version(run.pipeline, version)
    if run.driver != Driver.CONTROLLER or chosen.driver != Driver.CONTROLLER:
        raise Conflict("only a run that a controller drives has its steps registered")
    if run.status in FINAL:
        raise Conflict(f"the run is {run.status} already")
    refuse_other_version(run, chosen)
    document = document_of(chosen.pk, chosen.content_hash)
    declared = {spec["name"] for spec in document.get("parameters") or ()}
    kept = {name: value for name, value in run.parameters.items() if name in declared}
    parameters = checked_parameters(document, kept)
    return ask(run, REGISTER, {"version": chosen.pk, "parameters": parameters}, actor)


def add_steps(
    *, actor: str, run: Run, steps: Sequence[Mapping[str, Any]]
) -> tuple[list[AddedStep], int | None]:
    """Add steps to a run, each under its key; answers those that are there, or the signal's number.

    Raises Invalid naming what is wrong with each, KeyConflict when another step was added under a
    key, GraphClosed when the run takes no more.
    """
    check_keys(steps)
    # What is there is answered, whatever would be refused by now: a task is no draft any more.
    known = find_added(run, [NewStep(one["key"], dict(one["step"]), {}) for one in steps])
    if len(known) == len(steps):
        return [known[one["key"]] for one in steps], None
    refuse_if_closed(run)
    fresh = [one for one in steps if one["key"] not in known]
    pins = {one.key: one.pin for one in checked_steps(run, fresh, actor)}
    said = [{**one, "step": dict(one["step"]), "pin": pins.get(one["key"], {})} for one in steps]
    return [], ask(run, ADD_STEPS, {"steps": said}, actor)
