"""Column helpers: time-ordered ids and status columns that the database itself checks."""

from __future__ import annotations

import os
import threading
import time
import uuid

from django.db import models

from orchestrator.domain.states import Status

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A random id that sorts by the time of its making (RFC 9562, version 7).

    The twelve bits after the millisecond count on within it, so that what one process makes in
    a row also sorts in that row: tasks of equal age then wait in the order of their steps.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1_000_000 << 12)
        milliseconds, count = _last >> 12, _last & 0xFFF
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | count << 64 | 0x2 << 62 | random)


def status_field(default: Status) -> models.CharField[str, str]:
    """A status column; pair it with :func:`status_check`."""
    return models.CharField(max_length=10, default=default.value)


def status_check(table: str, column: str = "status") -> models.CheckConstraint:
    """Refuses a word that is no status."""
    return models.CheckConstraint(
        name=f"{table}_{column}_known",
        condition=models.Q(**{f"{column}__in": sorted(status.value for status in Status)}),
    )
