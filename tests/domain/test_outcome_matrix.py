"""How a step, what follows it, what does not, and the run end: the matrix of all bad ends.

a → b, and c, which has nothing to do with them. Other products let the run end *completed* or
never in half of these cases; the comments say which, so that nobody goes back there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    ByHand,
    Fact,
    Skip,
    SkippedBy,
    TaskStands,
    Verb,
)
from orchestrator.domain.graph import Graph, Retries, Trigger
from orchestrator.domain.planner import RunView, StepView, fold
from orchestrator.domain.states import ACTIVE, FINAL, Status
from tests.domain.simulation import NOW, changed, graph, settle, view_of, with_options

A, B, C, RUN = 0, 1, 2, -1
LATER = NOW + timedelta(hours=1)
Happening = Callable[[RunView], list[Fact]] | int
"""What becomes of the run in a turn; or so many seconds in which nothing happens."""


def ends(status: Status, reason: str = "") -> Happening:
    """The task of a ends so, in its current attempt."""
    return lambda view: [TaskStands(A, view.steps[A].attempt, status, reason, started_at=NOW)]


def runs(view: RunView) -> list[Fact]:
    return [TaskStands(i, 1, Status.RUNNING, started_at=NOW) for i in (A, C)]


def aborted_by_somebody(view: RunView) -> list[Fact]:
    return [AbortSteps(1, (A,), "ada")]


def run_aborted_by_somebody(view: RunView) -> list[Fact]:
    return [AbortRun(1, "ada")]


def by_hand(verb: Verb) -> Happening:
    return lambda view: [ByHand(1, A, verb, "it is known", actor="ada")]


@dataclass
class Case:
    """What is special about the steps, what happens one turn after the other, how all ends."""

    title: str
    expected: str
    happens: tuple[Happening, ...] = ()
    a: dict[str, Any] = field(default_factory=dict)
    b: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    cannot_launch: dict[int, str | Skip] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)


FAILS = (runs, ends(Status.FAILED, "exit code 1"))
ABORTED = (runs, aborted_by_somebody, ends(Status.ABORTED, "ended on request"))
RETRIED = {"retries": Retries(number=2)}
WHATEVER = {"trigger": Trigger.ALL_DONE}

MATRIX = [
    Case(
        "a fails",
        "failed skipped completed: failed",
        FAILS,
        reasons={A: "exit code 1", B: '"a" failed'},
    ),
    # Elsewhere b is skipped even so: "may fail" there says nothing about the children.
    Case("a fails and may", "failed completed completed: completed", FAILS, a={"may_fail": True}),
    # Elsewhere the run has completed, as if nothing had failed.
    Case(
        "a fails, b runs whatever happens", "failed completed completed: failed", FAILS, b=WHATEVER
    ),
    Case(
        "a fails and may, b runs whatever happens",
        "failed completed completed: completed",
        FAILS,
        a={"may_fail": True},
        b=WHATEVER,
    ),
    Case(
        "a fails, b runs if something did",
        "failed completed completed: failed",
        FAILS,
        b={"trigger": Trigger.ANY_FAILED},
    ),
    # Elsewhere the run has failed, though nothing did.
    Case(
        "a is aborted",
        "aborted skipped completed: aborted",
        ABORTED,
        reasons={B: '"a" was aborted'},
    ),
    Case(
        "a is aborted and may",
        "aborted completed completed: completed",
        ABORTED,
        a={"may_fail": True},
    ),
    # Elsewhere the run has completed.
    Case(
        "a is aborted, b runs all the same",
        "aborted completed completed: aborted",
        ABORTED,
        b=WHATEVER,
    ),
    Case(
        "the run is aborted",
        "aborted skipped aborted: aborted",
        (runs, run_aborted_by_somebody, ends(Status.ABORTED)),
        reasons={B: "the run was aborted"},
    ),
    Case(
        "the run is aborted, but a has failed first",
        "failed skipped aborted: failed",
        (*FAILS, run_aborted_by_somebody),
    ),
    Case(
        "a fails twice and then succeeds",
        "completed completed completed: completed",
        (*FAILS, *FAILS),
        a=RETRIED,
    ),
    Case(
        "a fails once too often",
        "failed skipped completed: failed",
        (*FAILS, *FAILS, *FAILS),
        a=RETRIED,
    ),
    Case(
        "the agent of a is lost once",
        "completed completed completed: completed",
        (runs, ends(Status.CRASHED, "its agent was lost")),
    ),
    Case(
        "the agents of a are lost three times",
        "crashed skipped completed: failed",
        (runs, *[ends(Status.CRASHED, "its agent was lost")] * 3),
        reasons={A: "its agent was lost"},
    ),
    # Elsewhere b runs and the run has completed.
    Case(
        "a takes longer than it may",
        "failed skipped completed: failed",
        (runs, ends(Status.FAILED, "it took longer than 2 s")),
        reasons={A: "it took longer than 2 s"},
    ),
    # Elsewhere the controller dies of it, what runs is left alone and the run never ends.
    Case(
        "b refers to what is not there",
        "completed failed completed: failed",
        (runs, ends(Status.COMPLETED)),
        cannot_launch={B: "${a.nope} has no value"},
        reasons={B: "${a.nope} has no value"},
    ),
    # Elsewhere a stays queued and the run never ends.
    Case(
        "a has no queue to go to",
        "failed skipped completed: failed",
        cannot_launch={A: 'there is no queue "gone"'},
        reasons={A: 'there is no queue "gone"', B: '"a" failed'},
    ),
    # Elsewhere the controller dies of it.
    Case(
        "a waits in its queue for longer than it may",
        "failed skipped completed: failed",
        (61,),
        a={"queue_timeout": 60},
        reasons={A: "it waited in its queue for 1 min"},
    ),
    # Elsewhere the run has completed: nobody tells it that it was too late.
    Case(
        "the run takes longer than it may",
        "aborted skipped aborted: failed",
        (runs, 61, ends(Status.ABORTED)),
        run={"timeout": 60},
        reasons={RUN: "the run took longer than 1 min"},
    ),
    Case(
        "a fails, and the run is to end with its first failure",
        "failed skipped aborted: failed",
        FAILS,
        run={"abort_on_failure": True},
    ),
    Case(
        "a fails and may, and the run is to end with its first failure",
        "failed completed completed: completed",
        FAILS,
        a={"may_fail": True},
        run={"abort_on_failure": True},
    ),
    Case(
        "a's condition is not met",
        "skipped skipped completed: completed",
        cannot_launch={A: Skip(A, SkippedBy.CONDITION, "its condition is not met")},
        reasons={A: "its condition is not met", B: '"a" was skipped'},
    ),
    Case(
        "a's condition is not met, b runs all the same",
        "skipped completed completed: completed",
        cannot_launch={A: Skip(A, SkippedBy.CONDITION, "its condition is not met")},
        b=WHATEVER,
    ),
    Case(
        "a is skipped by somebody",
        "skipped skipped completed: completed",
        (by_hand(Verb.SKIP),),
        reasons={A: "by ada: it is known"},
    ),
    Case(
        "a is said to have completed after it failed",
        "completed completed completed: completed",
        (*FAILS, by_hand(Verb.COMPLETE)),
    ),
    Case(
        "a is said to have failed after it completed",
        "failed completed completed: failed",
        (runs, ends(Status.COMPLETED), by_hand(Verb.FAIL)),
    ),
]


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.title)
def test_everything_ends_as_the_matrix_says(case: Case) -> None:
    view = played(case)
    found = " ".join(step.status for step in view.steps.values())
    assert f"{found}: {view.status}" == case.expected
    for index, reason in case.reasons.items():
        assert (view if index == RUN else view.steps[index]).reason == reason


def played(case: Case) -> RunView:
    """Let the case happen, then let everything that still can end well."""
    now, limit = NOW, case.run.get("timeout")
    begun = replace(view_of(graph_of(case)), deadline_at=limit and NOW + timedelta(seconds=limit))
    view = settle(begun, now, case.cannot_launch)
    for happening in case.happens:
        if isinstance(happening, int):
            now += timedelta(seconds=happening)
        facts = [] if isinstance(happening, int) else happening(view)
        view = settle(fold(view, facts, now), now, case.cannot_launch)
    for _ in range(10):
        if view.status in FINAL:
            return view
        facts = [
            TaskStands(index, step.attempt, end_of(step))
            for index, step in view.steps.items()
            if step.status in ACTIVE
        ]
        view = settle(fold(view, facts, LATER), LATER, case.cannot_launch)
    raise AssertionError(f"it never ends: {view.steps}")


def end_of(step: StepView) -> Status:
    return Status.ABORTED if step.status is Status.ABORTING else Status.COMPLETED


def graph_of(case: Case) -> Graph:
    return with_options(changed(changed(graph((), (A,), ()), A, **case.a), B, **case.b), **case.run)
