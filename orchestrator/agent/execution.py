"""Executing one task, from the claim to the recorded end.

1. Claim it by compare-and-set; whoever loses returns, so a doubled message is harmless.
2. Make its working folder and start it under a supervisor, in an environment of its own.
3. Wait, holding no database connection. Other threads store its output, renew its lease and,
   when it is to be aborted or the lease cannot be renewed, tell the supervisor.
4. Store what it left behind and the last of its output, before anybody can see the end.
5. Record the end by compare-and-set with the fence, together with a signal for its run.
"""

from __future__ import annotations

import logging
import sys
import time
import uuid
from dataclasses import replace

from django.conf import settings
from django.db import Error, connection

from orchestrator import announce, dispatch
from orchestrator.agent import artifacts, environments, kinds, results, serving
from orchestrator.agent.child import Child, End, Order
from orchestrator.agent.folder import WorkFolder, environment, marker_of, marks
from orchestrator.agent.forked import supervisor
from orchestrator.agent.held import Held
from orchestrator.agent.serving import ServingAgent
from orchestrator.agent.verdict import FENCED, judge
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.store import execution as store
from orchestrator.store import lines
from orchestrator.store.execution import Result, Work, attempt_token

logger = logging.getLogger(__name__)

_AT_ONCE_SECONDS = 0.03
_KEEP_CONNECTION_SECONDS = 1.0


def execute(task_id: uuid.UUID, fence: int) -> tuple[str, uuid.UUID | None]:
    """Execute a task if it is still to be had.

    The answer is who wants to know of its end: the queue with a free place, and its run if it is
    an attempt's. An empty queue means that the task was not to be had.
    """
    agent = serving.current()
    agent.messages += 1
    if agent.draining:
        # It came while the worker was leaving its queues: for another agent.
        return lines.give_back(task_id, fence), None
    claimed_at = time.monotonic()
    work = store.claim(task_id, fence, agent.id, agent.lease)
    if work is None:
        return "", None
    held = Held(
        (work.task_id, work.fence),
        agent.writer.open(work.task_id, work.fence),
        grace=_grace(work),
        lease=agent.working_lease - (time.monotonic() - claimed_at),
    )
    agent.holdings.add(held)
    folder = WorkFolder(work.task_id, work.fence)
    try:
        result = _carry_out_or_crash(agent, work, held, folder)
        _record(agent, work, held, result)
    finally:
        agent.holdings.remove(held)
        agent.tidier.submit(_remove, folder)
    return work.queue, work.run_id


def _carry_out_or_crash(agent: ServingAgent, work: Work, held: Held, folder: WorkFolder) -> Result:
    """Whatever goes wrong here, the task must not stay *running* for ever."""
    try:
        return _carry_out(agent, work, held, folder)
    except Exception as error:
        logger.exception("task %s, fence %d could not be executed", work.task_id, work.fence)
        held.stop(FENCED, 0)
        reason = f"its agent could not execute it: {type(error).__name__}: {error}"
        return Result(TaskEvent.CANNOT_RUN, reason)


def _carry_out(agent: ServingAgent, work: Work, held: Held, folder: WorkFolder) -> Result:
    try:
        python = _python(agent, work, held)
        folder.make(work.parameters)
        program = kinds.prepare(work, folder, python)
        order = _order(agent, work, folder, program, held.lease_left())
        child = Child(order, held.output, agent.reader, agent.servers)
    except kinds.CannotStart as error:
        return Result(TaskEvent.END_BADLY, error.message)
    except environments.NoEnvironment as error:
        if not held.stopped:
            return Result(TaskEvent.CANNOT_RUN, error.message)
        end = End(supervisor.ENDED, cause=held.stopped)
        return judge(end, errors="", timeout=None, lease=agent.lease)
    held.begin(child)
    _wait(child, work)
    end = child.finish()
    agent.usage.end(held, end.peak)
    _say_how(end, held)
    result = judge(
        end, errors=held.output.errors(), timeout=work.limits.get("timeout"), lease=agent.lease
    )
    return _with_results(result, folder, held)


def _python(agent: ServingAgent, work: Work, held: Held) -> str:
    """The Python of the task's environment, which is built first if it must be."""
    requirements = work.body.get("requirements") or []
    if found := environments.find(requirements):
        return found
    _tell_of_start(work)
    connection.close()
    build = environments.Build(
        say=held.output.say,
        should_stop=lambda: bool(held.stopped),
        marks=marks(task_id=work.task_id, fence=work.fence, agent_id=agent.id),
    )
    return environments.build(requirements, build)


def _order(
    agent: ServingAgent, work: Work, folder: WorkFolder, program: kinds.Program, lease: float
) -> Order:
    return Order(
        argv=program.argv,
        is_script=program.is_script,
        python=program.python if program.is_script else sys.executable,
        env=environment(
            folder,
            marks=marks(task_id=work.task_id, fence=work.fence, agent_id=agent.id),
            token=attempt_token(work.task_id, work.fence),
            python=program.python,
        ),
        cwd=str(folder.path),
        marker=marker_of(work.task_id, work.fence),
        timeout=work.limits.get("timeout"),
        grace=_grace(work),
        lease=lease,
        lost_grace=agent.lost_grace,
    )


def _grace(work: Work) -> float:
    grace = work.limits.get("grace")
    return float(settings.PIPELINES_ABORT_GRACE_SECONDS if grace is None else grace)


def _wait(child: Child, work: Work) -> None:
    # Who ends at once is told of once: a turn and pokes for the start would cost more than it.
    if child.wait(_AT_ONCE_SECONDS):
        return
    _tell_of_start(work)
    # Most steps are short: they keep the connection of the claim for their end.
    if not child.wait(_KEEP_CONNECTION_SECONDS):
        connection.close()
        child.wait()


def _tell_of_start(work: Work) -> None:
    announce.poke(f"task:{work.task_id}", "lines")
    if work.run_id is not None:
        dispatch.ask_for_turn(work.run_id)


def _say_how(end: End, held: Held) -> None:
    if end.left:
        held.output.say(
            f"[{end.left} processes that outlived the step were ended]"
            if end.left > 1
            else "[1 process that outlived the step was ended]"
        )
    if end.cause and end.forced:
        held.output.say("[it did not end when asked to, and was killed]")


def _with_results(result: Result, folder: WorkFolder, held: Held) -> Result:
    """Add what the step left behind; what cannot be kept makes a good end a bad one."""
    if result.event is TaskEvent.RELEASE:
        return result
    try:
        result.outputs = results.outputs_in(folder.path)
        result.defaults = results.parameters_used_in(folder.path)
        result.artifacts, left = artifacts.collect(folder.artifacts)
    except (results.BadResult, OSError) as error:
        held.output.say(f"[{error}]")
        if result.event is not TaskEvent.END_WELL:
            return result
        return replace(result, event=TaskEvent.END_BADLY, reason=str(error))
    for name in left:
        held.output.say(f"[{name!r} is not kept as an artifact: its name starts with a dot]")
    return result


def _remove(folder: WorkFolder) -> None:
    try:
        folder.remove()
    except OSError as error:
        logger.warning("working folder %s cannot be removed: %s", folder.name, error)


def _record(agent: ServingAgent, work: Work, held: Held, result: Result) -> None:
    """Store the last output and the end; while the database is away, try again."""
    held.output.close()
    deadline = time.monotonic() + max(agent.lease * 2, 60)
    agent.writer.finish(held.output, deadline - time.monotonic())
    while True:
        try:
            status = _end(agent, work, result)
            break
        except Error as error:
            connection.close()
            if time.monotonic() > deadline:
                logger.error("the end of task %s could not be recorded: %s", work.task_id, error)
                return
            time.sleep(min(1.0, agent.lease / 10))
    if status is None:
        logger.warning("task %s was no longer ours; its result is dropped", work.task_id)
        return
    if work.run_id is None:
        # That of a run is told of by the run's turn, which comes next.
        announce.poke(f"task:{work.task_id}", "lines")


def _end(agent: ServingAgent, work: Work, result: Result) -> Status | None:
    if result.event is TaskEvent.RELEASE:
        if store.release(work.task_id, work.fence, agent.id):
            return Status.QUEUED
        # It was to be aborted meanwhile, and is gone.
        result = replace(result, event=TaskEvent.CONFIRM_GONE, reason="aborted")
    return store.finish(work.task_id, work.fence, agent.id, result)
