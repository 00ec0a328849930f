"""What the look for equal earlier results gave, with the attempt whose result was taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from orchestrator.domain.states import Status
from orchestrator.models import Attempt

Look = dict[str, Any]


def cache_looks(attempts: Iterable[Attempt]) -> dict[int, Look]:
    """For each attempt that looked, by its id: whether it hit, on what, or why it missed."""
    looked = [(attempt, attempt.cache) for attempt in attempts if attempt.cache]
    originals = _originals({attempt.task_id for attempt, look in looked if look["hit"]})
    return {
        attempt.pk: {
            "hit": look["hit"],
            "key": look["key"],
            "why": look["why"],
            "original": originals.get(attempt.task_id) if look["hit"] else None,
        }
        for attempt, look in looked
    }


def _originals(tasks: set[Any]) -> dict[Any, dict[str, Any]]:
    """The attempts that were executed as these tasks; others have only taken their results."""
    if not tasks:
        return {}
    rows = Attempt.objects.filter(task__in=tasks).exclude(status=Status.CACHED)
    found = rows.select_related("run", "run__pipeline", "run__project", "step")
    return {attempt.task_id: _original(attempt) for attempt in found}


def _original(attempt: Attempt) -> dict[str, Any]:
    run, path = attempt.run, attempt.step.path
    page = f"/runs/{run.project.slug}/{run.pipeline.slug}/{run.number}/"
    return {
        "run": str(run.pk),
        "number": run.number,
        "pipeline": f"{run.project.slug}/{run.pipeline.slug}",
        "step": path,
        "attempt": attempt.number,
        "url": f"{page}?step={quote(path, safe='')}&attempt={attempt.number}",
    }
