"""What a script starts by hand: tasks that it enqueues and runs that it triggers are its steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from orchestrator import dispatch
from orchestrator.actions.runs import run_again, start_run
from orchestrator.actions.scripts import make_run
from orchestrator.actions.tasks import enqueue_task
from orchestrator.domain.graph import Kind
from orchestrator.domain.names import as_step_name
from orchestrator.domain.states import Status
from orchestrator.growing import ADOPT, refuse_if_closed
from orchestrator.models import Run, Task
from orchestrator.pins import check_nesting, path_of
from orchestrator.store import nesting, signals
from orchestrator.store.added_steps import NewStep, find_added


@transaction.atomic
def enqueue_as_step(
    *,
    actor: str,
    script: UUID,
    task: Task,
    queue: str | None = None,
    key: str = "",
    name: str = "",
) -> Task:
    """Put a draft into a queue; from then on it is a step of the run that the script drives.

    A script that is no run yet becomes one. The same task under the same key is there already;
    another one raises KeyConflict.
    """
    run, _ = make_run(actor=actor, task=Task.objects.get(pk=script))
    called = as_step_name(name or task.name)
    step = {"name": called, "task": str(task.pk)}
    new = NewStep(key or f"task/{task.pk}", step, {"task": str(task.pk)}, living=True)
    if find_added(run, [new]) or _is_said(run, new):
        return task
    refuse_if_closed(run)
    enqueue_task(actor=actor, task=task, queue=queue)
    Task.objects.filter(pk=task.pk, parent=None).update(parent=run.pk)
    _adopt(run, new, actor)
    return task


def _is_said(run: Run, new: NewStep) -> bool:
    """True while the turn has not come to the same ask before."""
    waiting = run.signals.filter(kind=ADOPT).values_list("data", flat=True)
    return any(
        one["key"] == new.key and one["step"] == new.step
        for data in waiting
        for one in data["steps"]
    )


def start_as_step(*, script: UUID, key: str = "", **wanted: Any) -> Run:
    """Start a run as `start_run` does; it is a step of the run that the script drives."""
    with transaction.atomic():
        return _below(script, key, start_run(**wanted))


def run_again_as_step(*, script: UUID, key: str = "", **wanted: Any) -> Run:
    """The same of one that is like an earlier run."""
    with transaction.atomic():
        return _below(script, key, run_again(**wanted))


def _below(script: UUID, key: str, run: Run) -> Run:
    """Let the new run be a step; raises Invalid when a pipeline would start itself so."""
    version = run.version
    assert version is not None, "a run that is started has a version"
    above, _ = make_run(actor=run.actor, task=Task.objects.get(pk=script))
    check_nesting(version, run.pins, nesting.way_to(above))
    if run.status == Status.DRAFT:
        return run
    step: dict[str, Any] = {
        "name": as_step_name(run.name or run.pipeline.name),
        "kind": Kind.PIPELINE.value,
        "pipeline": path_of(run.pipeline),
        "parameters": run.parameters,
    }
    pin = {"pipeline": path_of(run.pipeline), "version": version.number}
    living = {"pipeline_version": version.pk, "task": str(run.pk)}
    new = NewStep(key or f"run/{run.pk}", step, {**pin, **living}, living=True)
    if not find_added(above, [new]) and not _is_said(above, new):
        refuse_if_closed(above)
        Task.objects.filter(pk=run.pk, parent=None).update(parent=above.pk)
        _adopt(above, new, run.actor)
    return run


def _adopt(run: Run, new: NewStep, actor: str) -> None:
    said = {"key": new.key, "step": new.step, "pin": new.pin, "living": True}
    signals.put(run.pk, ADOPT, {"steps": [said]}, actor)
    dispatch.ask_for_turn(run.pk)
