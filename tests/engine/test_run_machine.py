"""Everything may happen to a run: turns over rows and the agents' statements against the oracle.

Few runs, as each costs many statements; the many are played in ``tests/domain``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from orchestrator import clock
from orchestrator.actions.runs import start_run
from orchestrator.controller import advance
from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Attempt, Change, Pipeline, Run, Step, Task
from orchestrator.store import execution, records, signals, turns
from tests.domain.run_machine import RunMachine, State
from tests.engine.playing import check_run, make_agent
from tests.makers import make_pipeline, make_project, make_template

pytestmark = pytest.mark.django_db

LINES = (
    "write_steps",
    "write_attempts",
    "write_changes",
    "write_run",
    "delete_signals",
)
"""Where a turn is let die: before each of these, so after all that came before."""

EVENTS = {
    "well": TaskEvent.END_WELL,
    "badly": TaskEvent.END_BADLY,
    "gone": TaskEvent.CONFIRM_GONE,
}


class Killed(Exception):
    """The process that took the turn is no more."""


class InRows:
    """A run in the database; turns are the controller's, the agent plays by its statements."""

    def __init__(self, graph: Graph, pipeline_of: Callable[[Graph], Pipeline]) -> None:
        self.run = start_run(actor="ada", pipeline=pipeline_of(graph))
        self.names = [node.name for node in graph.nodes]
        self.agent_id = make_agent().pk
        self.asked: set[int] = set()

    def agent(self, index: int, attempt: int, event: str, fence: int) -> bool:
        task = Task.objects.get(
            attempts__run=self.run, attempts__step__index=index, attempts__number=attempt
        )
        if event == "claim":
            return execution.claim(task.pk, fence, self.agent_id, 1000) is not None
        if event == "release":
            return execution.release(task.pk, fence, self.agent_id)
        if event == "lost":
            return self._lease_is_over(task, fence)
        result = execution.Result(EVENTS[event], reason="so")
        return execution.finish(task.pk, fence, self.agent_id, result) is not None

    def _lease_is_over(self, task: Task, fence: int) -> bool:
        past = timezone.now() - timedelta(seconds=1)
        held = Task.objects.filter(pk=task.pk, fence=fence, lease_until__isnull=False)
        held.update(lease_until=past)
        clock.end_leases()
        return Task.objects.get(pk=task.pk).status != task.status

    def ask(self, verb: str, steps: tuple[int, ...]) -> None:
        kind = {"abort steps": "abort_steps", "rerun failed": "rerun"}.get(verb, verb)
        data: dict[str, Any] = {"steps": list(steps)} if steps else {}
        if verb == "rerun failed":
            data["failed"] = True
        if verb in ("skip", "complete", "fail"):
            data = {"step": steps[0], "reason": "so"}
        self.asked.add(signals.put(self.run.pk, kind, data, "ada"))

    def turn(self, now: float) -> None:
        self._let_time_pass(now)
        advance(self.run.pk)
        check_run(self.run)
        answers = Change.objects.filter(run=self.run, kind__in=("asked", "refused"))
        told = {data["signal"] for data in answers.values_list("data", flat=True)}
        assert told == self.asked, "somebody was not answered"

    def crash(self, now: float, line: int) -> None:
        """A turn that dies leaves nothing behind, its mail included."""
        mail = signals.are_waiting(self.run.pk)
        with patch.object(records, LINES[line % len(LINES)], side_effect=Killed):
            try:
                advance(self.run.pk)
            except Killed:
                assert signals.are_waiting(self.run.pk) == mail

    def state(self) -> State:
        self.run.refresh_from_db()
        rows = Step.objects.filter(run=self.run).order_by("index")
        return self.run.status, self.run.round, list(rows.values_list("status", "attempt"))

    def _let_time_pass(self, now: float) -> None:
        if now > getattr(self, "now", 0.0):
            due = timezone.now() - timedelta(seconds=1)
            Step.objects.filter(run=self.run, due_at__isnull=False).update(due_at=due)
            Run.objects.filter(pk=self.run.pk, due_at__isnull=False).update(due_at=due)
        self.now = now


def document_of(graph: Graph) -> dict[str, Any]:
    return {"schema": 1, "steps": [step_of(graph, node) for node in graph.nodes]}


def step_of(graph: Graph, node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "template": "load",
        "parents": [graph.nodes[parent].name for parent in node.parents],
        "trigger": node.trigger.value,
        "may_fail": node.may_fail,
        "retries": {"number": node.retries.number, "delay": node.retries.delay},
    }


@pytest.mark.parametrize("cut", [False, True], ids=["whole turns", "turns that are cut"])
def test_whatever_happens_the_turns_and_the_oracle_agree(broker, monkeypatch, cut):
    if cut:
        monkeypatch.setattr(turns, "DECISIONS_A_TURN", 2)
        monkeypatch.setattr(turns, "STEPS_A_TURN", 3)
    project = make_project()
    make_template(project)
    made = []

    def pipeline_of(graph: Graph) -> Pipeline:
        made.append(graph)
        slug = f"machine-{len(made)}"
        return make_pipeline(project, slug, document=document_of(graph))

    class RunInRows(RunMachine):
        def make_driver(self, graph: Graph) -> InRows:
            return InRows(graph, pipeline_of)

    run_state_machine_as_test(
        RunInRows,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Attempt.objects.exists()
