"""Playing the agent by hand: claim and end tasks as an agent would, without any process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from orchestrator.controller import advance
from orchestrator.domain.changes import empty_view, fold, iso
from orchestrator.domain.planner import HELD
from orchestrator.domain.states import FINAL, Status, TaskEvent
from orchestrator.graphs import graph_of_run
from orchestrator.models import Agent, Attempt, Change, Run, Signal, Step, Task
from orchestrator.store.tasks import move_task, tell_run


def make_agent(name: str = "hand", *, queues: tuple[str, ...] = ("default",)) -> Agent:
    """A live agent without a process."""
    return Agent.objects.create(
        name=name,
        host="here",
        pid=1,
        queues=list(queues),
        slots=4,
        lease_until=timezone.now() + timedelta(hours=1),
    )


def queued_tasks(run: Run) -> list[Task]:
    """The steps' tasks that wait for an agent, in order of their steps."""
    rows = Task.objects.filter(attempts__run=run, status=Status.QUEUED)
    return list(rows.order_by("attempts__step__index"))


def claim(task: Task, agent: Agent) -> None:
    """Begin a task as an agent does."""
    with transaction.atomic():
        lease = timezone.now() + timedelta(hours=1)
        values = {"agent": agent, "lease_until": lease, "started_at": timezone.now()}
        assert move_task(task, TaskEvent.CLAIM, **values), f"{task.name} was not to be had"
        tell_run(task)


def end(
    task: Task,
    event: TaskEvent = TaskEvent.END_WELL,
    *,
    reason: str = "",
    outputs: Mapping[str, Any] | None = None,
) -> None:
    """End a task as an agent does."""
    with transaction.atomic():
        outcome = {"reason": reason, "exit_code": 0 if event is TaskEvent.END_WELL else 1}
        values = {"ended_at": timezone.now(), "outcome": outcome, "outputs": dict(outputs or {})}
        assert move_task(task, event, **values), f"{task.name} could not be ended"
        tell_run(task)


def play(
    run: Run,
    agent: Agent,
    ends: Callable[[str, int], TaskEvent] = lambda _n, _a: TaskEvent.END_WELL,
) -> Run:
    """Execute everything that the run queues until nothing is left; *ends* says how by name."""
    advance(run.pk)
    for _ in range(10_000):
        waiting = queued_tasks(run)
        if not waiting:
            break
        for task in waiting:
            number = Attempt.objects.get(task=task).number
            claim(task, agent)
            event = ends(task.name, number)
            end(task, event, reason="" if event is TaskEvent.END_WELL else "told to")
        advance(run.pk)
    run.refresh_from_db()
    return run


def settle() -> None:
    """Take the turns of all runs, as controllers do, until no signal waits."""
    for _ in range(10_000):
        waiting = sorted(set(Signal.objects.values_list("run", flat=True)))
        if not waiting:
            return
        for run_id in waiting:
            advance(run_id)
    raise AssertionError("the runs never come to rest")


def play_all(
    agent: Agent, ends: Callable[[str, int], TaskEvent] = lambda _n, _a: TaskEvent.END_WELL
) -> None:
    """Execute what all runs queue, nested ones among them, until nothing is left."""
    settle()
    for _ in range(10_000):
        waiting = list(Task.objects.filter(status=Status.QUEUED, run=None).order_by("pk"))
        if not waiting:
            return
        for task in waiting:
            number = Attempt.objects.get(task=task).number
            claim(task, agent)
            event = ends(task.name, number)
            end(task, event, reason="" if event is TaskEvent.END_WELL else "told to")
        settle()


def statuses(run: Run) -> dict[str, str]:
    """The status of each step by name."""
    return dict(Step.objects.filter(run=run).values_list("path", "status"))


def changes_of(run: Run) -> list[dict[str, Any]]:
    """All changes of the run, as they are sent."""
    return [
        {"n": row.number, "kind": row.kind, "data": row.data, "actor": row.actor}
        for row in Change.objects.filter(run=run).order_by("number")
    ]


def check_run(run: Run) -> None:
    """What must always be true of a run between two turns."""
    run.refresh_from_db()
    assert not Signal.objects.filter(run=run).exists(), "signals were left lying"
    changes = changes_of(run)
    assert [change["n"] for change in changes] == list(range(1, run.last_change + 1))
    folded = fold(empty_view(), changes)
    assert folded["run"]["status"] == run.status
    assert folded["run"]["round"] == run.round
    assert folded["run"]["ended_at"] == iso(run.ended_at)
    assert folded["steps"] == {str(s.index): _step_facts(s) for s in _steps(run)}
    for attempt in Attempt.objects.filter(run=run).select_related("step"):
        told = folded["attempts"][f"{attempt.step.index}.{attempt.number}"]
        assert told["status"] == attempt.status, f"{attempt.step.path}.{attempt.number}"
        assert told["task"] == (str(attempt.task_id) if attempt.task_id else None)
        assert told["parameters"] == attempt.resolved
    _check_counts(run)


def _steps(run: Run) -> list[Step]:
    return list(Step.objects.filter(run=run).order_by("index"))


def _step_facts(step: Step) -> dict[str, Any]:
    return {
        "status": step.status,
        "reason": step.reason,
        "stale": step.stale,
        "attempt": step.attempt,
        "progress": step.progress,
        "started_at": iso(step.started_at),
        "ended_at": iso(step.ended_at),
    }


def _check_counts(run: Run) -> None:
    graph = graph_of_run(run)
    steps = {step.index: step for step in _steps(run)}
    tally: dict[str, int] = {}
    for index, step in steps.items():
        tally[step.status] = tally.get(step.status, 0) + 1
        still_open = sum(steps[parent].status not in FINAL for parent in graph.parents[index])
        is_held = step.status == Status.PENDING and step.due_why == HELD
        assert step.open_parents == still_open + is_held, f"{step.path} miscounts its open parents"
        if graph.nodes[index].is_fan_out:
            _check_items(step, [steps[item] for item in graph.items.get(index, ())])
        elif step.status in (Status.QUEUED, Status.RUNNING, Status.COMPLETED) and not step.stale:
            assert step.attempt > 0, f"{step.path} has no attempt"
    assert run.tally == tally


def _check_items(step: Step, items: list[Step]) -> None:
    listed = items[: step.items or 0]
    still_open = sum(item.status not in FINAL for item in listed)
    assert step.items_open == still_open, f"{step.path} miscounts its open items"
    assert step.attempt == 0, f"{step.path} has an attempt of its own"
