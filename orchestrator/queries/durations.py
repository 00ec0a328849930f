"""How long steps usually take: the medians of what earlier runs of the pipeline have measured."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Run

RUNS: Final = 20
ATTEMPTS: Final = 20_000
"""Of a pipeline with many steps fewer runs are looked at, so that the question stays small."""
NAMED: Final = 500

_PLACE = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual seconds of steps by name, and how many attempts they were taken from."""

    seconds: dict[str, float] = field(default_factory=dict)
    attempts: int = 0


def usual_seconds(run: Run, names: Collection[str]) -> Usual:
    """How long these steps took when they completed; the items of a fan-out count as one step."""
    recent = Run.objects.filter(pipeline_id=run.pipeline_id).order_by("-task_id")
    runs = max(1, min(RUNS, ATTEMPTS // max(run.steps_total, 1)))
    measured = Attempt.objects.filter(
        run_id__in=list(recent.values_list("pk", flat=True)[:runs]),
        status=Status.COMPLETED,
        started_at__isnull=False,
        ended_at__isnull=False,
    )
    if len(names) <= NAMED and not any(map(_PLACE.search, names)):
        measured = measured.filter(step__path__in=names)
    wanted = {_as_one(name) for name in names}
    taken: dict[str, list[float]] = defaultdict(list)
    for name, started, ended in measured.values_list("step__path", "started_at", "ended_at"):
        if (one := _as_one(name)) in wanted and started and ended:
            taken[one].append((ended - started).total_seconds())
    medians = {one: median(seconds) for one, seconds in taken.items()}
    found = {name: medians[_as_one(name)] for name in names if _as_one(name) in medians}
    return Usual(found, sum(map(len, taken.values())))


def _as_one(name: str) -> str:
    return _PLACE.sub("[]", name)
