"""What people have asked of runs, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from orchestrator.domain.changes import Kind
from orchestrator.models import Change

ANSWERS: Final = (Kind.ASKED, Kind.REFUSED)


def answers_to(signals: Collection[tuple[UUID, int]]) -> dict[int, str]:
    """What the turns of these runs have said to these signals: nothing, or why they refused.

    A signal that no turn has taken up yet is missing.
    """
    wanted = {number for _, number in signals}
    rows = Change.objects.filter(run__in={run for run, _ in signals}, kind__in=ANSWERS).values_list(
        "kind", "data"
    )
    return {
        data["signal"]: data.get("reason") or "refused" if kind == Kind.REFUSED else ""
        for kind, data in rows
        if data.get("signal") in wanted
    }
