"""A run's mailbox: anybody puts signals in, only the run's turn takes them out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from orchestrator.models import Run, Signal
from orchestrator.store.rows import fetch, key_of

_ANY = f'SELECT 1 FROM "{Signal._meta.db_table}" WHERE run_id = %s LIMIT 1'


def put(run_id: uuid.UUID, kind: str, data: Mapping[str, Any], actor: str = "") -> int:
    """Leave a signal for the run's next turn; the answer is its number."""
    return Signal.objects.create(run_id=run_id, kind=kind, data=dict(data), actor=actor).pk


def are_waiting(run_id: uuid.UUID) -> bool:
    """True when the run's mailbox is not empty."""
    return bool(fetch(_ANY, [key_of(Run, run_id)]))
