"""Pausing a run and letting it go on; steps before which it pauses by itself."""

from __future__ import annotations

from orchestrator.domain.decisions import Pause, PauseAt, Resume
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import FINAL, Status


def cannot_pause(status: Status) -> str:
    """Why a run of that status is not paused; nothing when it may be."""
    if status is Status.RUNNING:
        return ""
    has = "has not started" if status in (Status.DRAFT, Status.QUEUED) else f"is {status}"
    return f"the run {has}"


def cannot_resume(status: Status) -> str:
    """Why a run of that status does not go on; nothing when it may."""
    return "" if status is Status.PAUSED else f"the run is {status}, not paused"


def pause(work: Work, fact: Pause) -> None:
    if fault := cannot_pause(work.view.status):
        work.refuse(fact, "pause", fault)
        return
    work.ask(fact, "pause")
    reason = f"paused by {fact.actor}" if fact.actor else "paused"
    work.set_run(status=Status.PAUSED, reason=reason)


def resume(work: Work, fact: Resume) -> None:
    """Let the run go on; steps before which it paused are let pass this once."""
    if fault := cannot_resume(work.view.status):
        work.refuse(fact, "resume", fault)
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
