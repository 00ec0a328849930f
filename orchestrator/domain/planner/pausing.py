"""Pausing a run and letting it go on; steps before which it pauses by itself."""

from __future__ import annotations

from orchestrator.domain.decisions import Pause, PauseAt, Resume
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import FINAL, Status


def pause(work: Work, fact: Pause) -> None:
    status = work.view.status
    if status is not Status.RUNNING:
        has = "has not started" if status in (Status.DRAFT, Status.QUEUED) else f"is {status}"
        work.refuse(fact, "pause", f"the run {has}")
        return
    work.ask(fact, "pause")
    reason = f"paused by {fact.actor}" if fact.actor else "paused"
    work.set_run(status=Status.PAUSED, reason=reason)


def resume(work: Work, fact: Resume) -> None:
    """Let the run go on; steps before which it paused are let pass this once."""
    if work.view.status is not Status.PAUSED:
        work.refuse(fact, "resume", f"the run is {work.view.status}, not paused")
        return
    work.ask(fact, "resume")
    work.set_run(status=Status.RUNNING, reason="")
    for index, step in list(work.steps.items()):
        is_stop = work.node(index).name in work.view.pause_at
        if is_stop and step.status is Status.PENDING and step.open == 0:
            work.set_step(index, let_pass=True)


def pause_at(work: Work, fact: PauseAt) -> None:
    """Before these steps the run pauses from now on, and before no others."""
    if work.view.status in FINAL:
        work.refuse(fact, "pause_at", f"the run is {work.view.status} already")
        return
    work.ask(fact, "pause_at", steps=list(fact.steps))
    work.set_run(pause_at=frozenset(fact.steps))
