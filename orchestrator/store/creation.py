"""Making a run: its rows, its first change and the signal that starts it, in one transaction.

The exception to the rule that only a run's turn writes it: an action makes a run so that it can
answer at once, and the turn of another run makes one that is nested in it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from orchestrator import announce
from orchestrator.domain.changes import Kind
from orchestrator.domain.errors import Conflict
from orchestrator.domain.names import SERVICES_QUEUE
from orchestrator.domain.parameters import full_name
from orchestrator.domain.states import Status
from orchestrator.models import Change, Pipeline, PipelineVersion, Run, Task
from orchestrator.store import signals

NO_SCRIPT: Final = "this version was registered without its script: run it where it is written"
ARGS: Final = "Args"
"""The section in which a script finds the parameters of its pipeline."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be made; ``parent`` is the run that it is nested in. Its script acts for ``actor``
    within ``scopes``."""

    version: PipelineVersion
    steps: int
    parameters: dict[str, Any]
    pins: dict[str, Any]
    actor: str
    origin: str
    scopes: Sequence[str] | None = None
    name: str = ""
    draft: bool = False
    part: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    parent: uuid.UUID | None = None


def insert_run(new: NewRun, now: datetime) -> Run:
    """Insert the run, its controller task, change 1 and, unless it is a draft, signal *start*.

    The caller asks for its turn.
    """
    pipeline, driver = new.version.pipeline, new.version.driver
    number = _next_number(pipeline)
    status = Status.DRAFT if new.draft else Status.QUEUED
    task = Task.objects.create(
        project_id=pipeline.project_id,
        name=new.name or f"{pipeline.name} #{number}",
        type=Task.CONTROLLER,
        parameters=parameters_of(new.parameters, driver),
        **_executed(new.version),
        priority=new.priority,
        parent_id=new.parent,
        actor=new.actor,
        scopes=new.scopes,
        status=status,
        fence=0 if new.draft else 1,
        queued_at=None if new.draft else now,
    )
    run = _insert(task, new, number, status, now)
    if not new.draft:
        signals.put(run.pk, "start", {}, new.actor)
    return run


def insert_run_of(task: Task, new: NewRun, now: datetime) -> Run:
    """Make a run of a task that is being executed already; its turn finds how that stands.

    The caller has locked the task, and asks for the turn.
    """
    run = _insert(task, new, _next_number(new.version.pipeline), Status.QUEUED, now)
    signals.put(run.pk, "script", {})
    return run


def _insert(task: Task, new: NewRun, number: int, status: Status, now: datetime) -> Run:
    pipeline, driver = new.version.pipeline, new.version.driver
    run = Run.objects.create(
        task=task,
        project_id=pipeline.project_id,
        pipeline=pipeline,
        version=new.version,
        number=number,
        name=new.name,
        status=status,
        steps_total=new.steps,
        driver=driver,
        graph_open=driver != Run.Driver.GRAPH,
        parameters=new.parameters,
        pins=new.pins,
        part=new.part,
        options=new.options,
        actor=new.actor,
        origin=new.origin,
        last_change=1,
    )
    data = {"status": status.value, "round": 1, "number": number, "steps": new.steps}
    Change.objects.create(
        run=run, number=1, kind=Kind.RUN_CREATED, data=data, actor=new.actor, at=now
    )
    announce.poke(f"pipeline:{pipeline.pk}", f"project:{pipeline.project_id}")
    return run


def parameters_of(values: Mapping[str, Any], driver: str) -> dict[str, Any]:
    """A run's parameters as those of its task; a script finds them in its section *Args*, too."""
    found = {full_name(name): value for name, value in values.items()}
    if driver != Run.Driver.GRAPH:
        found |= {f"{ARGS}/{name}": value for name, value in values.items() if "/" not in name}
    return found


def _executed(version: PipelineVersion) -> dict[str, Any]:
    """What a run's task executes: nothing for a graph, else the script, once the run may start."""
    if version.driver == Run.Driver.GRAPH:
        return {"kind": Task.CONTROLLER, "queue": SERVICES_QUEUE}
    script = version.script
    if script is None:
        raise Conflict(NO_SCRIPT)
    return {"kind": script.kind, "definition": script, "queue": version.script_queue, "held": True}


def _next_number(pipeline: Pipeline) -> int:
    # The update locks the pipeline's row, so that numbers are given out once.
    rows = Pipeline.objects.filter(pk=pipeline.pk)
    rows.update(last_run_number=F("last_run_number") + 1)
    return rows.values_list("last_run_number", flat=True).get()
