"""A run to which everything may happen, in any order: what is played must agree with the oracle.

The machine knows nothing of how runs are kept. Who drives it says how: the planner with values in
memory (``test_run_machine``), or rows and turns in a database (``tests/engine``).
"""

from __future__ import annotations

from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from orchestrator.domain.graph import Graph, Node, Retries, Trigger
from tests.domain.oracle import FINAL, LIVE, Oracle

DELAY = 1000
"""Seconds before a retry: more than a test takes."""

State = tuple[str, int, list[tuple[str, int]]]
PLACES = st.integers(0, 7)


class Driver(Protocol):
    """Somebody who keeps a run and lets things happen to it."""

    def agent(self, index: int, attempt: int, event: str, fence: int) -> bool:
        """An agent's compare-and-set; the answer is whether it won."""

    def ask(self, verb: str, steps: tuple[int, ...]) -> None:
        """A person wants something."""

    def turn(self, now: float) -> None:
        """Take a turn of the run."""

    def crash(self, now: float, line: int) -> None:
        """Take a turn that ends at one of its lines."""

    def state(self) -> State:
        """Status and round of the run, status and number of attempts of each step."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to eight steps with up to three parents each, some of which are tried again."""
    nodes = []
    for index in range(draw(st.integers(1, 8))):
        above = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else ()
        nodes.append(
            Node(
                index,
                f"n{index}",
                parents=tuple(sorted(above)),
                trigger=draw(st.sampled_from([Trigger.ALL_SUCCEEDED] * 3 + list(Trigger))),
                may_fail=draw(st.integers(0, 4)) == 0,
                retries=Retries(number=draw(st.integers(0, 2)), delay=DELAY),
            )
        )
    return Graph(tuple(nodes))


class RunMachine(RuleBasedStateMachine):
    """Trigger, claim, end, duplicate, stale fence, lease, abort, rerun, retry, pause, crash."""

    driver: Driver
    oracle: Oracle

    def make_driver(self, graph: Graph) -> Driver:
        raise NotImplementedError

    @initialize(graph=graphs())
    def trigger(self, graph: Graph) -> None:
        self.driver = self.make_driver(graph)
        self.oracle = Oracle(graph)
        self.asks: list[tuple[str, tuple[int, ...]]] = []
        self.done: list[tuple[int, int, str, int]] = []
        self.now = 0.0
        self.turn()

    @rule()
    def turn(self) -> None:
        self.driver.turn(self.now)
        self.oracle.turn(self.asks, self.now)
        self.asks = []
        self.compare()

    def compare(self) -> None:
        steps = [(step.status, step.attempt) for step in self.oracle.steps]
        assert self.driver.state() == (self.oracle.run, self.oracle.round, steps)

    @precondition(lambda self: self.tasks("queued"))
    @rule(place=PLACES)
    def claim(self, place: int) -> None:
        self.agent_says("claim", self.pick("queued", place))

    @precondition(lambda self: self.tasks("queued"))
    @rule(place=PLACES, word=st.sampled_from(["well", "well", "badly", "lost"]))
    def claim_and_end(self, place: int, word: str) -> None:
        index = self.pick("queued", place)
        self.agent_says("claim", index)
        self.agent_says(word, index)
        self.turn()

    @precondition(lambda self: self.tasks("queued"))
    @rule(words=st.lists(st.sampled_from(["well", "badly", "lost"]), min_size=1, max_size=8))
    def many_end_before_the_next_turn(self, words: list[str]) -> None:
        for index, word in zip(self.tasks("queued"), words, strict=False):
            self.agent_says("claim", index)
            self.agent_says(word, index)
        self.turn()

    @precondition(lambda self: self.tasks("running", "aborting"))
    @rule(place=PLACES, word=st.sampled_from(["well", "badly", "badly"]))
    def finish(self, place: int, word: str) -> None:
        self.agent_says(word, self.pick("running aborting", place))

    @precondition(lambda self: self.tasks("running", "aborting"))
    @rule(place=PLACES)
    def lease_is_over(self, place: int) -> None:
        self.agent_says("lost", self.pick("running aborting", place))

    @precondition(lambda self: self.tasks("aborting"))
    @rule(place=PLACES)
    def is_gone(self, place: int) -> None:
        self.agent_says("gone", self.pick("aborting", place))

    @precondition(lambda self: self.tasks("running"))
    @rule(place=PLACES)
    def agent_gives_back(self, place: int) -> None:
        self.agent_says("release", self.pick("running", place))

    @precondition(lambda self: self.done)
    @rule(place=PLACES)
    def message_comes_again(self, place: int) -> None:
        """What an agent did once it does again; its fence or the status tells it to leave."""
        index, attempt, word, fence = self.done[-1 - place % len(self.done)]
        step = self.oracle.steps[index]
        expected = attempt == step.attempt and self.oracle.agent(index, word, fence)
        assert self.driver.agent(index, attempt, word, fence) == expected

    @precondition(lambda self: self.tasks("running", "aborting"))
    @rule(place=PLACES, word=st.sampled_from(["well", "badly"]), off=st.sampled_from([-1, 1]))
    def fence_is_stale(self, place: int, word: str, off: int) -> None:
        index = self.pick("running aborting", place)
        step = self.oracle.steps[index]
        assert not self.driver.agent(index, step.attempt, word, step.fence + off)

    @rule(place=PLACES, line=st.integers(0, 5))
    def dies_between_lines(self, place: int, line: int) -> None:
        before = self.driver.state()
        self.driver.crash(self.now, line)
        assert self.driver.state() == before

    @rule()
    def time_passes(self) -> None:
        self.now += 2 * DELAY
        self.turn()

    @rule(really=st.sampled_from([False] * 5 + [True]))
    def abort(self, really: bool) -> None:
        if really:
            self.ask("abort")

    @rule(place=PLACES)
    def abort_step(self, place: int) -> None:
        self.ask("abort steps", self.step_at(place))

    @rule(place=PLACES, below=st.booleans())
    def rerun(self, place: int, below: bool) -> None:
        first = self.step_at(place)
        more = self.oracle.graph.descendants(first) if below else ()
        self.ask("rerun", first, *more)

    @rule()
    def rerun_what_failed(self) -> None:
        self.ask("rerun failed")

    @rule()
    def pause(self) -> None:
        self.ask("pause")

    @rule()
    def resume(self) -> None:
        self.ask("resume")

    @rule(place=PLACES, verb=st.sampled_from(["skip", "complete", "fail"]))
    def end_by_hand(self, place: int, verb: str) -> None:
        self.ask(verb, self.step_at(place))

    def ask(self, verb: str, *steps: int) -> None:
        chosen = tuple(sorted(steps))
        self.driver.ask(verb, chosen)
        self.asks.append((verb, chosen))

    def agent_says(self, word: str, index: int) -> None:
        step = self.oracle.steps[index]
        fence = step.fence
        assert self.driver.agent(index, step.attempt, word, fence)
        assert self.oracle.agent(index, word, fence)
        self.done.append((index, step.attempt, word, fence))

    def tasks(self, *words: str) -> list[int]:
        """The steps whose task stands so."""
        return [
            index
            for index, step in enumerate(self.oracle.steps)
            if step.status in LIVE and step.task in words
        ]

    def pick(self, words: str, place: int) -> int:
        found = self.tasks(*words.split())
        return found[place % len(found)]

    def step_at(self, place: int) -> int:
        return place % len(self.oracle.steps)

    def teardown(self) -> None:
        """Whatever it has been through, it ends when agents do their work."""
        if not hasattr(self, "driver"):
            return
        for _ in range(100):
            self.now += 2 * DELAY
            self.ask("resume")
            self.turn()
            if self.oracle.run in FINAL:
                return
            for index in self.tasks("queued"):
                self.agent_says("claim", index)
            for index in self.tasks("running", "aborting"):
                self.agent_says("well", index)
        raise AssertionError(f"the run does not end: {self.driver.state()}")


__all__: list[Any] = ["DELAY", "Driver", "RunMachine", "State"]
