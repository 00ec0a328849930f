"""What a turn leaves in the rows: steps, attempts, the run, numbered changes; all in bulk."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Min

from orchestrator.domain.changes import News
from orchestrator.domain.planner import HELD, AttemptView, RunView, StepView
from orchestrator.domain.states import FINAL, Driver, Status
from orchestrator.models import Artifact, Attempt, Change, Run, Signal, Step, Task
from orchestrator.store import script_calls, scripts
from orchestrator.store.rows import Columns, execute, fetch, key_of, marks
from orchestrator.store.turns import STEP_COLUMNS, Mail

_STEPS = Columns(Step, *STEP_COLUMNS)
_NEW_ATTEMPTS = Columns(
    Attempt,
    *("run", "step", "number", "task", "status", "reason", "exit_code", "traceback", "origin"),
    *("round", "overrides", "resolved", "inputs", "outputs", "cache", "actor", "agent"),
    *("created_at", "queued_at", "started_at", "ended_at"),
)
_OF_ATTEMPT = (
    "status",
    "reason",
    "exit_code",
    "agent",
    "task",
    "queued_at",
    "started_at",
    "ended_at",
)
_ATTEMPTS = Columns(Attempt, *_OF_ATTEMPT)
_ENDED_ATTEMPTS = Columns(Attempt, *_OF_ATTEMPT, "outputs", "traceback")
_RAISED = Columns(Attempt, "traceback")
_RESOLVED = Columns(Attempt, "resolved", "inputs", "cache")
_GIVEN = Columns(Attempt, "outputs", "actor")
_ASKED = Columns(Attempt, "overrides", "actor")
_RUNS = Columns(
    Run,
    "status",
    "reason",
    "stop_reason",
    "round",
    "started_at",
    "ended_at",
    "tally",
    "uncounted",
    "due_at",
    "deadline_at",
    "last_change",
    "outputs",
    "graph_revision",
    "steps_total",
)
_LAST_CHANGE = Columns(Run, "last_change")
_CHANGES = Columns(Change, "run", "number", "kind", "data", "actor", "at")
_ARTIFACTS = Columns(Artifact, "task", "fence", "name", "size", "media_type", "sha256")
_ARTIFACTS_OF = f"SELECT {_ARTIFACTS.select} FROM {_ARTIFACTS.table} WHERE task_id IN "
_SIGNALS_AT = f'DELETE FROM "{Signal._meta.db_table}" WHERE id IN '


def write_steps(mail: Mail, view: RunView) -> None:
    """Write the steps that are not as they were loaded."""
    changed = {
        mail.step_ids[index]: _step_values(step)
        for index, step in view.steps.items()
        if step != view.loaded[index]
    }
    _STEPS.update(changed)


def _step_values(step: StepView) -> tuple[Any, ...]:
    return (
        step.status.value,
        step.reason,
        step.skipped_by.value,
        step.cause,
        step.open + (step.due_why == HELD),
        step.good,
        step.bad,
        step.stale,
        step.progress,
        step.due_at,
        step.due_why,
        step.attempt,
        step.retried,
        step.crashed,
        step.again,
        step.let_pass,
        step.items,
        step.items_open,
        step.items_good,
        step.items_bad,
        step.started_at,
        step.ended_at,
    )


def write_attempts(
    mail: Mail, view: RunView, launched: Mapping[tuple[int, int], Mapping[str, Any]], now: datetime
) -> None:
    """Insert new attempts and write changed ones; *launched* has what a launch resolved."""
    before, after = view.loaded_attempts, view.attempts
    _NEW_ATTEMPTS.insert(
        Attempt(
            run_id=mail.run.pk,
            step_id=mail.step_ids[key[0]],
            number=key[1],
            origin=after[key].origin,
            round=after[key].round,
            overrides=after[key].overrides,
            actor=after[key].actor,
            status=after[key].status,
            reason=after[key].reason,
            traceback=after[key].traceback,
            task_id=after[key].task,
            created_at=now,
            queued_at=after[key].queued_at,
            started_at=after[key].started_at,
            ended_at=after[key].ended_at,
            **{"outputs": after[key].outputs or {}, **launched.get(key, {})},
        )
        for key in after
        if key not in before
    )
    changed = [key for key, seen in before.items() if after[key] != seen]
    ended = {key for key in changed if after[key].status in FINAL and key in mail.tasks}
    _ATTEMPTS.update(
        {mail.attempt_ids[key]: _attempt_values(after[key]) for key in changed if key not in ended}
    )
    _ENDED_ATTEMPTS.update(
        {
            mail.attempt_ids[key]: (
                *_attempt_values(after[key]),
                *_results(after[key], mail.tasks[key]),
            )
            for key in changed
            if key in ended
        }
    )
    raised = [key for key in changed if after[key].traceback and key not in ended]
    _RAISED.update({mail.attempt_ids[key]: (after[key].traceback,) for key in raised})
    given = [key for key in changed if after[key].outputs is not None]
    _GIVEN.update({mail.attempt_ids[key]: (after[key].outputs, after[key].actor) for key in given})
    resolved = {
        mail.attempt_ids[key]: (row["resolved"], row["inputs"], row.get("cache"))
        for key, row in launched.items()
        if key in before
    }
    _RESOLVED.update(resolved)
    asked = {key: after[key] for key in changed if after[key].overrides != before[key].overrides}
    _ASKED.update({mail.attempt_ids[key]: (a.overrides, a.actor) for key, a in asked.items()})


def _attempt_values(attempt: AttemptView) -> tuple[Any, ...]:
    return (
        attempt.status.value,
        attempt.reason,
        attempt.exit_code,
        attempt.agent,
        uuid.UUID(attempt.task) if attempt.task else None,
        attempt.queued_at,
        attempt.started_at,
        attempt.ended_at,
    )


def _results(attempt: AttemptView, task: Task) -> tuple[Any, ...]:
    """What a task gave: kept with the attempt, so that nothing later can change it."""
    return task.outputs, attempt.traceback or task.outcome.get("traceback") or ""


def write_run(mail: Mail, view: RunView) -> bool:
    """Write the run's row, and its controller task when the status has changed: the answer."""
    run, was = mail.run, (mail.run.status, mail.run.round)
    run.status = view.status
    run.reason = view.reason
    run.stop_reason = view.stop_reason
    run.round = view.round
    run.started_at = view.started_at
    run.ended_at = view.ended_at
    run.deadline_at = view.deadline_at
    run.tally = {status.value: count for status, count in sorted(view.tally_now().items())}
    run.uncounted = {status.value: n for status, n in sorted(view.uncounted_now().items())}
    has_moved = was != (run.status, run.round)
    if has_moved or view.graph.calls_script or _may_have_moved_due(view):
        run.due_at = _next_due(run, view)
    _RUNS.update(
        {
            run.pk: (
                run.status,
                run.reason,
                run.stop_reason,
                run.round,
                run.started_at,
                run.ended_at,
                run.tally,
                run.uncounted,
                run.due_at,
                run.deadline_at,
                run.last_change,
                run.outputs,
                run.graph_revision,
                run.steps_total,
            )
        }
    )
    if view.pause_at != mail.pause_at:
        run.options = {**run.options, "pause_at": sorted(view.pause_at)}
        Run.objects.filter(pk=run.pk).update(options=run.options)
    if run.driver != Driver.GRAPH:
        scripts.write_run(run, view)
    elif has_moved:
        _write_controller_task(run)
    return has_moved


def _next_due(run: Run, view: RunView) -> datetime | None:
    """When something is to be looked at next although nobody says so."""
    if run.status in FINAL:
        return None
    dues = Step.objects.filter(run=run, due_at__isnull=False)
    of_steps: datetime | None = dues.aggregate(at=Min("due_at"))["at"]
    of_run = run.deadline_at if run.status in (Status.RUNNING, Status.PAUSED) else None
    of_calls = script_calls.next_deadline(run) if view.graph.calls_script else None
    return min((at for at in (of_steps, of_run, of_calls) if at is not None), default=None)


def _may_have_moved_due(view: RunView) -> bool:
    """Only turns that touched a due step look for the next one, as that costs a search."""
    steps = (*view.steps.values(), *view.loaded.values())
    return any(step.due_at is not None for step in steps)


def raise_fence(mail: Mail, before: RunView, view: RunView) -> None:
    """A controller task that is enqueued or reopened has a new fence, before it makes tasks."""
    if mail.run.driver != Driver.GRAPH:
        # What its script leaves behind is told apart by the fence, and that is an agent's.
        return
    starts = before.status is Status.DRAFT and view.status not in (Status.DRAFT, Status.ABORTED)
    if starts:
        mail.run.task.queued_at = mail.now
    if starts or view.round > before.round:
        mail.run.task.fence += 1


def _write_controller_task(run: Run) -> None:
    # The run's lock guards this row: nobody but its turn moves it.
    Task.objects.filter(pk=run.pk).update(
        status=run.status,
        fence=run.task.fence,
        queued_at=run.task.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        outcome={"reason": run.reason} if run.ended_at else {},
        outputs=run.outputs,
    )


def write_changes(mail: Mail, told: Sequence[News], now: datetime) -> None:
    """Number the changes and keep them; the run's row is written by `write_run`."""
    _CHANGES.insert(
        Change(
            run_id=mail.run.pk,
            number=mail.run.last_change + place,
            kind=item.kind.value,
            data=item.data,
            actor=item.actor,
            at=now,
        )
        for place, item in enumerate(told, 1)
    )
    mail.run.last_change += len(told)


def write_last_change(mail: Mail) -> None:
    """Write how far the changes are numbered, when nothing else of the run has changed."""
    _LAST_CHANGE.update({mail.run.pk: (mail.run.last_change,)})


def delete_signals(mail: Mail) -> None:
    """Take exactly those signals out that this turn has read."""
    delete_these(mail.signals)


def delete_these(taken: Sequence[Signal]) -> None:
    """The same of some of them, which a turn takes up before the others."""
    if taken:
        execute(_SIGNALS_AT + marks(len(taken)), [signal.pk for signal in taken])


def artifacts_of(tasks: Iterable[uuid.UUID]) -> Iterable[Artifact]:
    """The artifacts of these tasks, in order of their names."""
    found = [key_of(Task, task) for task in tasks]
    if not found:
        return ()
    order = " ORDER BY task_id, name"
    return [_ARTIFACTS.read(row) for row in fetch(_ARTIFACTS_OF + marks(len(found)) + order, found)]


def first_failure(run: Run) -> str:
    """The first thing that went wrong, in words: what a failed run shows on top."""
    step = (
        Step.objects.filter(run=run, counts=True, status__in=[Status.FAILED, Status.CRASHED])
        .order_by("ended_at", "index")
        .values_list("path", "status", "reason")
        .first()
    )
    return f'"{step[0]}" {step[1]}: {step[2]}'.rstrip(": ") if step else ""
