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
    Gather,
    Halt,
    HoldBack,
    Launch,
    Launched,
    PauseBefore,
    Skip,
    SpreadOut,
    TaskStands,
    Withdraw,
)
from orchestrator.domain.fan_outs import Part, with_parts
from orchestrator.domain.graph import Graph, Kind, Node, Options
from orchestrator.domain.planner import (
    RunView,
    StepView,
    carry,
    fold,
    gathered_of,
    plan,
    spread,
)
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
    view = told(view)
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
                case Launch(step) if view.graph.nodes[step].is_fan_out:
                    for_each = view.graph.nodes[step].for_each
                    view = spread_out(view, step, len(for_each.list) if for_each else 0)
                case Gather(step):
                    facts.append(gathered_from(view, step))
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
                case Skip() | Dismiss() | PauseBefore() | Finish() | HoldBack() | Halt():
                    view = carry(view, decision, now)
        view = told(fold(view, facts, now))
    return view


def told(view: RunView) -> RunView:
    """Everybody counts anew; what is told may have to be told on."""
    while view.unspread:
        view = spread(view)
    return view


def spread_out(view: RunView, step: int, count: int, now: datetime = NOW) -> RunView:
    """The list of a fan-out is known; its new items are added as the turns of the engine do."""
    graph, members = view.graph, view.graph.members.get(step, (step,))
    known = len(graph.items.get(members[0], ()))
    view = fold(view, [SpreadOut(step, count)], now)
    if count <= known:
        return view
    longer = with_parts(graph, [Part(step, len(graph), known, count - known)])
    fresh = {
        node.index: StepView(node.index, open=len(longer.parents[node.index]))
        for node in longer.nodes[len(graph) :]
    }
    return replace(
        view,
        graph=longer,
        steps={**view.steps, **fresh},
        loaded={**view.loaded, **fresh},
        tally=_more(view.tally, len(fresh)),
        uncounted=_more(view.uncounted, len(fresh)),
    )


def _more(tally: Mapping[Status, int], pending: int) -> Mapping[Status, int]:
    return {**tally, Status.PENDING: tally.get(Status.PENDING, 0) + pending}


def gathered_from(view: RunView, step: int) -> Fact:
    """How the items of a fan-out ended, counted."""
    items = view.graph.items.get(step, ())[: view.steps[step].items]
    return gathered_of(step, [view.steps[item] for item in items])


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
        waiting = sorted(
            i
            for i, step in view.steps.items()
            if step.status in ACTIVE and not view.graph.nodes[i].is_fan_out
        )
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
