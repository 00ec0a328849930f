"""What the script of an executing task may do: what its user may do in the task's project, and no
more than the token by which it was started."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from orchestrator.domain.errors import NotAllowed, NotFound
from orchestrator.models import Attempt, Call, Run, Task, User
from orchestrator.queries.rights import Actor
from orchestrator.queries.runs import runs_with_names

MAY: Final = frozenset({"runs:write", "pipelines:write"})
"""The scopes of a script's token: it sees, operates and edits, and administers nothing."""


def lent_by(actor: Actor) -> list[str] | None:
    """The scopes that a task has of whoever starts it; None for all that a script may have."""
    if actor.scopes is None or "admin" in actor.scopes:
        return None
    return sorted(actor.scopes & MAY)


def actor_of_script(task_id: UUID) -> Actor | None:
    """Say for whom an executing task acts, if it is a script: a task by itself, or the script of
    a run. Nothing for the task of a step or a hook, which has its run's things and no more.
    """
    run = Run.objects.filter(pk=OuterRef("pk")).exclude(driver=Run.Driver.GRAPH)
    serves = Attempt.objects.filter(task=OuterRef("pk"))
    answers = Call.objects.filter(task=OuterRef("pk"))
    rows = Task.objects.filter(pk=task_id).annotate(
        drives=Exists(run), is_part=Exists(serves), is_hook=Exists(answers)
    )
    found = rows.values_list("actor", "scopes", "project", "drives", "is_part", "is_hook").first()
    if found is None:
        return None
    name, scopes, project, drives, is_part, is_hook = found
    if (is_part and not drives) or is_hook:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        return None
    may = MAY if scopes is None else MAY.intersection(scopes)
    return Actor(user.username, user.pk, user.is_superuser, project, may)


def script_of_step(task_id: UUID) -> tuple[UUID, int] | None:
    """The task and fence of the script that drives the run whose step this task is, if one does:
    its steps report to it too."""
    runs = Run.objects.exclude(driver=Run.Driver.GRAPH).filter(attempts__task=task_id)
    return runs.values_list("pk", "task__fence").first()


def run_of_step(task_id: UUID, wanted: UUID | None) -> Run:
    """Find the run that an executing step belongs to, if that is the one that is meant."""
    found = runs_with_names().filter(attempts__task=task_id).first()
    if found is None:
        raise NotAllowed("this task is no step of a run")
    if found.pk != wanted:
        raise NotFound("a step knows no other run than its own")
    return found
