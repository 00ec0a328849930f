"""What made a run fail first: the step, down through the runs inside it, and its last lines."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from orchestrator.domain.changes import iso
from orchestrator.domain.states import Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Attempt, Run, Step
from orchestrator.queries.log_blocks import shown, without_colours
from orchestrator.queries.log_lines import log_lines
from orchestrator.queries.runs import run_url, runs_with_names

LINES: Final = 8
DEEPEST: Final = 10
"""Pipelines are not nested deeper."""


def first_cause(run: Run) -> dict[str, Any] | None:
    """The first step that failed of those that count; nothing when the run has not failed of one.

    A fan-out failed of one of its items, a nested pipeline of a step below: that one is named,
    with the way to it.
    """
    if run.status != Status.FAILED:
        return None
    way: list[dict[str, Any]] = []
    found: tuple[Run, Step, Attempt | None] | None = None
    inner: Run | None = run
    while inner is not None and len(way) <= DEEPEST:
        step = _first_bad(inner)
        if step is None:
            break
        if item := _first_bad_item(inner, step):
            way.append(_place(inner, step))
            step = item
        attempt = (
            Attempt.objects.select_related("task")
            .filter(step_id=step.pk, number=step.attempt)
            .first()
        )
        found = inner, step, attempt
        way.append(_place(inner, step))
        inner = _run_inside(attempt)
    return _told(*found, way) if found else None


def _first_bad(run: Run) -> Step | None:
    bad = Step.objects.filter(run=run, counts=True, status__in=(Status.FAILED, Status.CRASHED))
    return bad.order_by("ended_at", "index").first()


def _first_bad_item(run: Run, step: Step) -> Step | None:
    """Of a fan-out the item that failed first."""
    if step.items is None:
        return None
    items = {node.index for node in graph_of_run(run).nodes if node.of == step.index}
    bad = Step.objects.filter(run=run, status__in=(Status.FAILED, Status.CRASHED))
    return next((one for one in bad.order_by("ended_at", "index") if one.index in items), None)


def _run_inside(attempt: Attempt | None) -> Run | None:
    if attempt is None or attempt.task_id is None:
        return None
    return runs_with_names().filter(pk=attempt.task_id).first()


def _place(run: Run, step: Step) -> dict[str, Any]:
    return {
        "run": str(run.pk),
        "pipeline": run.pipeline.slug,
        "number": run.number,
        "step": step.path,
        "index": step.index,
        "url": f"{run_url(run)}?step={quote(step.path, safe='')}",
    }


def _told(
    run: Run, step: Step, attempt: Attempt | None, way: list[dict[str, Any]]
) -> dict[str, Any]:
    has_log = attempt is not None and attempt.task is not None and _run_inside(attempt) is None
    return {
        **way[-1],
        "status": step.status,
        "reason": step.reason,
        "attempt": step.attempt or None,
        "agent": attempt.agent if attempt else "",
        "ended_at": iso(step.ended_at),
        "way": way,
        "log": _last_lines(attempt) if has_log and attempt else [],
    }


def _last_lines(attempt: Attempt) -> list[dict[str, Any]]:
    task = attempt.task
    if task is None:
        return []
    lines = log_lines(task.pk, task.fence, first=None, count=LINES)["lines"]
    return [
        {"number": number, "text": without_colours(shown(text)), "level": level}
        for number, text, level, _ in lines
    ]
