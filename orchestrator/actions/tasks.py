"""What one may ask of tasks that are not steps of a run: make, clone, enqueue, abort, reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from orchestrator import announce, dispatch
from orchestrator.actions.changing_tasks import (
    checked_parameters,
    full_names,
    merged_configuration,
    refuse_incomplete,
)
from orchestrator.actions.made import Maker, columns_of, made_before
from orchestrator.actions.templates import NAME_LENGTH, check_queue, check_specs, definition_for
from orchestrator.domain.errors import Conflict
from orchestrator.domain.states import Status, TaskEvent, may_move
from orchestrator.models import Project, Run, Task
from orchestrator.store.tasks import is_step, move_task, run_of, tell_run


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
    comment: str = "",
    configuration: Mapping[str, str] | None = None,
    maker: Maker | None = None,
) -> Task:
    """Make a draft task that belongs to no run; what its maker has made before is given again.

    One of kind python without a script is only ever started in a process that has its code.
    """
    asked = {
        "project": str(project.pk),
        "name": name,
        "body": [kind, body],
        "parameters": parameters,
        "declared": specs or None,
        "queue": queue,
        "tags": tags or None,
        "type": type,
        "configuration": configuration,
    }
    if before := made_before(maker, asked):
        return before
    declared = check_specs(specs)
    definition = None if _is_empty(kind, body) else definition_for(kind, body)
    task = Task(
        project=project,
        name=name,
        kind=definition.kind if definition else kind,
        type=type,
        definition=definition,
        specs=declared,
        queue=check_queue(queue),
        tags=list(tags),
        comment=comment,
        actor=actor,
        **columns_of(maker, asked),
    )
    task.parameters = checked_parameters(task, parameters or {})
    task.configuration = merged_configuration(task, configuration or {})
    task.save(force_insert=True)
    announce.poke(f"project:{project.pk}")
    return task


@transaction.atomic
def clone_task(  # noqa: PLR0913 - a task has that many parts
    *,
    actor: str,
    task: Task,
    name: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    project: Project | None = None,
    comment: str | None = None,
    parent: Task | None = None,
    tags: Sequence[str] | None = None,
    maker: Maker | None = None,
) -> Task:
    """Make a draft like a task or a template, its parameters overridden; what its maker has made
    before is given again."""
    asked = {
        "source": str(task.pk),
        "name": name,
        "parameters": parameters,
        "project": str(project.pk) if project else None,
        "parent": str(parent.pk) if parent else None,
        "tags": tags,
    }
    if before := made_before(maker, asked):
        return before
    if task.definition is None and Run.objects.filter(pk=task.pk).exists():
        raise Conflict("this task executes nothing of its own; clone its run instead")
    specs = task.specs
    if task.template_version is not None and not specs:
        specs = task.template_version.specs
    clone = Task(
        project=project or task.project,
        name=name or (task.name if task.is_template else f"Clone of {task.name}"[:NAME_LENGTH]),
        kind=task.kind,
        type=task.type,
        definition=task.definition,
        parameters=task.parameters,
        specs=specs,
        template_version=task.template_version,
        parent=parent or (None if task.is_template else task),
        queue=task.queue,
        priority=task.priority,
        tags=task.tags if tags is None else list(tags),
        comment=task.comment if comment is None and not task.is_template else comment or "",
        configuration=task.configuration,
        limits=task.limits,
        actor=actor,
        **columns_of(maker, asked),
    )
    clone.parameters = checked_parameters(
        clone, {**task.parameters, **full_names(parameters or {})}
    )
    clone.save(force_insert=True)
    announce.poke(f"project:{clone.project_id}")
    return clone


def _is_empty(kind: str, body: Mapping[str, Any]) -> bool:
    return kind == "python" and body.get("script") == "" and not body.get("requirements")


@transaction.atomic
def enqueue_task(
    *, actor: str, task: Task, queue: str | None = None, scopes: Sequence[str] | None = None
) -> Task:
    """Put a draft into a queue. What it executes then acts for whoever wanted that, within these
    scopes."""
    _refuse_part_of_run(task)
    if task.is_template:
        raise Conflict("a template is not executed itself: clone it and enqueue the clone")
    if task.definition_id is None:
        raise Conflict("this task holds no code, so that no agent could execute it")
    refuse_incomplete(task)
    chosen = check_queue(queue or task.queue)
    whose = {"actor": actor, "scopes": scopes}
    _move(task, TaskEvent.ENQUEUE, **whose, queue=chosen, queued_at=Now(), published_at=None)
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
    if is_step(task):
        raise Conflict("this task is a step of a run: use the step's own verbs")
