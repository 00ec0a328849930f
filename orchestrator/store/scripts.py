"""The rows of scripts that drive runs: a run's own task, which agents execute.

The run's turn reads how the task stands and moves the run; of the task it writes only what any
task of a run gets from its turn: it lets it into the queue, asks for its end, and puts it back
into the queue when its machine was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F

from orchestrator.domain.decisions import ScriptStands
from orchestrator.domain.planner import RunView
from orchestrator.domain.states import Driver, Status, TaskEvent, move, tasks_that_may
from orchestrator.models import PipelineVersion, Run, Task

_READ = (
    *("status", "fence", "queue", "priority", "agent", "definition", "outcome", "outputs"),
    *("queued_at", "started_at", "ended_at"),
)
_UNTRIED: Final[Mapping[str, Any]] = {
    "outcome": {},
    "outputs": {},
    "progress": None,
    "agent": None,
    "process": {},
    "lease_until": None,
    "published_at": None,
    "abort_requested_at": None,
    "abort_delivered_at": None,
    "kill_at": None,
    "started_at": None,
    "ended_at": None,
}


def standing_of(run: Run) -> ScriptStands | None:
    """How the script of a run stands now; nothing for a run of a graph.

    Called after the mailbox was read: whoever moves the task leaves a signal in the same commit.
    """
    if run.driver == Driver.GRAPH:
        return None
    run.task = Task.objects.only(*_READ).get(pk=run.pk)
    return stands(run.task)


def stands(task: Task) -> ScriptStands:
    """How the task of a script stands, as a fact."""
    return ScriptStands(
        Status(task.status),
        str(task.outcome.get("reason") or ""),
        by_agent=task.agent_id is not None,
        has_code=task.definition_id is not None,
        started_at=task.started_at,
    )


def enqueue_draft(run: Run, now: datetime) -> None:
    """Let the task of a draft run wait for its place; it is let go with the run."""
    rows = Task.objects.filter(pk=run.pk, status=Status.DRAFT)
    rows.update(
        status=move(Status.DRAFT, TaskEvent.ENQUEUE),
        fence=F("fence") + 1,
        queued_at=now,
        held=True,
    )


def let_go(run: Run) -> str:
    """Let a run's script have a place in its queue, which is the answer."""
    Task.objects.filter(pk=run.pk, status=Status.QUEUED).update(held=False)
    return run.task.queue


def take_up(run: Run, now: datetime) -> bool:
    """Put a script that was lost into its queue once more; False: it was not lost."""
    if not begin_again(run, now):
        return False
    run.taken_up += 1
    Run.objects.filter(pk=run.pk).update(taken_up=run.taken_up)
    return True


def begin_again(run: Run, now: datetime) -> bool:
    """Put an ended script into its queue; False: it has not ended. One that no agent has had
    goes where those of its version wait."""
    may = tasks_that_may(TaskEvent.TAKE_UP)
    rows = Task.objects.filter(pk=run.pk, fence=run.task.fence, status__in=may)
    status = move(may[0], TaskEvent.TAKE_UP)
    values: dict[str, Any] = {
        **_UNTRIED,
        **{"status": status, "fence": F("fence") + 1, "queued_at": now},
        "held": run.status == Status.PAUSED,
    }
    if run.task.agent_id is None:
        queues = PipelineVersion.objects.filter(runs=run.pk)
        values["queue"] = queues.values_list("script_queue", flat=True).get()
    return bool(rows.update(**values))


def write_run(run: Run, view: RunView) -> None:
    """Write what only runs with a script have; called once a turn, with the rest of the run."""
    if (run.graph_open, run.taken_up) != (view.graph_open, view.taken_up):
        run.graph_open, run.taken_up = view.graph_open, view.taken_up
        Run.objects.filter(pk=run.pk).update(graph_open=run.graph_open, taken_up=run.taken_up)
    if view.status is Status.ABORTED:
        # The task of a draft: that of any other run has ended before its run does.
        Task.objects.filter(pk=run.pk, status=Status.DRAFT).update(
            status=move(Status.DRAFT, TaskEvent.ABORT),
            ended_at=view.ended_at,
            outcome={"reason": view.reason},
        )


def show_as_runs(tasks: Iterable[Task]) -> None:
    """Let these tasks look as the runs do that they drive: a step that is a run ends with that."""
    by_id = {task.pk: task for task in tasks}
    rows = Run.objects.filter(pk__in=by_id).exclude(driver=Driver.GRAPH)
    seen = rows.values_list("pk", "status", "reason", "outputs", "started_at", "ended_at")
    for pk, status, reason, outputs, started_at, ended_at in seen:
        task = by_id[pk]
        task.status, task.outcome, task.outputs = status, {"reason": reason}, outputs
        task.started_at, task.ended_at = started_at, ended_at
