"""Deleting a task that belongs to nothing, with all that its executions left.

What is part of a run's history, or may be named by a pipeline's version, stays. The content of
artifacts stays in the store, as others may have the same.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from django.db import transaction

from orchestrator import announce
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Call, LogFile, Run, Task
from orchestrator.store import logs
from orchestrator.store.tasks import is_step

_LEAVES: Final = {Status.QUEUED: "dequeue", Status.RUNNING: "abort"}


@transaction.atomic
def delete_task(*, actor: str, task: Task) -> None:
    """Delete a draft, or a task that has ended. Raises Conflict saying why it has to stay."""
    # Locked: whoever enqueues it now waits, and finds that it is gone.
    row = Task.objects.select_for_update(of=("self",)).filter(pk=task.pk).first()
    if row is None:
        raise NotFound(f'there is no task "{task.pk}"')
    if row.is_template:
        raise Conflict("a template stays: versions of pipelines may be made of it")
    if Run.objects.filter(pk=row.pk).exists():
        raise Conflict("this task is a run, and the history of runs stays")
    if _is_part(row):
        raise Conflict("this task is a part of a run, and the history of runs stays")
    if row.status not in FINAL and row.status != Status.DRAFT:
        what = _LEAVES.get(Status(row.status))
        raise Conflict(f"the task is {row.status}" + (f"; {what} it first" if what else ""))
    where = f"{row.project.slug}/{row.name}"
    record(actor, "task.delete", row.pk, row.project, name=where)
    files = list(LogFile.objects.filter(task=row).values_list("key", flat=True))
    row.delete()
    transaction.on_commit(partial(logs.remove_files, files))
    announce.poke(f"project:{task.project_id}", f"task:{task.pk}")


def _is_part(task: Task) -> bool:
    return is_step(task) or Call.objects.filter(task=task).exists()
