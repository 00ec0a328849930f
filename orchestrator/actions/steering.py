"""Pausing a run, letting it go on, and saying before which steps it pauses by itself."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.actions.runs import ask, indexes_of
from orchestrator.domain.errors import Conflict
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Run


def pause_run(*, actor: str, run: Run) -> int:
    """Ask that nothing new starts; what an agent has already been told of may still start."""
    if run.status in FINAL:
        raise Conflict(f"the run is {run.status} already")
    return ask(run, "pause", {}, actor)


def resume_run(*, actor: str, run: Run) -> int:
    """Ask that a paused run goes on."""
    if run.status in FINAL or run.status == Status.DRAFT:
        raise Conflict(f"the run is {run.status}, not paused")
    return ask(run, "resume", {}, actor)


def set_breakpoints(*, actor: str, run: Run, steps: Sequence[str]) -> int:
    """Ask that the run pauses before these steps, and before no others."""
    if run.status in FINAL:
        raise Conflict(f"the run is {run.status} already")
    if steps:
        indexes_of(run, steps)
    return ask(run, "pause_at", {"steps": sorted(set(steps))}, actor)
