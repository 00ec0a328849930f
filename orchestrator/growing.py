"""A graph that grows while its run goes on: registered by its controller, added to by its script.

A turn takes such signals up before anything else, so that what follows sees the graph as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator import dispatch
from orchestrator.domain.changes import Kind, News, iso
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.graph import Kind as NodeKind
from orchestrator.domain.states import FINAL, Driver, Status
from orchestrator.models import Run, Signal
from orchestrator.store import added_steps, records, registering, signals, tasks, turns
from orchestrator.store.added_steps import NewStep
from orchestrator.turn import Turn

REGISTER = "register"
ADD_STEPS = "add_steps"
ADOPT = "adopt"
_KINDS = frozenset({REGISTER, ADD_STEPS, ADOPT})


def grow(turn: Turn) -> None:
    """Take up what the script, or somebody, has to say of the graph; each is answered."""
    mail = turn.mail
    if not mail.kinds & _KINDS:
        return
    taken, total = [one for one in mail.signals if one.kind in _KINDS], mail.run.steps_total
    for signal in taken:
        try:
            detail = _take_up(turn, signal)
        except PipelinesError as error:
            data = {
                "signal": signal.pk,
                "verb": signal.kind,
                "reason": error.message,
                "code": error.code,
            }
            turn.told.append(News(Kind.REFUSED, data, signal.actor))
            if signal.kind == ADOPT:
                _end_what_was_started(turn, signal)
        else:
            data = {"signal": signal.pk, "verb": signal.kind, "detail": detail}
            turn.told.append(News(Kind.ASKED, data, signal.actor))
    records.delete_these(taken)
    mail.signals = [signal for signal in mail.signals if signal.kind not in _KINDS]
    if mail.run.steps_total != total or not mail.run.graph_open:
        # The next turn looks at what was added: its rows are there then.
        signals.put(mail.run.pk, "go_on", {"steps": [], "unspread": {}})


def _take_up(turn: Turn, signal: Signal) -> dict[str, Any]:
    if signal.kind == REGISTER:
        return registering.register(turn.mail, signal.data)
    if signal.kind == ADD_STEPS or turn.mail.run.status in FINAL:
        # What lives already comes into a run that is being aborted to be ended with it.
        refuse_if_closed(turn.mail.run)
    new = [new_step(one) for one in signal.data["steps"]]
    added = [one.as_dict() for one in added_steps.add_parts(turn.mail, new)]
    return {"added": added, "steps": [one["name"] for one in added], "count": len(added)}


def _end_what_was_started(turn: Turn, signal: Signal) -> None:
    """What cannot become a step must not go on without anybody who knows of it."""
    for one in signal.data["steps"]:
        started = uuid.UUID(one["pin"]["task"])
        if "pipeline" in one["pin"]:
            signals.put(started, "abort", {"reason": "the run that it was started for has ended"})
            turn.other_runs.add(started)
            continue
        tasks.unmark(started)
        for task in turns.end_tasks([started], turn.now):
            turn.topics.add(f"task:{task.pk}")
            if task.status == Status.ABORTING and task.agent_id:
                dispatch.poke_agent(task.agent_id, task.pk)


def refuse_if_closed(run: Run) -> None:
    """Raise unless steps may be added to the run as it is now."""
    if run.status in FINAL or run.status == Status.ABORTING:
        raise added_steps.GraphClosed(f"the run is {run.status}: no step can be added")
    if run.driver == Driver.CONTROLLER and run.graph_open:
        raise added_steps.GraphClosed("the run's controller has not registered its steps yet")


def new_step(said: Mapping[str, Any]) -> NewStep:
    """A step as a signal says it."""
    return NewStep(said["key"], said["step"], said["pin"], said.get("living", False))


def settle(turn: Turn, first: int, count: int) -> Iterable[News]:
    """After rows were inserted: let added steps be looked at, and those begin that live already."""
    nodes = [node for node in turn.mail.graph.nodes[first : first + count] if node.added]
    if not nodes:
        return
    data = {"steps": [node.index for node in nodes], "unspread": {}}
    signals.put(turn.mail.run.pk, "go_on", data)
    run = turn.mail.run
    for attempt in added_steps.adopt(turn.mail, nodes):
        node, task = turn.mail.graph.nodes[attempt.step.index], attempt.task
        assert task is not None, "what is adopted lives"
        if node.kind is NodeKind.PIPELINE:
            # It was locked meanwhile: whoever wanted to take its turn has gone away.
            turn.other_runs.add(task.pk)
            if run.status == Status.PAUSED:
                signals.put(task.pk, "pause", {})
        elif task.held and run.status != Status.PAUSED:
            turn.queues.add(task.queue)
        step = {"step": attempt.step.index}
        times = {"started_at": None, "ended_at": None}
        status = {"status": str(Status(attempt.status)), "reason": ""}
        key = {**step, "number": attempt.number}
        yield News(Kind.STEP_STATUS, {**step, **status, "attempt": attempt.number, **times})
        origin = {"origin": str(attempt.origin), "round": attempt.round}
        yield News(Kind.ATTEMPT_ADDED, {**key, **origin, "task": str(attempt.task_id)})
        more = {"exit_code": None, "agent": "", "queued_at": iso(attempt.queued_at)}
        facts = {**status, "task": str(attempt.task_id), **more, **times}
        yield News(Kind.ATTEMPT_STATUS, {**key, **facts})
        yield News(Kind.PARAMETERS_RESOLVED, {**key, "parameters": attempt.resolved})
