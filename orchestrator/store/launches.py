"""What launching gave: what a turn has to take up, write and send."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain.decisions import Fact, Skip
from orchestrator.domain.hooks import CallView, NewCall
from orchestrator.models import Task
from orchestrator.store.lines import Place


@dataclass(slots=True)
class Launches:
    """Facts for the planner, steps that are passed over after all, the lists of fan-outs, rows
    for the attempts, tasks to be sent at once, queues to serve, because tasks wait there, and
    nested runs to be begun. *taken* are the earlier tasks whose results were taken instead of
    executing a step, *asks* the calls that must be made first; *calls* are those that were made,
    *hooks* the run's own."""

    facts: list[Fact] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    lists: dict[int, list[Any]] = field(default_factory=dict)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    taken: dict[int, Task] = field(default_factory=dict)
    queues: set[str] = field(default_factory=set)
    places: list[Place] = field(default_factory=list)
    runs: list[uuid.UUID] = field(default_factory=list)
    asks: list[NewCall] = field(default_factory=list)
    calls: Mapping[tuple[int, int], tuple[CallView, ...]] = field(default_factory=dict)
    hooks: Mapping[str, Any] = field(default_factory=dict)
