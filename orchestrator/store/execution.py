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
from functools import lru_cache
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet
from django.db.models.expressions import CombinedExpression, Value
from django.db.models.functions import Now

from orchestrator.domain.states import Status, TaskEvent, move, tasks_that_may
from orchestrator.models import (
    Agent,
    Artifact,
    Attempt,
    Call,
    Definition,
    Run,
    Signal,
    Step,
    Task,
)
from orchestrator.store.rows import (
    Columns,
    after_sql,
    fetch,
    json_object_sql,
    key_of,
    marks,
    now_sql,
)

_TOKEN_SALT = "attempt"
_HELD = tasks_that_may(TaskEvent.END_WELL)
_RUNS = f'"{Run._meta.db_table}"'
_AGENTS = f'"{Agent._meta.db_table}"'
_CLAIMED = Columns(Task, "name", "kind", "definition", "parameters", "queue", "limits")
_ENDED = Columns(Task, "outcome", "outputs")
_TOLD = Columns(Signal, "run")


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
    killed: bool = False
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
            "killed": self.killed,
        }


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the database says of the tasks that an agent holds."""

    to_abort: frozenset[tuple[uuid.UUID, int]]
    lost: frozenset[tuple[uuid.UUID, int]]


def claim(task_id: uuid.UUID, fence: int, agent_id: uuid.UUID, lease: float) -> Work | None:
    """Take a queued task for this agent, or nothing when it is not to be had any more."""
    key = key_of(Task, task_id)
    with transaction.atomic():
        taken = fetch(
            f"UPDATE {_CLAIMED.table} SET status = %s, agent_id = %s, lease_until = {after_sql()}, "
            f"started_at = {now_sql()}, ended_at = NULL, progress = NULL "
            "WHERE id = %s AND fence = %s AND status = %s AND abort_requested_at IS NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {_AGENTS} WHERE id = %s AND draining) "
            f"RETURNING {_CLAIMED.names}",
            [
                move(Status.QUEUED, TaskEvent.CLAIM).value,
                key_of(Agent, agent_id),
                lease,
                key,
                fence,
                Status.QUEUED.value,
                key_of(Agent, agent_id),
            ],
        )
        if not taken:
            return None
        run_id = _tell_run(key)
    task = _CLAIMED.read(taken[0])
    return Work(
        task_id=task_id,
        fence=fence,
        run_id=run_id,
        name=task.name,
        kind=task.kind,
        body=_body_of(task.definition_id) if task.definition_id else {},
        parameters=task.parameters,
        queue=task.queue,
        limits=task.limits,
    )


# What a hash stands for never changes.
@lru_cache(maxsize=64)
def _body_of(definition: str) -> Mapping[str, Any]:
    body: Mapping[str, Any] = Definition.objects.values_list("body", flat=True).get(hash=definition)
    return body


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


def tell_delivered(
    agent_id: uuid.UUID, asked: Mapping[tuple[uuid.UUID, int], float]
) -> list[uuid.UUID]:
    """Keep when an agent began to end these tasks, and when, so many seconds later, it kills them.

    Answers those for which it was news.
    """
    told = []
    with transaction.atomic():
        for (task_id, fence), grace in asked.items():
            told += [task_id] * (
                _mine(task_id, fence, agent_id)
                .filter(status=Status.ABORTING, abort_delivered_at=None)
                .update(abort_delivered_at=Now(), kill_at=after(grace))
            )
    return told


def finish(
    task_id: uuid.UUID, fence: int, agent_id: uuid.UUID | None, result: Result
) -> Status | None:
    """Record how an execution ended; nothing when the task is no longer this agent's.

    Without an agent: a process that none has started.
    """
    key = key_of(Task, task_id)
    with transaction.atomic():
        status = _end(key, fence, agent_id, result)
        if status is None:
            return None
        _keep_defaults(task_id, result.defaults)
        _keep_artifacts(task_id, fence, result.artifacts)
        _tell_run(key)
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
            _tell_run(key_of(Task, task_id))
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


def _end(key: Any, fence: int, agent_id: uuid.UUID | None, result: Result) -> Status | None:
    """Write the end. An abort that commits just before makes it the end of an aborting task."""
    moves = {
        status: move(status, result.event)
        for status in (Status.RUNNING, Status.ABORTING)
        if result.event in _events_of(status)
    }
    agents = [] if agent_id is None else [key_of(Agent, agent_id)]
    whose = "agent_id = %s" if agents else "agent_id IS NULL"
    ended = fetch(
        f"UPDATE {_ENDED.table} SET status = CASE status {' WHEN %s THEN %s' * len(moves)} END, "
        f"outcome = %s, outputs = %s, ended_at = {now_sql()}, lease_until = NULL "
        f"WHERE id = %s AND fence = %s AND {whose} AND status IN {marks(len(moves))} "
        "RETURNING status",
        [
            *(status.value for move_ in moves.items() for status in move_),
            *_ENDED.stored([result.outcome, dict(result.outputs)]),
            key,
            fence,
            *agents,
            *(status.value for status in moves),
        ],
    )
    return Status(ended[0][0]) if ended else None


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
    if not rows:
        return
    # One of the same name may have been uploaded while the task ran; the last one counts.
    Artifact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["task", "fence", "name"],
        update_fields=["sha256", "size", "media_type", "kind", "metadata", "preview"],
    )


def _tell_run(key: Any) -> uuid.UUID | None:
    """Leave a signal in the mailbox of the run whose attempt this task is, if it is one; else of
    that whose script, or whose hook, it is."""
    told = fetch(
        f"INSERT INTO {_TOLD.table} (run_id, kind, data, actor, at) "
        "SELECT attempt.run_id, 'task', "
        f"{json_object_sql()}('step', step.\"index\", 'attempt', attempt.number), '', {now_sql()} "
        f'FROM "{Attempt._meta.db_table}" attempt '
        f'JOIN "{Step._meta.db_table}" step ON step.id = attempt.step_id '
        f"WHERE attempt.task_id = %s AND NOT EXISTS (SELECT 1 FROM {_RUNS} run "
        f"WHERE run.task_id = attempt.task_id) RETURNING {_TOLD.names}",
        [key],
    ) or fetch(
        f"INSERT INTO {_TOLD.table} (run_id, kind, data, actor, at) "
        f"SELECT run.task_id, 'script', {json_object_sql()}(), '', {now_sql()} "
        f"FROM {_RUNS} run WHERE run.task_id = %s UNION ALL "
        "SELECT call.run_id, 'call', "
        f"{json_object_sql()}('step', call.step, 'call', call.id), '', {now_sql()} "
        f'FROM "{Call._meta.db_table}" call WHERE call.task_id = %s RETURNING {_TOLD.names}',
        [key, key],
    )
    return _TOLD.read(told[0]).run_id if told else None
