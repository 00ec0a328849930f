"""Column helpers: time-ordered ids and status columns that the database itself checks."""

from __future__ import annotations

import os
import time
import uuid

from django.db import models

from orchestrator.domain.states import Status


def uuid7() -> uuid.UUID:
    """A random id that sorts by the millisecond of its making (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def status_field(default: Status) -> models.CharField[str, str]:
    """A status column; pair it with :func:`status_check`."""
    return models.CharField(max_length=10, default=default.value)


def status_check(table: str, column: str = "status") -> models.CheckConstraint:
    """Refuses a word that is no status."""
    return models.CheckConstraint(
        name=f"{table}_{column}_known",
        condition=models.Q(**{f"{column}__in": sorted(status.value for status in Status)}),
    )
