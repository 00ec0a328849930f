"""Tasks that exist before they are enqueued: the run's hooks are called of them in between."""

from __future__ import annotations

import uuid

from orchestrator.domain.decisions import CouldNotLaunch, Held
from orchestrator.domain.graph import Node
from orchestrator.domain.hooks import CallKind, hooks_of
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.states import Status
from orchestrator.models import Task
from orchestrator.store.calls import discard_drafts
from orchestrator.store.launch_calls import calls_of, goes_on
from orchestrator.store.launches import Launches


def may_be_enqueued(node: Node, task: Task, attempt: AttemptView | None, done: Launches) -> bool:
    """Whether everybody who is called of a new task has said yes; until then it is a draft.

    The draft takes the place of *task*, with the parameters that it has been given meanwhile.
    """
    if not hooks_of(done.hooks, node.hooks, CallKind.CREATED):
        return True
    draft = next((call.draft for call in calls_of(node, attempt, done) if call.draft), "")
    arguments = {"parameters": task.parameters, "draft": draft or str(task.pk)}
    if goes_on(CallKind.CREATED, node, attempt, done, arguments):
        return not draft or _take_up(node, task, uuid.UUID(draft), done)
    if not any(isinstance(fact, Held) and fact.step == node.index for fact in done.facts[-1:]):
        discard_drafts([draft], task.created_at)
    elif not draft:
        _insert(task)
    return False


def _insert(task: Task) -> None:
    is_new = task._state.adding
    task.status, task.fence, task.queued_at = Status.DRAFT, task.fence - 1, None
    task.save(force_insert=is_new, force_update=not is_new)


def _take_up(node: Node, task: Task, draft: uuid.UUID, done: Launches) -> bool:
    row = Task.objects.select_for_update(of=("self",)).filter(pk=draft).first()
    if row is None or row.status != Status.DRAFT:
        reason = "its task was taken away before it could be enqueued"
        done.facts.append(CouldNotLaunch(node.index, reason))
        return False
    task.id, task.parameters, task.created_at = row.pk, row.parameters, row.created_at
    task._state.adding = False
    return True
