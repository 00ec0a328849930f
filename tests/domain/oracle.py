"""The rules as one tells them to a colleague: what a run must look like, whatever happened to it.

Written to be read beside the planner and to share nothing with it: it looks at the whole run each
time, keeps no counts and knows no views. What the machine in ``run_machine`` plays is right when
both agree after every turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orchestrator.domain.graph import Graph

FINAL: Final = ("completed", "skipped", "failed", "crashed", "aborted")
BAD: Final = ("failed", "crashed", "aborted")
LIVE: Final = ("queued", "running", "aborting")
GOING: Final = ("running", "paused")
AGENTS: Final = {
    "claim": {"queued": "running"},
    "well": {"running": "completed", "aborting": "completed"},
    "badly": {"running": "failed", "aborting": "aborted"},
    "lost": {"running": "crashed", "aborting": "aborted"},
    "release": {"running": "queued"},
    "gone": {"aborting": "aborted"},
}
"""What an agent, or the end of its lease, makes of a task."""


@dataclass
class Known:
    """A step: *before* is how the attempt before a retry ended, while the retry waits; *again*
    is set when somebody wants another attempt as soon as the living one has ended."""

    status: str = "pending"
    attempt: int = 0
    task: str = ""
    fence: int = 0
    is_prepared: bool = False
    before: str = ""
    again: bool = False
    due: float = 0
    retried: int = 0
    crashed: int = 0
    skipped: str = ""


@dataclass
class Oracle:
    """A run with its steps, and the tasks of their current attempts."""

    graph: Graph
    run: str = "running"
    round: int = 1
    is_aborted: bool = False
    steps: list[Known] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.steps = [Known() for _ in self.graph.nodes]

    def agent(self, index: int, event: str, fence: int) -> bool:
        """An agent says what became of its task; False: nobody listens to that any more."""
        step = self.steps[index]
        after = AGENTS[event].get(step.task)
        if after is None or fence != step.fence:
            return False
        step.task = after
        step.fence += event == "release"
        return True

    def turn(self, asks: Sequence[tuple[str, tuple[int, ...]]], now: float) -> None:
        """The run hears of its tasks and of what people want, and does what follows."""
        self.cancelled, self.withdrawn = set(), set()
        for index, step in enumerate(self.steps):
            if step.status in LIVE:
                self._hear(index, now)
        for verb, steps in asks:
            self._ask(verb, steps)
        while follows := self._what_follows(now):
            for index, what in follows:
                self._do(index, what)
        if self.run in (*GOING, "aborting") and all(s.status in FINAL for s in self.steps):
            self.run = self._outcome()

    def _hear(self, index: int, now: float) -> None:
        step, retries = self.steps[index], self.graph.nodes[index].retries
        step.status = ended = step.task
        if self.run in GOING and step.again and ended in FINAL:
            self._renew(index)
            return
        if self.run not in GOING or ended not in ("failed", "crashed"):
            return
        free = ended == "crashed" and step.crashed < 2
        if not free and step.retried >= retries.number:
            return
        delay = 0 if free else retries.delay * retries.factor**step.retried
        step.due = now + delay
        step.retried += not free
        step.crashed = step.crashed + 1 if ended == "crashed" else 0
        step.status, step.before, step.is_prepared = "pending", ended, True
        step.attempt += 1

    def _ask(self, verb: str, chosen: tuple[int, ...]) -> None:
        if verb == "abort" and self.run not in FINAL:
            self.run, self.is_aborted = "aborting", True
        elif verb == "abort steps":
            for index in chosen:
                step = self.steps[index]
                if step.status in LIVE:
                    self.cancelled.add(index)
                    step.again = False
                elif step.before:
                    self._give_up(step)
        elif verb == "rerun failed":
            bad = tuple(i for i, step in enumerate(self.steps) if step.status in BAD)
            self._rerun(bad, tuple(range(len(self.steps))))
        elif verb == "rerun":
            self._rerun(chosen, self.graph.descendants(*chosen))
        elif verb == "pause" and self.run == "running":
            self.run = "paused"
        elif verb == "resume" and self.run == "paused":
            self.run = "running"
        elif verb == "skip" and self.run != "aborting":
            self._skip(chosen[0])
        elif verb in ("complete", "fail") and self.run != "aborting":
            self._end_by_hand(chosen[0], "completed" if verb == "complete" else "failed")

    def _skip(self, index: int) -> None:
        """Only what has not started: one that stands in a queue is taken out of it."""
        step = self.steps[index]
        if step.status == "pending":
            self._do(index, "passed")
        elif step.status == "queued":
            self.withdrawn.add(index)
            step.again = False

    def _end_by_hand(self, index: int, status: str) -> None:
        """What waits or has ended has another attempt from now on, which ended so."""
        step = self.steps[index]
        if step.status in LIVE:
            return
        self._reopen()
        self.steps[index] = Known(status, step.attempt + 1)
        for below in self._in_vain(self.graph.descendants(index), (index,)):
            self.steps[below] = Known(attempt=self.steps[below].attempt)
        self._forget_abort()

    def _rerun(self, chosen: tuple[int, ...], among: tuple[int, ...]) -> None:
        in_vain = self._in_vain(among, chosen)
        if self.run == "aborting" or not (chosen or in_vain):
            return
        self._reopen()
        for index in in_vain:
            self.steps[index] = Known(attempt=self.steps[index].attempt)
        for index in chosen:
            step = self.steps[index]
            if step.status in LIVE:
                step.again = True
                self.withdrawn.discard(index)
            elif step.status in FINAL:
                self._renew(index)
            else:
                step.due = step.retried = step.crashed = 0
        self._forget_abort()

    def _in_vain(self, among: Sequence[int], chosen: Sequence[int]) -> list[int]:
        """What was skipped because of something bad, and is not chosen itself."""
        bad = ("bad", "abort")
        return [i for i in among if i not in chosen and self.steps[i].skipped in bad]

    def _reopen(self) -> None:
        if self.run in FINAL:
            self.run, self.round = "running", self.round + 1

    def _forget_abort(self) -> None:
        """That the run was aborted matters no more once nothing is left out because of it."""
        if not any(step.skipped == "abort" for step in self.steps):
            self.is_aborted = False

    def _renew(self, index: int) -> None:
        self.steps[index] = Known(attempt=self.steps[index].attempt + 1, is_prepared=True)
        self.cancelled.discard(index)

    def _what_follows(self, now: float) -> list[tuple[int, str]]:
        found = []
        for index, step in enumerate(self.steps):
            is_to_end = self.run == "aborting" or index in self.cancelled or step.again
            if step.status in ("queued", "running") and is_to_end:
                found.append((index, "end"))
            elif step.status == "pending" and self.run == "aborting":
                found.append((index, "abort"))
            elif step.status == "queued" and index in self.withdrawn:
                found.append((index, "withdraw"))
            elif step.status == "pending" and self.run in GOING:
                verdict = self._verdict(index)
                held = step.due > now or self.run == "paused"
                if verdict != "wait" and not (verdict == "start" and held):
                    found.append((index, verdict))
        return found

    def _verdict(self, index: int) -> str:
        node = self.graph.nodes[index]
        parents = [self._stands(parent) for parent in node.parents]
        if not parents:
            return "start"
        ends = "open" not in parents
        may_start, may_never = {
            "all_succeeded": (set(parents) == {"good"}, bool({"bad", "passed"} & set(parents))),
            "none_failed": (
                ends and "good" in parents and "bad" not in parents,
                "bad" in parents or ends,
            ),
            "all_done": (ends, False),
            "any_failed": ("bad" in parents, ends),
            "any_succeeded": ("good" in parents, ends),
        }[node.trigger]
        if may_start:
            return "start"
        if may_never:
            return "bad" if "bad" in parents else "passed"
        return "wait"

    def _stands(self, index: int) -> str:
        step = self.steps[index]
        if step.status not in FINAL:
            return "open"
        if step.status == "skipped":
            return "passed" if step.skipped == "passed" else "bad"
        is_bad = step.status in BAD and not self.graph.nodes[index].may_fail
        return "bad" if is_bad else "good"

    def _do(self, index: int, what: str) -> None:
        step = self.steps[index]
        if what == "start":
            step.attempt += not step.is_prepared
            step.status = step.task = "queued"
            step.fence, step.due, step.before, step.is_prepared = 1, 0, "", False
        elif what == "withdraw" or (what == "end" and index in self.withdrawn):
            step.status, step.task, step.skipped = "skipped", "aborted", "passed"
        elif what == "end":
            step.status = step.task = "aborted" if step.task == "queued" else "aborting"
            if step.again and step.status == "aborted" and self.run in GOING:
                self._renew(index)
        elif what == "abort" and step.before:
            self._give_up(step)
        else:
            step.status, step.skipped, step.before, step.is_prepared = "skipped", what, "", False

    def _give_up(self, step: Known) -> None:
        """A retry that waits is given up: the step has ended as the attempt before it did."""
        step.status, step.before, step.is_prepared = step.before, "", False

    def _outcome(self) -> str:
        counted = {
            step.status
            for step, node in zip(self.steps, self.graph.nodes, strict=True)
            if not node.may_fail
        }
        if counted & {"failed", "crashed"}:
            return "failed"
        return "aborted" if self.is_aborted or "aborted" in counted else "completed"
