"""Everything may happen to a run: the planner against the oracle, with tasks in memory."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    Ask,
    ByHand,
    Cancel,
    Fact,
    Finish,
    Launch,
    Launched,
    Pause,
    Rerun,
    Resume,
    Skip,
    TaskStands,
    Verb,
    Withdraw,
)
from orchestrator.domain.graph import Graph
from orchestrator.domain.planner import RunView, carry, fold, plan, spread
from orchestrator.domain.states import ACTIVE, Status, TaskEvent, may_move, move
from tests.domain.run_machine import RunMachine, State
from tests.domain.simulation import NOW, view_of
from tests.domain.test_planner_histories import check_tallies
from tests.domain.test_planner_properties import check_counts

EVENTS = {
    "claim": TaskEvent.CLAIM,
    "well": TaskEvent.END_WELL,
    "badly": TaskEvent.END_BADLY,
    "lost": TaskEvent.LEASE_OVER,
    "release": TaskEvent.RELEASE,
    "gone": TaskEvent.CONFIRM_GONE,
}


class InMemory:
    """A view, the tasks of its attempts with their fences, and a mailbox of what was asked."""

    def __init__(self, graph: Graph) -> None:
        self.view = view_of(graph)
        self.tasks: dict[tuple[int, int], tuple[Status, int]] = {}
        self.mailbox: list[Ask] = []
        self.signal = 0

    def agent(self, index: int, attempt: int, event: str, fence: int) -> bool:
        status, current = self.tasks[index, attempt]
        happened = EVENTS[event]
        if fence != current or not may_move(status, happened):
            return False
        if status is Status.QUEUED and event == "lost":
            return False
        raised = fence + (event == "release")
        self.tasks[index, attempt] = move(status, happened), raised
        return True

    def ask(self, verb: str, steps: tuple[int, ...]) -> None:
        self.signal += 1
        match verb:
            case "abort":
                self.mailbox.append(AbortRun(self.signal, "ada"))
            case "abort steps":
                self.mailbox.append(AbortSteps(self.signal, steps, "ada"))
            case "rerun":
                self.mailbox.append(Rerun(self.signal, steps, actor="ada"))
            case "rerun failed":
                self.mailbox.append(Rerun(self.signal, failed=True, actor="ada"))
            case "pause":
                self.mailbox.append(Pause(self.signal, "ada"))
            case "resume":
                self.mailbox.append(Resume(self.signal, "ada"))
            case _:
                self.mailbox.append(ByHand(self.signal, steps[0], Verb(verb), "so", actor="ada"))

    def turn(self, now: float) -> None:
        self.view, self.tasks = self._after_turn(now)
        answered = {remark.data["signal"] for remark in self.view.remarks}
        assert answered == {ask.signal for ask in self.mailbox}, "somebody was not answered"
        self.mailbox = []
        check_counts(self.view)
        check_tallies(self.view)

    def crash(self, now: float, line: int) -> None:
        """Nothing of a turn is there before its commit."""
        tasks = copy.copy(self.tasks)
        first = self._after_turn(now)
        assert self.tasks == tasks
        assert self._after_turn(now) == first

    def state(self) -> State:
        steps = [(step.status.value, step.attempt) for step in self.view.steps.values()]
        return self.view.status.value, self.view.round, steps

    def _after_turn(
        self, seconds: float
    ) -> tuple[RunView, dict[tuple[int, int], tuple[Status, int]]]:
        now, tasks = NOW + timedelta(seconds=seconds), dict(self.tasks)
        before = replace(
            self.view,
            tally=self.view.tally_now(),
            uncounted=self.view.uncounted_now(),
            loaded=self.view.steps,
            loaded_attempts=self.view.attempts,
            cancelled=frozenset(),
            remarks=(),
        )
        heard = [
            TaskStands(index, step.attempt, tasks[index, step.attempt][0])
            for index, step in before.steps.items()
            if step.status in ACTIVE
        ]
        view = spread(fold(before, [*heard, *self.mailbox], now))
        while decisions := plan(view, now):
            facts: list[Fact] = []
            for decision in decisions:
                match decision:
                    case Launch(step):
                        facts.append(Launched(step, f"task of {step}", now))
                    case Cancel(step) | Withdraw(step):
                        key = step, view.steps[step].attempt
                        tasks[key] = move(tasks[key][0], TaskEvent.ABORT), tasks[key][1]
                        facts.append(TaskStands(*key, tasks[key][0]))
                    case Skip() | Finish():
                        view = carry(view, decision, now)
            view = spread(fold(view, facts, now))
            for fact in facts:
                if isinstance(fact, Launched):
                    tasks[fact.step, view.steps[fact.step].attempt] = Status.QUEUED, 1
        return view, tasks


class PlannedRun(RunMachine):
    def make_driver(self, graph: Graph) -> InMemory:
        return InMemory(graph)


def test_whatever_happens_the_planner_and_the_oracle_agree():
    run_state_machine_as_test(
        PlannedRun, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
    )
