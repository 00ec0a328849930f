"""What the rules look at: a run, its steps and attempts as far as one turn loads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any

from orchestrator.domain.changes import News
from orchestrator.domain.decisions import ByHand, ScriptStands, SkippedBy
from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.hooks import CallView, NewCall
from orchestrator.domain.states import ACTIVE, ENDED_BADLY, FINAL, Driver, Status, StopReason


class Standing(Enum):
    """How a parent looks to its children."""

    OPEN = auto()
    GOOD = auto()
    BAD = auto()
    PASSED = auto()


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try of a step, as far as the rules know it; *inputs* are the steps it took values of.

    *outputs* are values that a person gave in this turn; those of tasks are no matter of the rules.
    *traceback* is that of a hook.
    """

    number: int
    status: Status = Status.PENDING
    origin: str = "first"
    round: int = 1
    task: str | None = None
    reason: str = ""
    traceback: str = ""
    exit_code: int | None = None
    agent: str = ""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    inputs: frozenset[int] = frozenset()
    overrides: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
    outputs: Mapping[str, Any] | None = None

    @property
    def is_prepared(self) -> bool:
        """True while it waits to be launched."""
        return self.status is Status.PENDING and self.task is None

    @property
    def waits_without_task(self) -> bool:
        """True while it waits to be launched, or for the answer of a person."""
        return self.task is None and self.status in (Status.PENDING, Status.AWAITING)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step; *open*, *good* and *bad* count its parents, the rest of them were passed over."""

    index: int
    status: Status = Status.PENDING
    reason: str = ""
    skipped_by: SkippedBy = SkippedBy.NOTHING
    cause: int | None = None
    open: int = 0
    good: int = 0
    bad: int = 0
    stale: bool = False
    progress: float | None = None
    due_at: datetime | None = None
    due_why: str = ""
    attempt: int = 0
    retried: int = 0
    crashed: int = 0
    again: Mapping[str, Any] | None = None
    let_pass: bool = False
    items: int | None = None
    items_open: int = 0
    items_good: int = 0
    items_bad: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a queued attempt is to be ended before somebody claims it, and who asked, if somebody."""

    reason: str
    ask: ByHand | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as one turn sees it: what is there now, and what was there when it was loaded.

    *tally* counts all steps of the run as they were; *at_work* the living items of those limited
    fan-outs that the turn is about, *fan_outs* those that ran; *unspread* are the steps whose
    children do not know yet that they stand differently, with how they stood; *withdrawn* are
    those whose attempts are ended unless somebody claims them first. *calls* are those of loaded
    attempts, *asks* those that this turn has to make. *script* is how the one that drives the run
    stands; while *graph_open* it may still add steps, or say which they are; *taken_up* counts
    how often its machine was lost; *wants_script*: it has ended, and is to begin once more.
    """

    graph: Graph
    status: Status = Status.RUNNING
    reason: str = ""
    stop_reason: StopReason = StopReason.NONE
    round: int = 1
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deadline_at: datetime | None = None
    timeout: float | None = None
    pause_at: frozenset[str] = frozenset()
    complete: bool = True
    tally: Mapping[Status, int] = field(default_factory=dict)
    uncounted: Mapping[Status, int] = field(default_factory=dict)
    at_work: Mapping[int, int] = field(default_factory=dict)
    fan_outs: int = 0
    steps: Mapping[int, StepView] = field(default_factory=dict)
    attempts: Mapping[tuple[int, int], AttemptView] = field(default_factory=dict)
    loaded: Mapping[int, StepView] = field(default_factory=dict)
    loaded_attempts: Mapping[tuple[int, int], AttemptView] = field(default_factory=dict)
    unspread: Mapping[int, Standing] = field(default_factory=dict)
    cancelled: frozenset[int] = frozenset()
    calls: Mapping[tuple[int, int], tuple[CallView, ...]] = field(default_factory=dict)
    asks: tuple[NewCall, ...] = ()
    withdrawn: Mapping[int, Withdrawal] = field(default_factory=dict)
    remarks: tuple[News, ...] = ()
    driver: Driver = Driver.GRAPH
    graph_open: bool = False
    script: ScriptStands | None = None
    taken_up: int = 0
    wants_script: bool = False

    def current(self, index: int) -> AttemptView | None:
        """The current attempt of a loaded step, if it has one."""
        return self.attempts.get((index, self.steps[index].attempt))

    @property
    def has_given(self) -> bool:
        """True when somebody gave values in this turn: they are written before others take them."""
        return any(attempt.outputs is not None for attempt in self.attempts.values())

    def tally_now(self) -> Counter[Status]:
        """How many steps have each status, this turn's changes included."""
        return self._moved(self.tally, counted=True)

    def uncounted_now(self) -> Counter[Status]:
        """The same of the steps that do not count: they may fail, or are items of a fan-out."""
        return self._moved(self.uncounted, counted=False)

    def active_now(self) -> int:
        """How many attempts are queued, running or being aborted."""
        tally = self.tally_now()
        return sum(tally[status] for status in ACTIVE) - self._fan_outs_now()

    def _fan_outs_now(self) -> int:
        """How many of them are fan-outs, which have no attempts."""
        found = self.fan_outs
        for index, before in self.loaded.items():
            if self.graph.nodes[index].is_fan_out:
                found += (self.steps[index].status in ACTIVE) - (before.status in ACTIVE)
        return found

    def _moved(self, tally: Mapping[Status, int], *, counted: bool) -> Counter[Status]:
        now = Counter(tally)
        for index, before in self.loaded.items():
            after = self.steps[index]
            if before.status is not after.status and (
                counted or not self.graph.nodes[index].counts
            ):
                now[before.status] -= 1
                now[after.status] += 1
        return +now


def standing(step: StepView, node: Node) -> Standing:
    """How the step looks to its children."""
    if step.status not in FINAL:
        return Standing.OPEN
    if step.status in ENDED_BADLY:
        return Standing.GOOD if node.may_fail else Standing.BAD
    if step.status is Status.SKIPPED:
        bad = step.skipped_by in (SkippedBy.BAD_PARENT, SkippedBy.ABORT)
        return Standing.BAD if bad else Standing.PASSED
    return Standing.GOOD
