"""Whole runs played in memory: the planner's answers are carried out at once, by nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from orchestrator.domain.decisions import (
    Awaits,
    Cancel,
    CouldNotLaunch,
    Dismiss,
    Fact,
    Finish,
    Launch,
    Launched,
    PauseBefore,
    Skip,
    TaskStands,
    Withdraw,
)
from orchestrator.domain.graph import Graph, Kind, Node, Options
from orchestrator.domain.planner import RunView, StepView, carry, fold, plan, spread
from orchestrator.domain.states import ACTIVE, FINAL, Status

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def graph(*parents: Sequence[int], **of_all: object) -> Graph:
    """A graph by the parents of each node; names are a, b, c…"""
    return Graph(
        tuple(
            Node(index, chr(97 + index) if index < 26 else f"n{index}", parents=tuple(above))
            for index, above in enumerate(parents)
        )
    )


def changed(graph: Graph, index: int, **values: object) -> Graph:
    """The graph with one node changed."""
    nodes = list(graph.nodes)
    nodes[index] = replace(nodes[index], **values)  # type: ignore[arg-type]
    return replace(graph, nodes=tuple(nodes))


def with_options(graph: Graph, **said: object) -> Graph:
    """The graph of a run that behaves so."""
    return replace(graph, options=Options(**said))  # type: ignore[arg-type]


def view_of(graph: Graph) -> RunView:
    """A run that has just started: all steps pending."""
    steps = {
        node.index: StepView(node.index, open=len(graph.parents[node.index]))
        for node in graph.nodes
    }
    return RunView(
        graph,
        tally={Status.PENDING: len(steps)} if steps else {},
        uncounted={Status.PENDING: n} if (n := sum(x.may_fail for x in graph.nodes)) else {},
        steps=steps,
        loaded=steps,
        timeout=graph.options.timeout,
        pause_at=graph.options.pause_at,
    )


def settle(
    view: RunView,
    now: datetime = NOW,
    cannot: Mapping[int, str | Skip] | None = None,
    withdrawn: Status = Status.ABORTED,
) -> RunView:
    """Carry out what is planned until nothing follows; tasks are only launched, not ended.

    *cannot* says of steps why they cannot be launched, or why not need be; *withdrawn* is
    how a queued task is found that was to be ended.
    """
    cannot = cannot or {}
    view = spread(view)
    while decisions := plan(view, now):
        facts: list[Fact] = []
        for decision in decisions:
            match decision:
                case Launch(step) if step in cannot:
                    said = cannot[step]
                    if isinstance(said, Skip):
                        view = carry(view, said, now)
                    else:
                        facts.append(CouldNotLaunch(step, said))
                case Launch(step) if view.graph.nodes[step].kind is Kind.APPROVAL:
                    facts.append(Awaits(step, frozenset(view.graph.parents[step])))
                case Launch(step):
                    number = view.steps[step].attempt
                    inputs = frozenset(view.graph.parents[step])
                    facts.append(Launched(step, f"task {step}.{number}", now, inputs))
                case Cancel(step):
                    status = view.steps[step].status
                    ended = Status.ABORTED if status is Status.QUEUED else Status.ABORTING
                    facts.append(TaskStands(step, view.steps[step].attempt, ended))
                case Withdraw(step):
                    facts.append(TaskStands(step, view.steps[step].attempt, withdrawn))
                case Skip() | Dismiss() | PauseBefore() | Finish():
                    view = carry(view, decision, now)
        view = spread(fold(view, facts, now))
    return view


def ended(view: RunView, step: int, status: Status, now: datetime = NOW) -> RunView:
    """The task of a step has ended so, and what follows from it."""
    fact = TaskStands(step, view.steps[step].attempt, status, started_at=now, ended_at=now)
    return settle(fold(view, [fact], now), now)


Ends = Callable[[int, int], Status]


def play(
    view: RunView, ends: Ends, order: Callable[[list[int]], int] = lambda waiting: 0
) -> RunView:
    """Play to the end; *ends* gives each (step, attempt) its end, *order* who ends next."""
    now = NOW
    view = settle(view, now)
    for _ in range(100_000):
        if view.status in FINAL:
            return view
        waiting = sorted(i for i, step in view.steps.items() if step.status in ACTIVE)
        now += timedelta(seconds=1000)
        if not waiting:
            view = settle(view, now)
            assert view.status in FINAL or any(
                step.status in ACTIVE for step in view.steps.values()
            ), f"nothing moves any more: {statuses(view)}"
            continue
        step = waiting[order(waiting) % len(waiting)]
        view = ended(view, step, ends(step, view.steps[step].attempt), now)
    raise AssertionError(f"the run does not end: {statuses(view)}")


def statuses(view: RunView) -> str:
    """The letters of the steps' statuses: first of each word, crashed as x."""
    return "".join("x" if s.status is Status.CRASHED else s.status[0] for s in view.steps.values())
