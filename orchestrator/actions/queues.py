"""Making queues."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction

from orchestrator import announce
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, Invalid, shortened
from orchestrator.models import Line

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def create_queue(*, actor: str, name: str, description: str = "") -> Line:
    """Make a queue; agents that name it serve it."""
    if not _NAME.fullmatch(name):
        message = (
            f'"{shortened(name)}": a queue\'s name has 1 to 64 of a-z, 0-9, "_", "-" and "." '
            "and begins with one of a-z, 0-9"
        )
        raise Invalid.at("name", "bad_name", message)
    try:
        with transaction.atomic():
            line = Line.objects.create(kind=Line.Kind.QUEUE, name=name, description=description)
            record(actor, "queue.create", name, None)
    except IntegrityError:
        raise Conflict(f'there is a queue "{name}" already') from None
    announce.poke("lines")
    return line
