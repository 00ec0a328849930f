"""Queues: made, described, paused, limited, deleted; for administrators of the installation."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db import IntegrityError, transaction

from orchestrator import announce, dispatch
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, Invalid, NotFound, shortened
from orchestrator.domain.names import LOCAL_QUEUE, SERVICES_QUEUE
from orchestrator.domain.states import Status
from orchestrator.models import Line, Task
from orchestrator.store import lines

MOST_AT_ONCE: Final = 100_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_BUILT_IN: Final = frozenset({"default", SERVICES_QUEUE, LOCAL_QUEUE})
_OPEN = (Status.QUEUED, Status.RUNNING, Status.ABORTING)


def create_queue(*, actor: str, name: str, description: str = "", limit: int | None = None) -> Line:
    """Make a queue; agents that name it serve it."""
    if not _NAME.fullmatch(name):
        message = (
            f'"{shortened(name)}": a queue\'s name has 1 to 64 of a-z, 0-9, "_", "-" and "." '
            "and begins with one of a-z, 0-9"
        )
        raise Invalid.at("name", "bad_name", message)
    _check_limit(limit)
    try:
        with transaction.atomic():
            line = Line.objects.create(
                kind=Line.Kind.QUEUE, name=name, description=description, limit=limit
            )
            record(actor, "queue.create", name, None)
    except IntegrityError:
        raise Conflict(f'there is a queue "{name}" already') from None
    announce.poke("lines")
    return line


@transaction.atomic
def change_queue(*, actor: str, name: str, **wanted: Any) -> Line:
    """Change a queue's description, limit or paused.

    1. Lock it, so that no place is given meanwhile. 2. Recall the places that nobody has claimed:
    from the commit on nothing starts that the new rule would hold back. 3. Let its turn give them
    out again, as far as the new rule allows.
    """
    line = _locked(name)
    changed = {key: value for key, value in wanted.items() if getattr(line, key) != value}
    if name == LOCAL_QUEUE and changed.keys() & {"limit", "paused"}:
        raise Conflict(f'no agent serves "{name}": its tasks run where their script runs')
    _check_limit(changed.get("limit"))
    if not changed:
        return line
    for key, value in changed.items():
        setattr(line, key, value)
    line.save(update_fields=list(changed))
    if changed.keys() & {"limit", "paused"}:
        lines.recall(name)
        dispatch.ask_for_line(name)
    record(actor, "queue.change", name, None, **changed)
    announce.poke("lines")
    return line


@transaction.atomic
def delete_queue(*, actor: str, name: str) -> None:
    """Delete a queue in which nothing waits or runs."""
    line = _locked(name)
    if name in _BUILT_IN:
        raise Conflict(f'the queue "{name}" is always there; it can be paused')
    waiting = Task.objects.filter(queue=name, status__in=_OPEN, is_template=False)
    number = waiting.exclude(kind=Task.CONTROLLER).count()
    if number:
        tasks = "1 task waits or runs" if number == 1 else f"{number} tasks wait or run"
        raise Conflict(f'{tasks} in the queue "{name}"; only an empty queue can be deleted')
    line.delete()
    record(actor, "queue.delete", name, None)
    announce.poke("lines")


def _locked(name: str) -> Line:
    line = lines.lock_queue(name)
    if line is None:
        raise NotFound(f'there is no queue "{shortened(name)}"')
    return line


def _check_limit(limit: int | None) -> None:
    if limit is not None and not 0 < limit <= MOST_AT_ONCE:
        message = f"a limit is 1 to {MOST_AT_ONCE}, or none; pause the queue to let nothing start"
        raise Invalid.at("limit", "bad_value", message)
