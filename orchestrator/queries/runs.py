"""Questions about runs, answered as plain dictionaries in the shapes of the REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, QuerySet, When

from orchestrator.domain.changes import empty_view, fold, iso
from orchestrator.domain.states import DISPLAY_ORDER, LETTERS, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Change, Run, Step
from orchestrator.queries.graphs import columns, document_of_run, graph, graph_etag
from orchestrator.queries.nested_runs import page_of, parent_of
from orchestrator.queries.places import why_run_waits
from orchestrator.queries.steps import (
    count_artifacts,
    count_stale,
    first_step_in,
    has_step,
    run_artifacts,
    step_detail,
    steps,
)

__all__ = [
    "MOST_CHANGES",
    "changes_since",
    "columns",
    "count_artifacts",
    "count_stale",
    "document_of_run",
    "first_step_in",
    "graph",
    "graph_etag",
    "graph_of_run",
    "has_step",
    "last_change",
    "last_changes",
    "run_artifacts",
    "run_summary",
    "run_url",
    "runs_with_names",
    "snapshot",
    "step_detail",
    "steps",
]

MOST_CHANGES = 10_000

_NOT_NAMED = (
    *(f"version__{name}" for name in ("document", "pins")),
    *(f"task__{name}" for name in ("parameters", "specs", "outputs", "outcome", "limits")),
    *(f"parent_attempt__{name}" for name in ("overrides", "resolved", "inputs", "outputs")),
    *("parent_attempt__traceback", "line__holders"),
)
_RUN_FIELDS = ("status", "round", "reason", "stop_reason", "started_at", "ended_at")
_STEP_FIELDS = (
    "index",
    "status",
    "reason",
    "stale",
    "attempt",
    "progress",
    "started_at",
    "ended_at",
)


def runs_with_names() -> QuerySet[Run]:
    """Runs with what it takes to name them; what grows with their steps stays in the database."""
    wanted = Run.objects.select_related(
        "project", "pipeline", "version", "task", "line", "parent_attempt__step"
    )
    return wanted.defer("pins", *_NOT_NAMED)


def run_url(run: Run) -> str:
    """The page of a run."""
    return page_of(run)


def run_summary(run: Run) -> dict[str, Any]:
    """One run without its steps."""
    return {
        "id": str(run.pk),
        "number": run.number,
        "project": run.project.slug,
        "pipeline": run.pipeline.slug,
        "name": run.name,
        "version": run.version.number if run.version else None,
        "status": run.status,
        "round": run.round,
        "reason": run.reason,
        "stop_reason": run.stop_reason,
        "driver": run.driver,
        "origin": run.origin,
        "actor": run.actor,
        "parameters": run.parameters,
        "outputs": run.outputs,
        "metrics": run.metrics,
        "counts": counts(run),
        "steps": run.steps_total,
        "last_change": run.last_change,
        "part": run.part,
        "parent": parent_of(run),
        "priority": run.task.priority,
        "why": why_run_waits(run),
        "created_at": iso(run.created_at),
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "url": run_url(run),
    }


def counts(run: Run) -> dict[str, int]:
    """How many steps are in which status, in the order of display; absent means none."""
    tally = {status: int(number) for status, number in run.tally.items() if number}
    unmade = run.steps_total - sum(tally.values())
    if unmade > 0:
        # The rows of a young run are still being made; until then its steps are pending.
        tally[Status.PENDING] = tally.get(Status.PENDING, 0) + unmade
    return {status.value: tally[status] for status in DISPLAY_ORDER if status in tally}


def snapshot(run: Run, at: int | None = None) -> dict[str, Any]:
    """Where every step stands, with the number of the last change that it includes.

    Rows and number come from one statement, so that they agree on every database without a
    transaction: a turn writes both in one commit. With *at*, the changes up to that number are
    folded instead.
    """
    if at is not None:
        return _snapshot_at(run, at)
    # Of the run only with the first step: ten thousand times the same would be read and made anew.
    joined = [
        Case(When(index=0, then=F(f"run__{name}")))
        for name in ("last_change", "steps_total", *_RUN_FIELDS)
    ]
    rows = list(
        Step.objects.filter(run_id=run.pk).order_by("index").values_list(*_STEP_FIELDS, *joined)
    )
    if not rows:
        return _snapshot_without_rows(run)
    number, total, *run_values = rows[0][len(_STEP_FIELDS) :]
    steps_by_index = {row[0]: dict(zip(_STEP_FIELDS, row, strict=False)) for row in rows}
    run_view = dict(zip(_RUN_FIELDS, run_values, strict=True))
    return _snapshot(number, run_view, max(total, len(rows)), steps_by_index)


def _snapshot_without_rows(run: Run) -> dict[str, Any]:
    fresh = Run.objects.values("last_change", "steps_total", "steps_made", *_RUN_FIELDS).get(
        pk=run.pk
    )
    if fresh["steps_made"]:
        # The first steps were inserted between the two statements.
        return snapshot(run)
    run_view = {name: fresh[name] for name in _RUN_FIELDS}
    return _snapshot(fresh["last_change"], run_view, fresh["steps_total"], {})


def _snapshot_at(run: Run, at: int) -> dict[str, Any]:
    rows = Change.objects.filter(run_id=run.pk, number__lte=at).order_by("number")
    view = fold(empty_view(), (change_dict(row) for row in rows.iterator(chunk_size=2000)))
    steps_by_index = {int(index): step for index, step in view["steps"].items()}
    total = max(view["run"].get("steps", 0), 1 + max(steps_by_index, default=-1))
    return _snapshot(view["number"], view["run"], total, steps_by_index)


def _snapshot(
    number: int, run: Mapping[str, Any], total: int, steps_by_index: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    unmade: Mapping[str, Any] = {"status": Status.PENDING}
    listed = [steps_by_index.get(index, unmade) for index in range(total)]
    return {
        "number": number,
        "run": {
            "status": run.get("status", Status.QUEUED.value),
            "round": run.get("round", 1),
            "reason": run.get("reason") or "",
            "stop_reason": run.get("stop_reason") or "",
            "started_at": _time(run.get("started_at")),
            "ended_at": _time(run.get("ended_at")),
        },
        "statuses": "".join(LETTERS[Status(step["status"])] for step in listed),
        "stale": "".join("1" if step.get("stale") else "0" for step in listed),
        "attempts": [step.get("attempt") or 0 for step in listed],
        "started": [_time(step.get("started_at")) for step in listed],
        "ended": [_time(step.get("ended_at")) for step in listed],
        "reasons": {str(i): step["reason"] for i, step in enumerate(listed) if step.get("reason")},
        "progress": {
            str(i): step["progress"]
            for i, step in enumerate(listed)
            if step.get("progress") is not None
        },
    }


def _time(value: datetime | str | None) -> str | None:
    # A folded view holds times as they travelled, rows hold moments.
    return value if isinstance(value, str) else iso(value)


def changes_since(run: Run | UUID, since: int, limit: int = MOST_CHANGES) -> dict[str, Any]:
    """What has happened after change *since*, as one frame; ask again from its ``to``."""
    run_id = run.pk if isinstance(run, Run) else run
    rows = Change.objects.filter(run_id=run_id, number__gt=since).order_by("number")[:limit]
    changes = [change_dict(row) for row in rows]
    return {
        "from": since + 1,
        "to": changes[-1]["n"] if changes else since,
        "changes": changes,
    }


def last_change(run_id: UUID) -> int | None:
    """The number of the newest change; none when there is no such run."""
    return Run.objects.filter(pk=run_id).values_list("last_change", flat=True).first()


def last_changes(run_ids: list[UUID]) -> dict[UUID, int]:
    """The same for many runs with one question."""
    return dict(Run.objects.filter(pk__in=run_ids).values_list("pk", "last_change"))


def change_dict(row: Change) -> dict[str, Any]:
    """One change as it travels."""
    return {
        "n": row.number,
        "kind": row.kind,
        "at": iso(row.at),
        "actor": row.actor or None,
        "data": row.data,
    }
