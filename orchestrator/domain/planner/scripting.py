"""The script that drives a run: how its beginning, its end and its loss move the run.

The script is the run's own task. An agent moves it like any other; the run follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orchestrator.domain.decisions import EndScript, ScriptStands
from orchestrator.domain.hooks import calls_script
from orchestrator.domain.planner.views import RunView
from orchestrator.domain.planner.waiting import deadline_from
from orchestrator.domain.planner.work import Work
from orchestrator.domain.states import FINAL, Driver, Status, StopReason

MOST_TAKE_UPS: Final = 5
"""How often a script is started again because its process, supervisor or agent was lost."""

UNREGISTERED: Final = "its script ended before it had registered its steps"
_LIVES: Final = frozenset({Status.QUEUED, Status.RUNNING, Status.PAUSED})


def script_stands(work: Work, fact: ScriptStands) -> None:
    """The run begins with its script; when that ends badly, so does the run.

    Whoever drives a graph that is registered is missed only by those who are called back.
    """
    work.set_run(script=fact)
    if work.view.status is Status.QUEUED and fact.status not in (Status.DRAFT, Status.QUEUED):
        begun = fact.started_at or work.now
        deadline = deadline_from(work.now, work.view.timeout)
        work.set_run(status=Status.RUNNING, started_at=begun, deadline_at=deadline)
    if fact.status not in FINAL or work.view.status in FINAL:
        return
    fault, was_open = failure_of_script(work.view), work.view.graph_open
    if was_open and fact.status is Status.COMPLETED and work.view.driver is Driver.CONTROLLER:
        fault = UNREGISTERED
    work.set_run(graph_open=False)
    if fault and work.view.status is not Status.ABORTING:
        is_aborted = fact.status is Status.ABORTED
        stop_reason = StopReason.ABORT if is_aborted else StopReason.FAILURE
        work.set_run(status=Status.ABORTING, stop_reason=stop_reason, reason=fault)


def needs_script(view: RunView) -> bool:
    """True while the run cannot come to its end without its script."""
    match view.driver:
        case Driver.GRAPH:
            return False
        case Driver.SCRIPT:
            return True
        case Driver.CONTROLLER:
            return view.graph_open or view.graph.calls_script


def rerun_needs_script(view: RunView, chosen: Iterable[int]) -> bool:
    """True when new attempts of these steps cannot be made without the script, which has ended."""
    script = view.script
    if script is None or script.status not in FINAL:
        return False
    if view.driver is Driver.SCRIPT or script.status is not Status.COMPLETED:
        return True
    graph = view.graph
    return any(calls_script(graph.hooks, graph.nodes[index].hooks) for index in chosen)


def want_script(work: Work) -> None:
    """The script begins once more: one that adds steps says them all again, and may add others."""
    is_open = work.view.driver is Driver.SCRIPT
    work.set_run(wants_script=True, graph_open=is_open, taken_up=0)


def is_to_be_taken_up(view: RunView, script: ScriptStands) -> bool:
    """True when the script was lost with its machine, and another agent may go on with it."""
    is_lost = script.status is Status.CRASHED and script.by_agent
    may_be = view.status in _LIVES and view.taken_up < MOST_TAKE_UPS
    return is_lost and may_be and needs_script(view)


def failure_of_script(view: RunView) -> str:
    """Why the run fails with its script, in words; nothing when it does not."""
    script = view.script
    if script is None or script.status not in FINAL or script.status is Status.COMPLETED:
        return ""
    if script.status is Status.CRASHED and not needs_script(view):
        return ""
    was = "was " if script.status is Status.ABORTED else ""
    often = f" {view.taken_up + 1} times" if view.taken_up >= MOST_TAKE_UPS else ""
    return f"its script {was}{script.status}{often}: {script.reason}".rstrip(": ")


def fails_with_script(view: RunView) -> bool:
    """True when it is said already why the run fails: for its script's sake, or before its end."""
    return view.script is not None and view.stop_reason is StopReason.FAILURE


def end_script(view: RunView) -> tuple[EndScript, ...]:
    """The script of a run that is being aborted is asked to end with the steps."""
    is_living = view.script is not None and view.script.status in (Status.QUEUED, Status.RUNNING)
    return (EndScript(),) if is_living and view.status is Status.ABORTING else ()


def waits_for_script(view: RunView) -> bool:
    """True while the script may still say something that the run's end depends on."""
    if view.script is None:
        return view.driver is not Driver.GRAPH
    return view.graph_open or view.script.status not in FINAL


def outcome_of_script(view: RunView) -> Status | None:
    """How the script ended, if that is how the run ends: unless it was told to stop before."""
    if view.driver is not Driver.SCRIPT or view.script is None or view.stop_reason:
        return None
    return view.script.status
