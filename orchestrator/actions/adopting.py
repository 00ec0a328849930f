"""What a script starts by hand: tasks that it enqueues and runs that it triggers are its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from orchestrator import dispatch
from orchestrator.actions.runs import enqueue_run, run_again, start_run
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
from orchestrator.store.tasks import mark_as_step


@transaction.atomic
def enqueue_as_step(
    *,
    actor: str,
    script: UUID,
    task: Task,
    queue: str | None = None,
    key: str = "",
    name: str = "",
    scopes: Sequence[str] | None = None,
) -> Task:
    """Put a draft into a queue; from then on it is a step of the run that the script drives.

    A script that is no run yet becomes one. The same task under the same key is there already;
    another one raises KeyConflict.
    """
    run = _run_of(script, actor)
    called = as_step_name(name or task.name)
    step = {"name": called, "task": str(task.pk)}
    new = NewStep(key or f"task/{task.pk}", step, {"task": str(task.pk)}, living=True)
    if _is_there(run, new):
        task.refresh_from_db()
        return task
    refuse_if_closed(run)
    if run.status == Status.PAUSED:
        Task.objects.filter(pk=task.pk).update(held=True)
    enqueue_task(actor=actor, task=task, queue=queue, scopes=scopes)
    Task.objects.filter(pk=task.pk, parent=None).update(parent=run.pk)
    mark_as_step(task, run.pk)
    _adopt(run, new, actor)
    return task


def _is_there(run: Run, new: NewStep) -> bool:
    """True when the same was asked before; raises KeyConflict when it was another step.

    The mailbox is looked into first: what a turn takes out in between is a part of the graph then.
    """
    return _is_said(run, new) or bool(find_added(run, [new]))


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
        # First, as it may lock the project, which is locked before its pipelines.
        above = _run_of(script, wanted["actor"])
        return _below(above, key, start_run(**wanted))


def run_again_as_step(*, script: UUID, key: str = "", **wanted: Any) -> Run:
    """The same of one that is like an earlier run."""
    with transaction.atomic():
        above = _run_of(script, wanted["actor"])
        return _below(above, key, run_again(**wanted))


def enqueue_run_as_step(
    *, actor: str, script: UUID, run: Run, scopes: Sequence[str] | None = None
) -> int:
    """Let a draft run start as `enqueue_run` does; from then on it is a step, too."""
    with transaction.atomic():
        above = _run_of(script, actor)
        signal = enqueue_run(actor=actor, run=run, scopes=scopes)
        _below(above, "", run, starts=True)
    return signal


def _run_of(script: UUID, actor: str) -> Run:
    """The run of a script, whose row is locked: of two equal asks the second finds the first's."""
    rows = Task.objects.select_for_update(of=("self",), no_key=True)
    return make_run(actor=actor, task=rows.get(pk=script))[0]


def _below(above: Run, key: str, run: Run, *, starts: bool = False) -> Run:
    """Let the new run be a step, a draft once it starts; raises Invalid when a pipeline would
    start itself so."""
    version = run.version
    assert version is not None, "a run that is started has a version"
    check_nesting(version, run.pins, nesting.way_to(above))
    Task.objects.filter(pk=run.pk, parent=None).update(parent=above.pk)
    if run.status == Status.DRAFT and not starts:
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
    if not _is_there(above, new):
        refuse_if_closed(above)
        _adopt(above, new, run.actor)
    return run


def _adopt(run: Run, new: NewStep, actor: str) -> None:
    said = {"key": new.key, "step": new.step, "pin": new.pin, "living": True}
    signals.put(run.pk, ADOPT, {"steps": [said]}, actor)
    dispatch.ask_for_turn(run.pk)
