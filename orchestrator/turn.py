"""What one turn gathers on its way to the commit: rows to write, people to tell, what to send."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.domain.changes import News
from orchestrator.domain.hooks import NewCall
from orchestrator.models import Attempt
from orchestrator.store import lines, turns


@dataclass(slots=True)
class Turn:
    """What one turn gathers on its way to the commit."""

    mail: turns.Mail
    now: datetime
    told: list[News] = field(default_factory=list)
    launched: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    fresh: dict[str, Attempt] = field(default_factory=dict)
    asks: list[NewCall] = field(default_factory=list)
    queues: set[str] = field(default_factory=set)
    places: list[lines.Place] = field(default_factory=list)
    topics: set[str] = field(default_factory=set)
    nested: list[uuid.UUID] = field(default_factory=list)
    other_runs: set[uuid.UUID] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)
    room: int = 0
    loaded: int = 0
    left: list[int] = field(default_factory=list)
    put_off: set[int] = field(default_factory=set)
    fanned_out: set[int] = field(default_factory=set)
