"""What an agent writes about the tasks that it executes, all of it by compare-and-set.

Claiming and ending a task leaves a signal for its run in the same transaction, so that neither
can be known without the other. Losing a compare-and-set is an answer, not an error: somebody else
has the task, or the lease was over.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet
from django.db.models.expressions import CombinedExpression, Value
from django.db.models.functions import Now

from orchestrator.domain.states import Status, TaskEvent, move, tasks_that_may
from orchestrator.models import Agent, Artifact, Attempt, Signal, Task

_TOKEN_SALT = "attempt"
_HELD = tasks_that_may(TaskEvent.END_WELL)


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed task: all that is needed to execute it."""

    task_id: uuid.UUID
    fence: int
    run_id: uuid.UUID | None
    name: str
    kind: str
    body: Mapping[str, Any]
    parameters: Mapping[str, Any]
    queue: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact whose content lies under its hash already."""

    name: str
    sha256: str
    size: int
    media_type: str
    kind: str
    metadata: Mapping[str, Any]
    preview: str


@dataclass(slots=True)
class Result:
    """How an execution ended. *event* and the task's status give the new status."""

    event: TaskEvent
    reason: str = ""
    exit_code: int | None = None
    traceback: str = ""
    confirmed: bool = True
    outputs: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Sequence[StoredArtifact] = ()

    @property
    def outcome(self) -> dict[str, Any]:
        """What the task's row keeps of it."""
        return {
            "reason": self.reason,
            "exit_code": self.exit_code,
            "traceback": self.traceback,
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the database says of the tasks that an agent holds."""

    to_abort: frozenset[tuple[uuid.UUID, int]]
    lost: frozenset[tuple[uuid.UUID, int]]


def claim(task_id: uuid.UUID, fence: int, agent_id: uuid.UUID, lease: float) -> Work | None:
    """Take a queued task for this agent, or nothing when it is not to be had any more."""
    with transaction.atomic():
        won = Task.objects.filter(
            id=task_id,
            fence=fence,
            status__in=tasks_that_may(TaskEvent.CLAIM),
            abort_requested_at__isnull=True,
        ).update(
            status=move(Status.QUEUED, TaskEvent.CLAIM),
            agent_id=agent_id,
            lease_until=after(lease),
            started_at=Now(),
            ended_at=None,
            progress=None,
        )
        if not won:
            return None
        task = Task.objects.select_related("definition").get(id=task_id)
        run_id = _tell_run(task_id)
    return Work(
        task_id=task.id,
        fence=fence,
        run_id=run_id,
        name=task.name,
        kind=task.kind,
        body=task.definition.body if task.definition else {},
        parameters=task.parameters,
        queue=task.queue,
        limits=task.limits,
    )


def renew(agent_id: uuid.UUID, held: Collection[tuple[uuid.UUID, int]], lease: float) -> Renewal:
    """Prolong the agent's own lease and those of all tasks that it holds."""
    rows: dict[uuid.UUID, tuple[int, str]] = {}
    with transaction.atomic():
        Agent.objects.filter(id=agent_id).update(
            lease_until=after(lease), ended_at=None, load={"running": len(held)}
        )
        if held:
            mine = Task.objects.filter(
                id__in={task_id for task_id, _ in held}, agent_id=agent_id, status__in=_HELD
            )
            mine.update(lease_until=after(lease))
            rows = {
                task_id: (fence, status)
                for task_id, fence, status in mine.values_list("id", "fence", "status")
            }
    known = {(task_id, fence): status for task_id, (fence, status) in rows.items()}
    return Renewal(
        to_abort=frozenset(key for key, status in known.items() if status == Status.ABORTING),
        lost=frozenset(key for key in held if key not in known),
    )


def finish(task_id: uuid.UUID, fence: int, agent_id: uuid.UUID, result: Result) -> Status | None:
    """Record how an execution ended; nothing when the task is no longer this agent's."""
    with transaction.atomic():
        status = _end(_mine(task_id, fence, agent_id), result)
        if status is None:
            return None
        _keep_defaults(task_id, result.defaults)
        _keep_artifacts(task_id, fence, result.artifacts)
        _tell_run(task_id)
    return status


def release(task_id: uuid.UUID, fence: int, agent_id: uuid.UUID) -> bool:
    """Put a task back into its queue for another agent; that is no attempt of its own."""
    with transaction.atomic():
        won = (
            _mine(task_id, fence, agent_id)
            .filter(status__in=tasks_that_may(TaskEvent.RELEASE))
            .update(
                status=move(Status.RUNNING, TaskEvent.RELEASE),
                fence=F("fence") + 1,
                published_at=None,
                agent=None,
                lease_until=None,
                started_at=None,
                progress=None,
            )
        )
        if won:
            _tell_run(task_id)
    return bool(won)


def attempt_token(task_id: uuid.UUID, fence: int) -> str:
    """The key by which a step may speak for its own task, and only while it runs."""
    return signing.dumps([task_id.hex, fence], salt=_TOKEN_SALT)


def read_attempt_token(token: str) -> tuple[uuid.UUID, int] | None:
    """The task and fence that a token was made for; nothing when it is not one of ours.

    Whether that task still runs with that fence is for the caller to ask.
    """
    try:
        task_id, fence = signing.loads(token, salt=_TOKEN_SALT)
        return uuid.UUID(task_id), int(fence)
    except (signing.BadSignature, TypeError, ValueError):
        return None


def after(seconds: float) -> CombinedExpression:
    """So many seconds from now, by the database's clock."""
    return CombinedExpression(
        Now(), "+", Value(timedelta(seconds=seconds)), output_field=DateTimeField()
    )


def _mine(task_id: uuid.UUID, fence: int, agent_id: uuid.UUID) -> QuerySet[Task]:
    return Task.objects.filter(id=task_id, fence=fence, agent_id=agent_id)


def _end(mine: QuerySet[Task], result: Result) -> Status | None:
    # Running first: an abort that commits in between turns it into aborting, never back.
    for status in (Status.RUNNING, Status.ABORTING):
        if result.event not in _events_of(status):
            continue
        new = move(status, result.event)
        won = mine.filter(status=status).update(
            status=new,
            outcome=result.outcome,
            outputs=dict(result.outputs),
            ended_at=Now(),
            lease_until=None,
        )
        if won:
            return new
    return None


def _events_of(status: Status) -> frozenset[TaskEvent]:
    return frozenset(event for event in TaskEvent if status in tasks_that_may(event))


def _keep_defaults(task_id: uuid.UUID, defaults: Mapping[str, Any]) -> None:
    """Add the parameters that only the script knew; what the task was given stays."""
    if not defaults:
        return
    task = Task.objects.only("parameters").get(id=task_id)
    if new := {name: value for name, value in defaults.items() if name not in task.parameters}:
        task.parameters = {**task.parameters, **new}
        task.save(update_fields=["parameters"])


def _keep_artifacts(task_id: uuid.UUID, fence: int, artifacts: Sequence[StoredArtifact]) -> None:
    rows = [
        Artifact(
            task_id=task_id,
            fence=fence,
            name=artifact.name,
            sha256=artifact.sha256,
            size=artifact.size,
            media_type=artifact.media_type,
            kind=artifact.kind,
            metadata=dict(artifact.metadata),
            preview=artifact.preview,
        )
        for artifact in artifacts
    ]
    # One of the same name may have been uploaded while the task ran; the last one counts.
    Artifact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["task", "fence", "name"],
        update_fields=["sha256", "size", "media_type", "kind", "metadata", "preview"],
    )


def _tell_run(task_id: uuid.UUID) -> uuid.UUID | None:
    """Leave a signal in the mailbox of the run whose attempt this task is, if it is one."""
    attempts = Attempt.objects.filter(task_id=task_id).values_list(
        "run_id", "step__index", "number"
    )
    run_id = None
    for run_id, index, number in attempts:
        Signal.objects.create(run_id=run_id, kind="task", data={"step": index, "attempt": number})
    return run_id
