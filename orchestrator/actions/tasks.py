"""What one may ask of tasks that are not steps of a run: make, clone, enqueue, abort, reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from orchestrator import announce, dispatch
from orchestrator.actions.templates import check_queue, check_specs, definition_for
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.parameters import check_values, full_name, specs_from
from orchestrator.domain.states import Status, TaskEvent, may_move
from orchestrator.models import Attempt, Project, Run, Task
from orchestrator.store.tasks import move_task, run_of, tell_run


@transaction.atomic
def create_task(  # noqa: PLR0913 - a task has that many parts
    *,
    actor: str,
    project: Project,
    name: str,
    kind: str,
    body: Mapping[str, Any],
    parameters: Mapping[str, Any] | None = None,
    specs: Sequence[Mapping[str, Any]] = (),
    queue: str = "default",
    tags: Sequence[str] = (),
    type: str = "training",
) -> Task:
    """Make a draft task that belongs to no run."""
    declared = check_specs(specs)
    definition = definition_for(kind, body)
    task = Task.objects.create(
        project=project,
        name=name,
        kind=definition.kind,
        type=type,
        definition=definition,
        parameters=_checked(declared, parameters or {}),
        specs=declared,
        queue=check_queue(queue),
        tags=list(tags),
        actor=actor,
    )
    announce.poke(f"project:{project.pk}")
    return task


@transaction.atomic
def clone_task(
    *,
    actor: str,
    task: Task,
    name: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    project: Project | None = None,
) -> Task:
    """Make a draft like a task or a template, its parameters overridden."""
    if task.definition is None:
        raise Conflict("this task executes nothing of its own; clone its run instead")
    specs = task.specs
    if task.template_version is not None and not specs:
        specs = task.template_version.specs
    clone = Task.objects.create(
        project=project or task.project,
        name=name or (task.name if task.is_template else f"Clone of {task.name}"),
        kind=task.kind,
        type=task.type,
        definition=task.definition,
        parameters=_checked(specs, {**task.parameters, **_full(parameters or {})}),
        specs=specs,
        template_version=task.template_version,
        parent=None if task.is_template else task,
        queue=task.queue,
        priority=task.priority,
        tags=task.tags,
        limits=task.limits,
        actor=actor,
    )
    announce.poke(f"project:{clone.project_id}")
    return clone


@transaction.atomic
def set_parameters(*, actor: str, task: Task, parameters: Mapping[str, Any]) -> Task:
    """Override parameters of a draft."""
    if task.status != Status.DRAFT:
        raise Conflict(f"the task is {task.status}; only a draft's parameters can be changed")
    specs = task.specs or (task.template_version.specs if task.template_version else [])
    task.parameters = _checked(specs, {**task.parameters, **_full(parameters)})
    task.save(update_fields=["parameters"])
    announce.poke(f"task:{task.pk}")
    return task


@transaction.atomic
def enqueue_task(*, actor: str, task: Task, queue: str | None = None) -> Task:
    """Put a draft into a queue. What it executes then acts for whoever wanted that."""
    _refuse_part_of_run(task)
    if task.is_template:
        raise Conflict("a template is not executed itself: clone it and enqueue the clone")
    chosen = check_queue(queue or task.queue)
    _move(task, TaskEvent.ENQUEUE, actor=actor, queue=chosen, queued_at=Now(), published_at=None)
    dispatch.ask_for_line(chosen)
    return task


@transaction.atomic
def dequeue_task(*, actor: str, task: Task) -> Task:
    """Take a task out of its queue: a draft again."""
    _refuse_part_of_run(task)
    if task.status != Status.QUEUED:
        raise Conflict(f"the task is {task.status}; only a queued one can be dequeued")
    _move(task, TaskEvent.DEQUEUE, queued_at=None, published_at=None)
    return task


@transaction.atomic
def abort_task(*, actor: str, task: Task) -> Task:
    """End a task: at once when no agent has it, else its agent is asked to."""
    if Run.objects.filter(pk=task.pk).exists():
        raise Conflict("this task is the controller of a run: abort the run")
    if not may_move(Status(task.status), TaskEvent.ABORT):
        raise Conflict(f"the task is {task.status} already")
    if task.status in (Status.RUNNING, Status.ABORTING):
        _move(task, TaskEvent.ABORT, abort_requested_at=Now())
        if task.agent_id:
            dispatch.poke_agent(task.agent_id, task.pk)
    else:
        outcome = {"reason": "aborted before it started", "confirmed": True}
        _move(task, TaskEvent.ABORT, ended_at=Now(), outcome=outcome)
    tell_run(task)
    if (run := run_of(task)) is not None:
        dispatch.ask_for_turn(run)
    return task


@transaction.atomic
def reset_task(*, actor: str, task: Task) -> Task:
    """Make an ended task a draft again; what it left behind stays with its old fence."""
    _refuse_part_of_run(task)
    if not may_move(Status(task.status), TaskEvent.RESET):
        raise Conflict(f"the task is {task.status}; only one that has ended can be reset")
    _move(
        task,
        TaskEvent.RESET,
        outcome={},
        outputs={},
        progress=None,
        agent=None,
        process={},
        lease_until=None,
        abort_requested_at=None,
        abort_delivered_at=None,
        kill_at=None,
        published_at=None,
        queued_at=None,
        started_at=None,
        ended_at=None,
    )
    return task


def _move(task: Task, event: TaskEvent, **values: Any) -> None:
    if not move_task(task, event, **values):
        raise Conflict("the task has changed in this moment; look again")
    announce.poke(f"task:{task.pk}", f"project:{task.project_id}", "lines")


def _refuse_part_of_run(task: Task) -> None:
    if Run.objects.filter(pk=task.pk).exists():
        raise Conflict("this task is the controller of a run: use the run's own verbs")
    if Attempt.objects.filter(task=task).exists():
        raise Conflict("this task is a step of a run: use the step's own verbs")


def _full(given: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides with the sections in their names, so that they replace what they mean."""
    return {full_name(name): value for name, value in given.items()}


def _checked(specs: Sequence[Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    values, problems = check_values(specs_from(list(specs)), given)
    if problems:
        raise Invalid(problems)
    return values
