"""Calls of hooks: asked by the run's turn, answered by a task's end or a delivery, taken up again.

A hook in Python runs as a task of its own in the queue for services; a webhook has a delivery,
which is sent elsewhere; the run's script asks for its calls and answers them over REST. All leave
a signal when there is an answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Q

from orchestrator.domain.changes import Kind, News
from orchestrator.domain.decisions import Answered
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import (
    FUNCTION,
    PYTHON,
    WEBHOOK,
    CallKind,
    CallState,
    Hook,
    NewCall,
    declared,
    hook_from,
    in_words,
)
from orchestrator.domain.names import SERVICES_QUEUE
from orchestrator.domain.planner import CALL, RunView
from orchestrator.domain.states import FINAL, Status, TaskEvent, move
from orchestrator.models import Call, Delivery, Task
from orchestrator.models.fields import uuid7
from orchestrator.store import script_calls
from orchestrator.store.definitions import definition_row
from orchestrator.store.events import Events, Launched
from orchestrator.store.turns import Mail, end_tasks

QUEUE: Final = SERVICES_QUEUE
"""Where hooks in Python run: what waits for an answer must not wait behind what it holds."""

TRIES: Final = 3
"""A hook whose agent was lost is executed so often."""

_UNSETTLED = (CallState.OPEN, CallState.REPLIED)


@dataclass(slots=True)
class Closed:
    """The calls that were answered: what is told of them, and facts for the rules."""

    told: list[News] = field(default_factory=list)
    facts: list[Answered] = field(default_factory=list)
    queues: set[str] = field(default_factory=set)


def close(mail: Mail, now: datetime) -> Closed:
    """Take up the answers that signals tell of, and give up those that a script will not give.

    Call before steps are loaded: the mail notes which ones must be.
    """
    closed = Closed()
    for call in script_calls.keep_time(mail, now):
        _note(closed, mail, call)
    wanted = {signal.data["call"] for signal in mail.signals if signal.kind == "call"}
    if not wanted:
        return closed
    rows = Call.objects.filter(pk__in=wanted, run=mail.run.pk, state__in=_UNSETTLED)
    for call in rows.select_related("task__agent").order_by("number"):
        if call.task is not None and call.task.status == Status.CRASHED and call.tries < TRIES:
            _try_again(call, now)
            closed.queues.add(QUEUE)
            continue
        if not _take_reply(call):
            continue
        call.answered_at = now
        call.save(update_fields=["state", "answer", "answered_at"])
        _note(closed, mail, call)
    return closed


def _note(closed: Closed, mail: Mail, call: Call) -> None:
    closed.told.append(_answered(call))
    if call.step is not None and call.attempt is not None:
        closed.facts.append(Answered(call.step, call.attempt))
        mail.called.add(call.step)


def _take_reply(call: Call) -> bool:
    """Read how the call was answered; False: it was not."""
    task, what = call.task, in_words(call.kind, call.by)
    if call.state == CallState.OPEN:
        if task is None or task.status not in FINAL:
            return False
        if task.status == Status.COMPLETED:
            call.answer = {"value": _value_of(task.outputs)}
        else:
            reason = f"{what} {task.status}: {task.outcome.get('reason') or ''}".rstrip(": ")
            call.answer = {"reason": reason, "traceback": task.outcome.get("traceback") or ""}
    failed = "reason" in (call.answer or {})
    call.state = CallState.FAILED if failed else CallState.ANSWERED
    return True


def _value_of(outputs: dict[str, Any]) -> Any:
    """What the function returned: a dictionary became the outputs, anything else one of them."""
    if set(outputs) == {"return"}:
        return outputs["return"]
    return outputs or None


def _try_again(call: Call, now: datetime) -> None:
    """The hook's agent was lost: it is executed once more, with what it was told before."""
    assert call.task is not None
    again = Task.objects.get(pk=call.task.pk)
    again.pk, again.created_at = uuid7(), now
    _queued(again, now)
    again.save(force_insert=True)
    call.task = again
    call.tries += 1
    call.save(update_fields=["task", "tries"])


def ask(
    mail: Mail, view: RunView, asks: Sequence[NewCall], launched: Launched, now: datetime
) -> list[News]:
    """Make the calls that have not been made yet; what is told of them."""
    fresh = _not_asked_yet(mail, view, asks)
    if not fresh:
        return []
    events = Events(mail, view, launched, now)
    last = Call.objects.filter(run=mail.run.pk).aggregate(last=Max("number"))["last"] or 0
    told = []
    for new in fresh:
        hook = _hook_of(view, new)
        call = _call(mail, view, new, hook, last + 1, now)
        if hook.kind == SCRIPT and script_calls.is_in_vain(mail, call):
            continue
        last += 1
        event = events.event(new)
        if hook.kind == PYTHON:
            call.task = _task_for(mail, view, new, hook, event, now)
            call.tries = 1
        elif hook.kind == SCRIPT:
            call.arguments["event"] = event
            script_calls.start_clock(mail, call, hook.timeout, now)
        call.save(force_insert=True)
        if hook.kind == WEBHOOK:
            Delivery.objects.create(call=call, url=hook.url, payload=event, next_at=now)
        elif hook.kind == SCRIPT:
            script_calls.tell_of_end(mail, call)
        told.append(_called(call))
    return told


def _not_asked_yet(mail: Mail, view: RunView, asks: Sequence[NewCall]) -> list[NewCall]:
    """The same hook is called once for the same event of an attempt, or of a run's round."""
    if not asks:
        return []
    steps = {new.step for new in asks if new.step is not None}
    same = Q(step__in=steps) | Q(step__isnull=True)
    rows = Call.objects.filter(same, run=mail.run.pk, round=view.round)
    asked = {
        (kind, place, step, attempt, status)
        for kind, place, step, attempt, status in rows.values_list(
            "kind", "place", "step", "attempt", "status"
        )
    }
    fresh = []
    for new in dict.fromkeys(asks):
        key = (new.kind.value, new.place, new.step, new.attempt, new.status)
        if key not in asked:
            asked.add(key)
            fresh.append(new)
    return fresh


def _hook_of(view: RunView, new: NewCall) -> Hook:
    of_step = view.graph.nodes[new.step].hooks if new.step is not None else {}
    return hook_from(declared(view.graph.hooks, of_step, new.kind)[new.place])


def _call(mail: Mail, view: RunView, new: NewCall, hook: Hook, number: int, now: datetime) -> Call:
    return Call(
        run_id=mail.run.pk,
        round=view.round,
        number=number,
        step=new.step,
        attempt=new.attempt,
        kind=new.kind.value,
        by=hook.kind,
        place=new.place,
        status=new.status,
        arguments=dict(new.arguments),
        asked_at=now,
        deadline_at=now + timedelta(seconds=hook.timeout),
    )


def _task_for(
    mail: Mail,
    view: RunView,
    new: NewCall,
    hook: Hook,
    event: dict[str, Any],
    now: datetime,
) -> Task:
    run = mail.run
    body = {"source": hook.code, "name": FUNCTION}
    of = f"{view.graph.nodes[new.step].name} · " if new.step is not None else ""
    task = Task(
        id=uuid7(),
        project_id=run.project_id,
        name=f"{of}{new.kind} hook"[:200],
        kind="function",
        type="service",
        definition=definition_row("function", body),
        parameters={"General/event": event},
        parent_id=run.pk,
        created_by={"task": str(run.pk), "fence": run.task.fence},
        actor=run.actor,
        limits={"timeout": hook.timeout},
        created_at=now,
    )
    _queued(task, now)
    task.save(force_insert=True)
    return task


def _queued(task: Task, now: datetime) -> None:
    task.status = move(Status.DRAFT, TaskEvent.ENQUEUE)
    task.queue, task.fence, task.queued_at = QUEUE, 1, now
    task.agent = task.lease_until = task.published_at = task.started_at = task.ended_at = None
    task.outcome, task.outputs = {}, {}


@dataclass(slots=True)
class Dropped:
    """The calls that nobody waits for any more, and the tasks that were to be ended for it."""

    told: list[News] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


def drop(mail: Mail, view: RunView, now: datetime) -> Dropped:
    """End the calls of steps that have waited for them and do not any more."""
    dropped = Dropped()
    for index, was in view.loaded.items():
        step = view.steps[index]
        waits = step.due_why == CALL and step.attempt == was.attempt
        if was.due_why != CALL or waits:
            continue
        rows = Call.objects.filter(
            run=mail.run.pk, step=index, attempt=was.attempt, state__in=_UNSETTLED
        ).exclude(kind__in=(CallKind.STATUS, CallKind.ENDED))
        calls = list(rows)
        for call in calls:
            call.state, call.answered_at = CallState.DROPPED, now
            call.save(update_fields=["state", "answered_at"])
            dropped.told.append(_answered(call))
        Delivery.objects.filter(call__in=calls).update(next_at=None)
        dropped.tasks += end_tasks([call.task_id for call in calls if call.task_id], now)
        discard_drafts({call.arguments.get("draft") for call in calls}, now)
    return dropped


def discard_drafts(ids: Iterable[str | None], now: datetime) -> None:
    """End tasks that were made and will not be enqueued."""
    wanted = [uuid.UUID(one) for one in ids if one]
    if wanted:
        outcome = {"reason": "it was not enqueued", "confirmed": True}
        Task.objects.filter(pk__in=wanted, status=Status.DRAFT).update(
            status=move(Status.DRAFT, TaskEvent.ABORT), ended_at=now, outcome=outcome
        )


def numbered(asks: Iterable[NewCall], view: RunView) -> list[NewCall]:
    """Calls before a launch, with the attempt that has been made meanwhile."""
    return [
        replace(new, attempt=view.steps[new.step].attempt) if new.step is not None else new
        for new in asks
    ]


def _called(call: Call) -> News:
    task = str(call.task_id) if call.task_id else None
    return News(Kind.CALLED, {**_told_of(call), "task": task})


def _answered(call: Call) -> News:
    reason = (call.answer or {}).get("reason", "")
    return News(Kind.ANSWERED, {**_told_of(call), "state": str(call.state), "reason": reason})


def _told_of(call: Call) -> dict[str, Any]:
    return {
        "call": call.number,
        "kind": call.kind,
        "by": call.by,
        "step": call.step,
        "number": call.attempt,
        "status": call.status,
    }
