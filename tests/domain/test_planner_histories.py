"""Everything that may happen to a run, mixed at random: what must be true after each event."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.changes import empty_view
from orchestrator.domain.changes import fold as fold_changes
from orchestrator.domain.decisions import AbortRun, AbortSteps, Fact, Progressed, Rerun, TaskStands
from orchestrator.domain.graph import Graph, Node, Retries, Trigger
from orchestrator.domain.planner import RunView, fold, news, plan
from orchestrator.domain.states import ACTIVE, FINAL, Status
from tests.domain.simulation import NOW, settle, view_of
from tests.domain.test_planner_properties import check_counts

STANDS = st.sampled_from(
    [Status.COMPLETED] * 6
    + [Status.RUNNING] * 3
    + [Status.FAILED, Status.CRASHED, Status.ABORTED, Status.ABORTING, Status.QUEUED]
)
TRIGGERS = st.sampled_from([Trigger.ALL_SUCCEEDED] * 3 + list(Trigger))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    nodes = []
    for index in range(draw(st.integers(1, 8))):
        above = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else ()
        retries = Retries(number=draw(st.integers(0, 1)), delay=draw(st.sampled_from([0, 5])))
        nodes.append(
            Node(
                index,
                f"n{index}",
                parents=tuple(sorted(above)),
                trigger=draw(TRIGGERS),
                may_fail=draw(st.integers(0, 4)) == 0,
                retries=retries,
            )
        )
    return Graph(tuple(nodes))


class History:
    """A run to which things happen, one or several a turn; what is told of it is kept."""

    def __init__(self, graph: Graph) -> None:
        self.now: datetime = NOW
        self.signal = 0
        self.view = view_of(graph)
        data = {"status": "running", "round": 1, "number": 1, "steps": len(graph)}
        self.told = fold_changes(empty_view(), [{"n": 1, "kind": "run_created", "data": data}])
        self.tell("steps_added", {"first": 0, "count": len(graph)})
        self.turn([])

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        change = {"n": self.told["number"] + 1, "kind": kind, "data": data}
        self.told = fold_changes(self.told, [change])

    def turn(self, facts: list[Fact]) -> None:
        """Take a turn, as the controller does, and look at everything."""
        self.now += timedelta(seconds=1)
        before = replace(
            self.view,
            tally=self.view.tally_now(),
            uncounted=self.view.uncounted_now(),
            loaded=self.view.steps,
            loaded_attempts=self.view.attempts,
            cancelled=frozenset(),
            remarks=(),
        )
        after = settle(fold(before, facts, self.now), self.now)
        for item in news(before, after):
            self.tell(item.kind.value, item.data)
        check_moves(before, after, asked=any(isinstance(fact, Rerun) for fact in facts))
        check_counts(after)
        check_tallies(after)
        assert not after.unspread
        assert after.status in FINAL or plan(after, self.now) == ()
        self.view = after
        self.check_told()

    def check_told(self) -> None:
        assert self.told["run"]["status"] == self.view.status
        assert self.told["run"]["round"] == self.view.round
        for index, step in self.view.steps.items():
            told = self.told["steps"][str(index)]
            facts = (step.status, step.reason, step.stale, step.attempt, step.progress)
            names = ("status", "reason", "stale", "attempt", "progress")
            assert facts == tuple(told[name] for name in names), f"step {index}"
        for (index, number), attempt in self.view.attempts.items():
            assert self.told["attempts"][f"{index}.{number}"]["status"] == attempt.status

    def next_signal(self) -> int:
        self.signal += 1
        return self.signal


def check_moves(before: RunView, after: RunView, *, asked: bool) -> None:
    """Nothing final changes unless somebody asked for it; attempts are never lost."""
    for key, attempt in before.attempts.items():
        if attempt.status in FINAL:
            assert after.attempts[key] == attempt
    if asked:
        return
    assert after.round == before.round
    if before.status in FINAL:
        assert after.status is before.status
    for index, step in before.steps.items():
        if step.status in FINAL:
            assert after.steps[index].status is step.status
            assert after.steps[index].attempt == step.attempt


def check_tallies(view: RunView) -> None:
    statuses = [step.status for step in view.steps.values()]
    assert view.tally_now() == {status: statuses.count(status) for status in set(statuses)}
    if view.status in FINAL:
        assert set(statuses) <= FINAL
    for index, step in view.steps.items():
        current = view.current(index)
        if step.status in ACTIVE:
            assert current is not None
            assert current.status is step.status


@st.composite
def events(draw: st.DrawFn) -> list[tuple[str, int, Any]]:
    step = st.integers(0, 7)
    one = st.one_of(
        st.tuples(st.just("stands"), step, STANDS),
        st.tuples(st.just("stands"), step, STANDS),
        st.tuples(st.just("late"), step, STANDS),
        st.tuples(st.just("progress"), step, st.just(0.5)),
        st.tuples(st.just("rerun"), step, st.booleans()),
        st.tuples(st.just("abort steps"), step, st.none()),
        st.tuples(st.just("wait"), step, st.none()),
        st.tuples(st.just("abort"), st.just(0), st.integers(0, 2)),
    )
    return draw(st.lists(one, max_size=14))


def fact_of(history: History, event: tuple[str, int, Any]) -> Fact | None:
    """The event as a fact, if it can happen: an agent says only what its task allows."""
    kind, place, value = event
    index = place % len(history.view.graph)
    step = history.view.steps[index]
    match kind:
        case "stands" if step.status in ACTIVE:
            if step.status is Status.ABORTING and value in (Status.QUEUED, Status.RUNNING):
                return None
            return TaskStands(index, step.attempt, value, reason="so", ended_at=history.now)
        case "late" if step.attempt > 1:
            return TaskStands(index, step.attempt - 1, value)
        case "progress" if step.attempt:
            return Progressed(index, step.attempt, value)
        case "rerun":
            steps = () if value else (index,)
            return Rerun(history.next_signal(), steps, failed=value)
        case "abort steps":
            return AbortSteps(history.next_signal(), (index,))
        case "abort" if value == 0:
            return AbortRun(history.next_signal())
    return None


def play_to_the_end(history: History) -> None:
    for _ in range(200):
        if history.view.status in FINAL:
            return
        active = [i for i, step in history.view.steps.items() if step.status in ACTIVE]
        if not active:
            # Only a delay may be waited for.
            assert any(step.due_at for step in history.view.steps.values()), "it waits for ever"
            history.now += timedelta(seconds=1000)
        end = Status.COMPLETED
        history.turn([TaskStands(i, history.view.steps[i].attempt, end) for i in active])
    raise AssertionError("the run does not end")


@given(graphs(), events(), st.integers(1, 3))
@settings(max_examples=120)
def test_whatever_happens_in_whatever_order_the_run_is_told_of_truly_and_ends(
    graph, happened, at_a_time
):
    history = History(graph)
    for start in range(0, len(happened), at_a_time):
        together = happened[start : start + at_a_time]
        if any(kind == "wait" for kind, _, _ in together):
            history.now += timedelta(seconds=10)
        facts = [fact for event in together if (fact := fact_of(history, event))]
        history.turn(facts)
    play_to_the_end(history)


@given(graphs(), events(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_facts_of_one_turn_decides_nothing(graph, happened, random):
    history = History(graph)
    facts = {}
    for event in happened:
        fact = fact_of(history, event)
        # A task stands in one way at a time, as its row is read once.
        if fact is not None:
            kind = (type(fact), event[1] % len(graph) if isinstance(fact, TaskStands) else event)
            facts[kind] = fact
    told = list(facts.values())
    mixed = random.sample(told, len(told))
    first = settle(fold(history.view, told, NOW), NOW)
    other = settle(fold(history.view, mixed, NOW), NOW)
    assert first == other


@given(graphs(), events())
@settings(max_examples=40)
def test_facts_that_come_twice_say_nothing_new(graph, happened):
    history = History(graph)
    for event in happened:
        fact = fact_of(history, event)
        if isinstance(fact, TaskStands | Progressed):
            history.turn([fact])
            if fact.step in history.view.steps and history.view.steps[fact.step].attempt == (
                fact.attempt
            ):
                number = history.told["number"]
                history.turn([fact])
                assert history.told["number"] == number
        elif fact is not None:
            history.turn([fact])
