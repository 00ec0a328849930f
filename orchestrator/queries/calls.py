"""Questions about the calls of a run: who was asked, when, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from orchestrator.domain.changes import iso
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import CallState
from orchestrator.domain.states import FINAL, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Call, Delivery, Run

MOST_CALLS = 1000


def calls(
    run: Run,
    *,
    since: int = 0,
    step: int | None = None,
    attempt: int | None = None,
    only_open: bool = False,
    by: str = "",
) -> list[dict[str, Any]]:
    """The calls of a run after a number, all or those of an attempt, oldest first."""
    rows = Call.objects.filter(run_id=run.pk, number__gt=since)
    if step is not None:
        rows = rows.filter(step=step)
    if attempt is not None:
        rows = rows.filter(attempt=attempt)
    if only_open:
        rows = rows.filter(state=CallState.OPEN)
    if by:
        rows = rows.filter(by=by)
    sent = Delivery.objects.only("call_id", "url", "tries", "fault", "payload")
    found = rows.select_related("task").prefetch_related(Prefetch("deliveries", sent))
    names = [node.name for node in graph_of_run(run).nodes]
    return [_call(row, names) for row in found.order_by("number")[:MOST_CALLS]]


def _call(row: Call, names: list[str]) -> dict[str, Any]:
    answer = row.answer or {}
    delivery = next(iter(row.deliveries.all()), None)
    return {
        "number": row.number,
        "kind": row.kind,
        "by": row.by,
        "step": names[row.step] if row.step is not None and row.step < len(names) else None,
        "attempt": row.attempt,
        "round": row.round,
        "event_status": row.status,
        "arguments": _told(row, delivery),
        "state": CallState.OPEN if row.state == CallState.REPLIED else row.state,
        "shown_as": _shown_as(row),
        "answer": answer.get("value"),
        "reason": answer.get("reason", "") or _fault_of(delivery),
        "traceback": answer.get("traceback", ""),
        "task": str(row.task_id) if row.task_id else None,
        "url": delivery.url if delivery else None,
        "tries": delivery.tries if delivery else row.tries,
        "asked_at": iso(row.asked_at),
        "answered_at": iso(row.answered_at),
    }


def _told(row: Call, delivery: Delivery | None) -> Any:
    """The event, from where those who are called have it."""
    if row.by == SCRIPT:
        return row.arguments.get("event", {})
    if delivery is not None:
        return delivery.payload
    return row.task.parameters.get("General/event", {}) if row.task else {}


def _fault_of(delivery: Delivery | None) -> str:
    return delivery.fault if delivery else ""


def _shown_as(row: Call) -> str:
    """The status that a page shows: of an open one that of its task."""
    if row.state == CallState.ANSWERED:
        return Status.COMPLETED
    if row.state == CallState.FAILED:
        return Status.FAILED
    if row.state == CallState.DROPPED:
        return Status.ABORTED
    alive: Iterable[Any] = set(Status) - FINAL
    return row.task.status if row.task and row.task.status in alive else Status.RUNNING
