"""Telling runs how far their steps are: the last value, at most once a second for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Now

from orchestrator.domain.states import TaskEvent, tasks_that_may
from orchestrator.models import Attempt, Task
from orchestrator.store import signals

SECONDS_BETWEEN = 1.0


def tell(task_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Leave a signal for the run of each task that was not told of lately; answers the runs.

    Whoever sets the time of the telling tells: of two at once, only one.
    """
    told = set()
    attempts = Attempt.objects.filter(task__in=list(task_ids)).select_related("step", "task")
    for attempt in attempts:
        if attempt.task is None:
            continue
        mine = Task.objects.filter(_not_lately(), pk=attempt.task.pk)
        if mine.update(progress_told_at=Now()):
            data = {
                "step": attempt.step.index,
                "attempt": attempt.number,
                "value": attempt.task.progress,
            }
            signals.put(attempt.run_id, "progress", data)
            told.add(attempt.run_id)
    return told


def untold() -> list[uuid.UUID]:
    """The running tasks whose run knows an older value, and was told of it long enough ago."""
    running = Attempt.objects.filter(
        number=F("step__attempt"),
        task__status__in=tasks_that_may(TaskEvent.END_WELL),
        task__progress__isnull=False,
        task__progress_told_at__lt=_before(),
    )
    behind = running.exclude(step__progress=F("task__progress"))
    return [task_id for task_id in behind.values_list("task_id", flat=True) if task_id]


def _not_lately() -> Q:
    return Q(progress_told_at__isnull=True) | Q(progress_told_at__lt=_before())


def _before() -> object:
    return Now() - timedelta(seconds=SECONDS_BETWEEN)
