"""Questions about the script that drives a run: how it stands, why it waits, what it is asked."""

from __future__ import annotations

from typing import Any

from orchestrator.domain.changes import iso
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import CallState
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Call, Run, Task
from orchestrator.queries.aborting import abort_look
from orchestrator.queries.places import why_script_waits


def script_of(run: Run) -> dict[str, Any] | None:
    """How the script of a run stands; nothing for a run of a plain graph."""
    if run.driver == Run.Driver.GRAPH:
        return None
    task = Task.objects.select_related("agent").get(pk=run.pk)
    status = Status(task.status)
    waits = status is Status.QUEUED and run.line_id is None
    begun = status not in (Status.DRAFT, Status.QUEUED)
    return {
        "task": str(task.pk),
        "fence": task.fence,
        "status": status.value,
        "queue": task.queue,
        "agent": task.agent.name if task.agent else "",
        "started_here": begun and task.agent is None and task.started_at is not None,
        "why": why_script_waits(task) if waits else "",
        "reason": task.outcome.get("reason") or "",
        "exit_code": task.outcome.get("exit_code"),
        "traceback": task.outcome.get("traceback") or "",
        "ended_badly": status in FINAL and status is not Status.COMPLETED,
        "abort": abort_look(task) if status is Status.ABORTING else None,
        "started_at": iso(task.started_at),
        "ended_at": iso(task.ended_at),
        "taken_up": run.taken_up,
        "earlier": list(range(1, task.fence)),
        "asked": _asked(run),
    }


def _asked(run: Run) -> int:
    """How many calls it has not answered yet."""
    return Call.objects.filter(run=run, by=SCRIPT, state=CallState.OPEN).count()
