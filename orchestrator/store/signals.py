"""A run's mailbox: anybody puts signals in, only the run's turn takes them out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from orchestrator.models import Signal


def put(run_id: uuid.UUID, kind: str, data: Mapping[str, Any], actor: str = "") -> int:
    """Leave a signal for the run's next turn; the answer is its number."""
    return Signal.objects.create(run_id=run_id, kind=kind, data=dict(data), actor=actor).pk


def are_waiting(run_id: uuid.UUID) -> bool:
    """True when the run's mailbox is not empty."""
    return Signal.objects.filter(run_id=run_id).exists()
