"""The rows of one turn: locked, and read into the view that the rules look at."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    Fact,
    Progressed,
    Rerun,
    SkippedBy,
    TaskStands,
)
from orchestrator.domain.graph import Graph
from orchestrator.domain.planner import AttemptView, RunView, Standing, StepView
from orchestrator.domain.states import ACTIVE, Status, StopReason, TaskEvent, move
from orchestrator.graphs import graph_of_version
from orchestrator.models import Attempt, Run, Signal, Step, Task
from orchestrator.store import signals

SIGNALS_A_TURN = 1000
STEPS_A_TURN = 1000
DECISIONS_A_TURN = 500
LOADED_A_TURN = 500

_WHOLE_RUN = frozenset({"abort", "rerun"})
_TO_BE_STOPPED = (Status.PENDING, Status.AWAITING, Status.QUEUED, Status.RUNNING)


@dataclass(slots=True)
class Mail:
    """What one turn works on: the run's row, its signals, and the tasks of its steps."""

    run: Run
    graph: Graph
    signals: list[Signal]
    tasks: dict[tuple[int, int], Task] = field(default_factory=dict)
    step_ids: dict[int, int] = field(default_factory=dict)
    attempt_ids: dict[tuple[int, int], int] = field(default_factory=dict)
    more: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(signal.kind for signal in self.signals)


def database_now() -> datetime:
    """The database's clock: the only one that leases and deadlines are measured by."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def open_mail(run_id: uuid.UUID) -> Mail | None:
    """Lock the run and read its mailbox; None: somebody else is taking a turn, or there is none."""
    if not _lock(run_id):
        return None
    run = (
        Run.objects.select_related("version", "task", "pipeline")
        .defer("version__document", "version__pins")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        return None
    graph = graph_of_version(run.version.pk, run.version.content_hash) if run.version else Graph()
    return Mail(run, graph, _read_mailbox(run))


def _lock(run_id: uuid.UUID) -> bool:
    """Lock the run's row, before anything is read: a join shows other rows as they were.

    On SQLite the transaction itself is the lock, as it begins by taking the right to write.
    """
    if not connection.features.has_select_for_update:
        return True
    # Inserting a signal locks the key of its run. "No key" leaves that to others: a full lock
    # would make them wait for the turn, and a signal being put would look like a turn being taken.
    rows = Run.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=run_id)
    return bool(rows.values_list("pk"))


def _read_mailbox(run: Run) -> list[Signal]:
    mailbox = Signal.objects.filter(run=run).order_by("id")
    found = list(mailbox[:SIGNALS_A_TURN])
    if len(found) == SIGNALS_A_TURN:
        # Until it is told on, what an earlier turn left over makes the counts of parents wrong.
        found += mailbox.filter(kind="go_on", id__gt=found[-1].pk)
    return found


def add_steps(mail: Mail) -> tuple[int, int]:
    """Insert the next step rows; answers the first index and how many."""
    run, first = mail.run, mail.run.steps_made
    nodes = mail.graph.nodes[first : first + STEPS_A_TURN]
    Step.objects.bulk_create(
        Step(
            run=run,
            index=node.index,
            node=node.index,
            path=node.name,
            counts=not node.may_fail,
            open_parents=len(mail.graph.parents[node.index]),
        )
        for node in nodes
    )
    run.steps_made = first + len(nodes)
    may_fail = sum(node.may_fail for node in nodes)
    pending = Status.PENDING.value
    run.tally = {**run.tally, pending: run.tally.get(pending, 0) + len(nodes)}
    run.uncounted = {**run.uncounted, pending: run.uncounted.get(pending, 0) + may_fail}
    run.save(update_fields=["steps_made", "tally", "uncounted"])
    return first, len(nodes)


def load_view(mail: Mail, now: datetime) -> RunView:
    """The view of the run with the steps that this turn is about."""
    run = mail.run
    view = RunView(
        graph=mail.graph,
        status=Status(run.status),
        reason=run.reason,
        stop_reason=StopReason(run.stop_reason),
        round=run.round,
        started_at=run.started_at,
        ended_at=run.ended_at,
        complete=run.steps_made == run.steps_total,
        tally=_tally(run.tally),
        uncounted=_tally(run.uncounted),
    )
    view = _with_unspread(mail, view)
    rows = Step.objects.filter(run=run)
    if _WHOLE_RUN & mail.kinds:
        return with_steps(mail, view, rows)
    named = {index for signal in mail.signals for index in _steps_of(signal)}
    view = with_steps(mail, view, rows.filter(index__in=named))
    for worth_a_look in _ready(run, now):
        found = list(rows.filter(worth_a_look).order_by("index")[:LOADED_A_TURN])
        mail.more = mail.more or len(found) == LOADED_A_TURN
        view = with_steps(mail, view, found)
    return view


def _ready(run: Run, now: datetime) -> Iterable[Q]:
    """The steps that may have something to do although no signal speaks of them.

    Each of them must be another one after the turn, or turns would be taken for ever.
    """
    if run.status == Status.ABORTING:
        yield Q(status__in=_TO_BE_STOPPED)
        return
    yield Q(status=Status.PENDING, open_parents=0, due_at__isnull=True)
    # Asked apart, as it looks at all pending steps: those that some parents let start early, too.
    if run.due_at is not None and run.due_at <= now:
        yield Q(status=Status.PENDING, due_at__lte=now)


def _steps_of(signal: Signal) -> Iterable[int]:
    match signal.kind:
        case "task" | "progress":
            return (signal.data["step"],)
        case "abort_steps" | "go_on":
            steps: list[int] = signal.data["steps"]
            return steps
        case _:
            return ()


def _with_unspread(mail: Mail, view: RunView) -> RunView:
    """Take up what an earlier turn was too long to tell the children of these steps."""
    unspread = {
        int(index): Standing[was]
        for signal in mail.signals
        if signal.kind == "go_on"
        for index, was in signal.data["unspread"].items()
    }
    return replace(view, unspread=unspread)


def leave_over(mail: Mail, view: RunView, steps: Iterable[int]) -> None:
    """Tell the next turn what this one was too long for."""
    unspread = {index: was.name for index, was in view.unspread.items()}
    data = {"steps": sorted({*steps, *unspread}), "unspread": unspread}
    signals.put(mail.run.pk, "go_on", data)


def load_more(mail: Mail, view: RunView, indexes: Iterable[int]) -> RunView:
    """The view with these steps added."""
    return with_steps(mail, view, Step.objects.filter(run=mail.run, index__in=sorted(indexes)))


def with_steps(mail: Mail, view: RunView, rows: Iterable[Step]) -> RunView:
    """Add step rows, their current attempts and how the tasks of these stand."""
    fresh = [row for row in rows if row.index not in view.steps]
    steps = {row.index: _step_view(row) for row in fresh}
    mail.step_ids.update({row.index: row.pk for row in fresh})
    tried = [row.pk for row in fresh if row.attempt]
    attempts = {}
    for chunk in _chunks(tried, 5000):
        found = Attempt.objects.filter(step__in=chunk)
        # The last two: a step that waits to be retried may have to end as its last attempt did.
        for row in found.filter(number__gte=F("step__attempt") - 1).select_related(
            "step", "task__agent"
        ):
            key = (row.step.index, row.number)
            attempts[key] = _attempt_view(mail.graph, row)
            mail.attempt_ids[key] = row.pk
            if row.task is not None:
                mail.tasks[key] = row.task
    return replace(
        view,
        steps={**view.steps, **steps},
        loaded={**view.loaded, **steps},
        attempts={**view.attempts, **attempts},
        loaded_attempts={**view.loaded_attempts, **attempts},
    )


def _step_view(row: Step) -> StepView:
    return StepView(
        index=row.index,
        status=Status(row.status),
        reason=row.reason,
        skipped_by=SkippedBy(row.skipped_by),
        cause=row.cause,
        open=row.open_parents,
        good=row.good_parents,
        bad=row.bad_parents,
        stale=row.stale,
        progress=row.progress,
        due_at=row.due_at,
        attempt=row.attempt,
        retried=row.retried,
        crashed=row.crashed,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _attempt_view(graph: Graph, row: Attempt) -> AttemptView:
    return AttemptView(
        number=row.number,
        status=Status(row.status),
        origin=row.origin,
        round=row.round,
        task=str(row.task_id) if row.task_id else None,
        reason=row.reason,
        exit_code=row.exit_code,
        agent=row.agent,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        inputs=frozenset(graph.index_by_name[taken["step"]] for taken in row.inputs),
        overrides=row.overrides,
        actor=row.actor,
    )


def facts(mail: Mail, view: RunView) -> list[Fact]:
    """What the signals, and the tasks of all loaded steps, have to say."""
    found: list[Fact] = [
        stands(index, step.attempt, mail.tasks[index, step.attempt])
        for index, step in view.steps.items()
        if step.status in ACTIVE and (index, step.attempt) in mail.tasks
    ]
    for signal in mail.signals:
        match signal.kind:
            case "progress":
                found.append(
                    Progressed(signal.data["step"], signal.data["attempt"], signal.data["value"])
                )
            case "abort":
                found.append(AbortRun(signal.pk, signal.actor))
            case "abort_steps":
                steps = tuple(signal.data["steps"])
                found.append(AbortSteps(signal.pk, steps, signal.actor))
            case "rerun":
                found.append(_rerun(signal))
    return found


def _rerun(signal: Signal) -> Rerun:
    overrides = {int(step): values for step, values in signal.data.get("overrides", {}).items()}
    return Rerun(
        signal.pk,
        steps=tuple(signal.data.get("steps", ())),
        failed=signal.data.get("failed", False),
        overrides=overrides,
        queue=signal.data.get("queue", ""),
        actor=signal.actor,
    )


def stands(step: int, attempt: int, task: Task) -> TaskStands:
    """How the task of an attempt stands, as a fact."""
    return TaskStands(
        step=step,
        attempt=attempt,
        status=Status(task.status),
        reason=task.outcome.get("reason") or "",
        exit_code=task.outcome.get("exit_code"),
        agent=task.agent.name if task.agent else "",
        queued_at=task.queued_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
    )


def cancel(
    mail: Mail, keys: Sequence[tuple[int, int]], now: datetime
) -> dict[tuple[int, int], Task]:
    """End the tasks that nobody has claimed, ask the agents of the others to end them.

    Answers the tasks as they are then. One that moves between the two statements, because its
    agent gives it back, is found *queued* and is asked for again.
    """
    wanted = {mail.tasks[key].pk: key for key in keys}
    for chunk in _chunks(list(wanted), STEPS_A_TURN):
        rows = Task.objects.filter(pk__in=chunk)
        rows.filter(status=Status.QUEUED).update(
            status=move(Status.QUEUED, TaskEvent.ABORT),
            abort_requested_at=now,
            ended_at=now,
            outcome={"reason": "aborted before it started", "confirmed": True},
        )
        rows.filter(status=Status.RUNNING).update(
            status=move(Status.RUNNING, TaskEvent.ABORT), abort_requested_at=now
        )
        mail.tasks.update({wanted[task.pk]: task for task in rows.select_related("agent")})
    return {key: mail.tasks[key] for key in keys}


def _tally(stored: Mapping[str, int]) -> dict[Status, int]:
    return {Status(word): count for word, count in stored.items() if count}


def _chunks(values: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
