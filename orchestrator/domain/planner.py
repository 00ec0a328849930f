"""The rules of a turn: facts are folded into a view of the run, then it is said what to do next.

A view holds only what the turn needs: the run, its graph, the steps that facts speak of, and
their children. Each step counts its parents by how they stand, so nothing here ever looks at
the whole run. All functions are pure: time and rows come in as values.

One turn, as ``orchestrator.controller`` goes through it::

    view = fold(view, facts, now)      what has happened
    view = spread(view)                tell the children (load them, repeat while there are any)
    decisions = plan(view, now)        what should happen now
    view = carry(view, decision)       what did happen; repeat until there are no decisions
    news(before, view)                 the numbered changes
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from orchestrator.domain.changes import Kind, News, iso
from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    Cancel,
    CouldNotLaunch,
    Decision,
    Fact,
    Finish,
    Launch,
    Launched,
    Progressed,
    Rerun,
    Skip,
    SkippedBy,
    TaskStands,
)
from orchestrator.domain.graph import RETRY_CRASHED, RETRY_FAILED, Graph, Node, Trigger
from orchestrator.domain.states import (
    ENDED_BADLY,
    FINAL,
    FOLDABLE,
    Status,
    StepEvent,
    StopReason,
    move_step,
    outcome,
)

CRASH_RETRIES: Final = 2
"""How often in a row a crashed attempt is tried again although nobody asked for retries."""

RUN_ABORTED: Final = "the run was aborted"
RETRY: Final = "retry"


class Standing(Enum):
    """How a parent looks to its children."""

    OPEN = auto()
    GOOD = auto()
    BAD = auto()
    PASSED = auto()


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try of a step, as far as the rules know it; *inputs* are the steps it took values of."""

    number: int
    status: Status = Status.PENDING
    origin: str = "first"
    round: int = 1
    task: str | None = None
    reason: str = ""
    exit_code: int | None = None
    agent: str = ""
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    inputs: frozenset[int] = frozenset()
    overrides: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""

    @property
    def is_prepared(self) -> bool:
        """True while it waits to be launched."""
        return self.status is Status.PENDING and self.task is None


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
    attempt: int = 0
    retried: int = 0
    crashed: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as one turn sees it: what is there now, and what was there when it was loaded.

    *tally* counts all steps of the run as they were; *unspread* are the steps whose children
    do not know yet that they stand differently, with how they stood.
    """

    graph: Graph
    status: Status = Status.RUNNING
    reason: str = ""
    stop_reason: StopReason = StopReason.NONE
    round: int = 1
    started_at: datetime | None = None
    ended_at: datetime | None = None
    complete: bool = True
    tally: Mapping[Status, int] = field(default_factory=dict)
    uncounted: Mapping[Status, int] = field(default_factory=dict)
    steps: Mapping[int, StepView] = field(default_factory=dict)
    attempts: Mapping[tuple[int, int], AttemptView] = field(default_factory=dict)
    loaded: Mapping[int, StepView] = field(default_factory=dict)
    loaded_attempts: Mapping[tuple[int, int], AttemptView] = field(default_factory=dict)
    unspread: Mapping[int, Standing] = field(default_factory=dict)
    cancelled: frozenset[int] = frozenset()
    remarks: tuple[News, ...] = ()

    def current(self, index: int) -> AttemptView | None:
        """The current attempt of a loaded step, if it has one."""
        return self.attempts.get((index, self.steps[index].attempt))

    def tally_now(self) -> Counter[Status]:
        """How many steps have each status, this turn's changes included."""
        return self._moved(self.tally, counted=True)

    def uncounted_now(self) -> Counter[Status]:
        """The same of the steps that may fail."""
        return self._moved(self.uncounted, counted=False)

    def _moved(self, tally: Mapping[Status, int], *, counted: bool) -> Counter[Status]:
        now = Counter(tally)
        for index, before in self.loaded.items():
            after = self.steps[index]
            if before.status is not after.status and (counted or self.graph.nodes[index].may_fail):
                now[before.status] -= 1
                now[after.status] += 1
        return +now


# What has happened ---------------------------------------------------------------------------


class _Work:
    """The working copy of one fold: dictionaries that may be written, thrown away after."""

    def __init__(self, view: RunView, now: datetime) -> None:
        self.view = view
        self.now = now
        self.graph = view.graph
        self.steps = dict(view.steps)
        self.attempts = dict(view.attempts)
        self.unspread = dict(view.unspread)
        self.cancelled = set(view.cancelled)
        self.remarks = list(view.remarks)

    def done(self) -> RunView:
        return replace(
            self.view,
            steps=self.steps,
            attempts=self.attempts,
            unspread=self.unspread,
            cancelled=frozenset(self.cancelled),
            remarks=tuple(self.remarks),
        )

    def node(self, index: int) -> Node:
        return self.graph.nodes[index]

    def set_run(self, **values: Any) -> None:
        self.view = replace(self.view, **values)

    def set_step(self, index: int, **values: Any) -> None:
        """Write a step; remember how it stood before, for its children."""
        step = self.steps[index]
        was = self.unspread.get(index, standing(step, self.node(index)))
        self.steps[index] = replace(step, **values)
        if standing(self.steps[index], self.node(index)) is was:
            self.unspread.pop(index, None)
        else:
            self.unspread[index] = was

    def set_attempt(self, index: int, number: int, **values: Any) -> None:
        key = (index, number)
        self.attempts[key] = replace(self.attempts[key], **values)

    def current(self, index: int) -> AttemptView | None:
        return self.attempts.get((index, self.steps[index].attempt))

    def prepare(self, index: int, *, origin: str, actor: str = "", **overrides: Any) -> None:
        """Add the next attempt, pending and without a task; it inherits what was overridden."""
        step = self.steps[index]
        last = self.current(index)
        inherited = last.overrides if last else {}
        if both := {**inherited.get("parameters", {}), **overrides.get("parameters", {})}:
            overrides["parameters"] = both
        number = step.attempt + 1
        self.attempts[index, number] = AttemptView(
            number,
            origin=origin,
            round=self.view.round,
            actor=actor,
            overrides={**inherited, **overrides},
        )
        self.set_step(index, attempt=number)

    def ask(self, fact: AbortRun | AbortSteps | Rerun, verb: str, **detail: Any) -> None:
        data = {"signal": fact.signal, "verb": verb, "detail": detail}
        self.remarks.append(News(Kind.ASKED, data, fact.actor))

    def refuse(self, fact: AbortRun | AbortSteps | Rerun, verb: str, reason: str) -> None:
        data = {"signal": fact.signal, "verb": verb, "reason": reason}
        self.remarks.append(News(Kind.REFUSED, data, fact.actor))

    def names(self, indexes: Iterable[int]) -> list[str]:
        return [self.node(index).name for index in indexes]


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


def fold(view: RunView, facts: Iterable[Fact], now: datetime) -> RunView:
    """The view after *facts*, in whatever order they came.

    What people asked for is taken up last, so that it meets the newest state of the tasks.
    """
    work = _Work(view, now)
    _end_delays(work)
    for fact in sorted(facts, key=_order):
        match fact:
            case TaskStands():
                _task_stands(work, fact)
            case Progressed():
                _progressed(work, fact)
            case Launched():
                _launched(work, fact)
            case CouldNotLaunch():
                _could_not_launch(work, fact)
            case Rerun():
                _rerun(work, fact)
            case AbortSteps():
                _abort_steps(work, fact)
            case AbortRun():
                _abort_run(work, fact)
    return work.done()


def _end_delays(work: _Work) -> None:
    """Forget delays that are over: such a step may still have to wait, but not for the clock."""
    for index, step in work.steps.items():
        if step.due_at is not None and step.due_at <= work.now:
            work.steps[index] = replace(step, due_at=None)


def _order(fact: Fact) -> tuple[int, int]:
    match fact:
        case Rerun(signal=signal) | AbortSteps(signal=signal) | AbortRun(signal=signal):
            return 1, signal
        case _:
            return 0, 0


def _task_stands(work: _Work, fact: TaskStands) -> None:
    step = work.steps[fact.step]
    if step.attempt != fact.attempt or fact.status not in FOLDABLE.get(step.status, ()):
        return
    work.set_attempt(
        fact.step,
        fact.attempt,
        status=fact.status,
        reason=fact.reason,
        exit_code=fact.exit_code,
        agent=fact.agent,
        queued_at=fact.queued_at,
        started_at=fact.started_at,
        ended_at=fact.ended_at,
    )
    if fact.status in FINAL:
        _ended(work, fact)
    else:
        progress = None if fact.status is Status.QUEUED else step.progress
        work.set_step(fact.step, status=fact.status, started_at=fact.started_at, progress=progress)


def _ended(work: _Work, fact: TaskStands) -> None:
    step = work.steps[fact.step]
    delay = _retry_delay(work, step, fact)
    if delay is None:
        crashed = step.crashed if fact.status is Status.CRASHED else 0
        work.set_step(
            fact.step,
            status=fact.status,
            reason=fact.reason,
            crashed=crashed,
            started_at=fact.started_at,
            ended_at=fact.ended_at,
        )
        return
    by_itself = fact.status is Status.CRASHED and step.crashed < CRASH_RETRIES
    work.prepare(fact.step, origin=RETRY)
    work.set_step(
        fact.step,
        status=Status.PENDING,
        reason=f"attempt {fact.attempt} {fact.status}: {fact.reason}".rstrip(": "),
        retried=step.retried + (not by_itself),
        crashed=step.crashed + 1 if fact.status is Status.CRASHED else 0,
        due_at=work.now + timedelta(seconds=delay) if delay else None,
        started_at=None,
        ended_at=None,
        progress=None,
    )


def _retry_delay(work: _Work, step: StepView, fact: TaskStands) -> float | None:
    """Seconds until the attempt is tried again by itself; None: it is not."""
    retries = work.node(step.index).retries
    word = {Status.FAILED: RETRY_FAILED, Status.CRASHED: RETRY_CRASHED}.get(fact.status)
    if word not in retries.on or work.view.status is not Status.RUNNING:
        return None
    if step.index in work.cancelled:
        # Somebody wants it to end; that it ended by itself just before changes nothing.
        return None
    if fact.status is Status.CRASHED and step.crashed < CRASH_RETRIES:
        return 0.0
    if step.retried >= retries.number:
        return None
    delay = retries.delay * retries.factor**step.retried
    if retries.limit is not None:
        delay = min(delay, retries.limit)
    # The same attempt always waits the same time, so a turn that is taken twice agrees.
    chance = zlib.crc32(f"{work.node(step.index).name}.{step.attempt}".encode()) / 2**32
    return delay * (1 + retries.jitter * chance)


def _progressed(work: _Work, fact: Progressed) -> None:
    step = work.steps[fact.step]
    if step.attempt == fact.attempt and step.status in (Status.RUNNING, Status.ABORTING):
        work.set_step(fact.step, progress=fact.value)


def _launched(work: _Work, fact: Launched) -> None:
    _take_attempt(work, fact.step)
    step = work.steps[fact.step]
    work.set_attempt(
        fact.step,
        step.attempt,
        status=Status.QUEUED,
        task=fact.task,
        queued_at=fact.queued_at,
        inputs=fact.inputs,
    )
    work.set_step(
        fact.step,
        status=move_step(step.status, StepEvent.LAUNCH),
        reason="",
        cause=None,
        stale=False,
        due_at=None,
    )


def _could_not_launch(work: _Work, fact: CouldNotLaunch) -> None:
    _take_attempt(work, fact.step)
    work.set_attempt(
        fact.step,
        work.steps[fact.step].attempt,
        status=Status.FAILED,
        reason=fact.reason,
        ended_at=work.now,
    )
    work.set_step(
        fact.step,
        status=Status.FAILED,
        reason=fact.reason,
        cause=None,
        due_at=None,
        ended_at=work.now,
    )


def _take_attempt(work: _Work, index: int) -> None:
    current = work.current(index)
    if current is None or not current.is_prepared:
        work.prepare(index, origin="rerun" if current else "first")


def _abort_run(work: _Work, fact: AbortRun) -> None:
    if work.view.status in FINAL:
        work.refuse(fact, "abort", f"the run is {work.view.status} already")
        return
    work.ask(fact, "abort")
    if work.view.status is Status.DRAFT:
        work.set_run(status=Status.ABORTED, stop_reason=StopReason.ABORT, ended_at=work.now)
    elif work.view.status is not Status.ABORTING:
        work.set_run(status=Status.ABORTING, stop_reason=StopReason.ABORT)


def _abort_steps(work: _Work, fact: AbortSteps) -> None:
    for index in fact.steps:
        step, name = work.steps.get(index), work.node(index).name
        if step is None:
            work.refuse(fact, "abort", f'step "{name}" has not started')
        elif step.status in FOLDABLE:
            work.ask(fact, "abort", steps=[name])
            work.cancelled.add(index)
        elif _waits_for_retry(step, work.current(index)):
            work.ask(fact, "abort", steps=[name])
            _end_retry_delay(work, index)
        elif step.status in FINAL:
            work.refuse(fact, "abort", f'step "{name}" is {step.status} already')
        else:
            work.refuse(fact, "abort", f'step "{name}" has not started')


def _waits_for_retry(step: StepView, current: AttemptView | None) -> bool:
    """True between the end of an attempt and the launch of its retry, be there a delay or not."""
    is_prepared = current is not None and current.is_prepared and current.origin == RETRY
    return step.status is Status.PENDING and is_prepared


def _end_retry_delay(work: _Work, index: int) -> None:
    """A step that waits to be retried ends as its last attempt did."""
    step = work.steps[index]
    last = work.attempts[index, step.attempt - 1]
    reason = "not retried: aborted"
    work.set_attempt(index, step.attempt, status=Status.SKIPPED, reason=reason, ended_at=work.now)
    work.set_step(
        index,
        status=last.status,
        reason=last.reason,
        due_at=None,
        started_at=last.started_at,
        ended_at=last.ended_at,
    )


def _rerun(work: _Work, fact: Rerun) -> None:
    """New attempts for the chosen steps; what was skipped because of them gets its chance too.

    1. Refuse as a whole what cannot be done, so that nothing is half asked.
    2. Prepare the attempts; the counts of their children follow by `spread`.
    3. Steps that took a value of an older attempt become stale.
    4. A run that had ended is reopened in a new round.
    """
    chosen = _bad_steps(work) if fact.failed else fact.steps
    fault = _rerun_fault(work, fact, chosen)
    if fault:
        work.refuse(fact, "rerun", fault)
        return
    work.ask(fact, "rerun", steps=work.names(chosen))
    if work.view.status in FINAL:
        work.set_run(status=Status.RUNNING, round=work.view.round + 1, reason="", ended_at=None)
    revived = _skipped_in_vain(work, chosen, everything=fact.failed)
    for index in (*chosen, *revived):
        work.set_step(
            index,
            status=move_step(work.steps[index].status, StepEvent.RERUN),
            reason="",
            skipped_by=SkippedBy.NOTHING,
            cause=None,
            stale=False,
            progress=None,
            due_at=None,
            retried=0,
            crashed=0,
            started_at=None,
            ended_at=None,
        )
    for index in (*chosen, *revived):
        work.set_step(index, cause=_cause_above(work, index))
    for index in chosen:
        overrides = dict(fact.overrides.get(index, {}))
        if fact.queue:
            overrides["queue"] = fact.queue
        work.prepare(index, origin="rerun", actor=fact.actor, **overrides)
    _mark_stale(work, frozenset(chosen))
    left_out = any(step.skipped_by is SkippedBy.ABORT for step in work.steps.values())
    work.set_run(stop_reason=work.view.stop_reason if left_out else StopReason.NONE)


def _bad_steps(work: _Work) -> tuple[int, ...]:
    return tuple(i for i, step in sorted(work.steps.items()) if step.status in ENDED_BADLY)


def _cause_above(work: _Work, index: int) -> int | None:
    """The first cause, if there is still one, for which the step would be skipped again."""
    for place in work.graph.parents[index]:
        parent = work.steps[place]
        if standing(parent, work.node(place)) in (Standing.BAD, Standing.PASSED):
            return place if parent.cause is None else parent.cause
    return None


def _rerun_fault(work: _Work, fact: Rerun, chosen: Iterable[int]) -> str:
    if work.view.status is Status.ABORTING:
        return "the run is being aborted"
    if not work.view.complete:
        return "the run has not started"
    chosen = tuple(chosen)
    if not chosen and not _skipped_in_vain(work, (), everything=True):
        return "there is nothing to rerun"
    for index in sorted(set(fact.overrides) - set(chosen)):
        return f'step "{work.node(index).name}" is not among those that are rerun'
    for index in chosen:
        status = work.steps[index].status
        if status not in FINAL:
            return f'step "{work.node(index).name}" is {status}; only steps that ended are rerun'
    return ""


def _skipped_in_vain(work: _Work, chosen: tuple[int, ...], *, everything: bool) -> tuple[int, ...]:
    """Steps that never ran because something above them ended badly or the run was aborted."""
    among = tuple(work.steps) if everything else work.graph.descendants(*chosen)
    return tuple(
        index
        for index in sorted(among)
        if index not in chosen
        and work.steps[index].skipped_by in (SkippedBy.BAD_PARENT, SkippedBy.ABORT)
    )


def _mark_stale(work: _Work, renewed: frozenset[int]) -> None:
    for index, step in list(work.steps.items()):
        current = work.current(index)
        if current and current.task and not step.stale and current.inputs & renewed:
            work.set_step(index, stale=True)


# Telling the children ------------------------------------------------------------------------


def missing_children(view: RunView) -> frozenset[int]:
    """The steps that must be loaded before `spread` can tell everybody."""
    return frozenset(
        child
        for index in view.unspread
        for child in view.graph.children[index]
        if child not in view.steps
    )


def missing_causes(view: RunView) -> frozenset[int]:
    """The steps that must be loaded so that `plan` can say why another is skipped."""
    return frozenset(
        step.cause
        for step in view.steps.values()
        if step.status is Status.PENDING and step.cause is not None
    ) - frozenset(view.steps)


def spread(view: RunView) -> RunView:
    """Let children count anew the parents that stand differently now."""
    steps = dict(view.steps)
    left = {}
    for index, was in view.unspread.items():
        children = view.graph.children[index]
        if any(child not in steps for child in children):
            left[index] = was
            continue
        parent = steps[index]
        stands = standing(parent, view.graph.nodes[index])
        for child in children:
            steps[child] = _recounted(steps[child], parent, was, stands)
    return replace(view, steps=steps, unspread=left)


_COUNT = {Standing.OPEN: "open", Standing.GOOD: "good", Standing.BAD: "bad"}


def _recounted(child: StepView, parent: StepView, was: Standing, stands: Standing) -> StepView:
    counts: dict[str, Any] = {}
    if was in _COUNT:
        counts[_COUNT[was]] = getattr(child, _COUNT[was]) - 1
    if stands in _COUNT:
        counts[_COUNT[stands]] = getattr(child, _COUNT[stands]) + 1
    hopeless = child.status is Status.PENDING and stands in (Standing.BAD, Standing.PASSED)
    if hopeless and child.cause is None:
        # The first cause is kept: the step far above that all of this goes back to.
        counts["cause"] = parent.index if parent.cause is None else parent.cause
    return replace(child, **counts)


# What should happen now ----------------------------------------------------------------------


def plan(view: RunView, now: datetime) -> tuple[Decision, ...]:
    """What should happen next to the loaded steps, in the order of their index.

    Planning is repeatable: the same view gives the same answer, and once the answer has been
    carried out there is less of it, in the end nothing.
    """
    decisions: list[Decision] = []
    for index in sorted(view.steps):
        step = view.steps[index]
        if step.status in (Status.QUEUED, Status.RUNNING):
            if view.status is Status.ABORTING or index in view.cancelled:
                decisions.append(Cancel(index))
        elif step.status is Status.PENDING:
            decisions.extend(_plan_pending(view, step, now))
    if decisions or view.unspread:
        return tuple(decisions)
    return _plan_end(view)


def _plan_pending(view: RunView, step: StepView, now: datetime) -> tuple[Decision, ...]:
    if view.status is Status.ABORTING:
        return (Skip(step.index, SkippedBy.ABORT, RUN_ABORTED),)
    if view.status is not Status.RUNNING:
        return ()
    verdict = judge(step, view.graph.nodes[step.index])
    if verdict is Verdict.START:
        return () if step.due_at and step.due_at > now else (Launch(step.index),)
    if verdict is Verdict.WAIT:
        return ()
    by = SkippedBy.BAD_PARENT if verdict is Verdict.SKIP_BAD else SkippedBy.PASSED_PARENT
    return (Skip(step.index, by, _skip_reason(view, step), step.cause),)


class Verdict(Enum):
    """What a step's parents allow."""

    WAIT = auto()
    START = auto()
    SKIP_BAD = auto()
    SKIP_PASSED = auto()


def judge(step: StepView, node: Node) -> Verdict:
    """May the step start, must it wait, or will it never start? By its trigger rule."""
    total = len(set(node.parents))
    if total == 0:
        return Verdict.START
    passed = total - step.open - step.good - step.bad
    never = Verdict.SKIP_BAD if step.bad else Verdict.SKIP_PASSED
    match node.trigger:
        case Trigger.ALL_SUCCEEDED:
            start, hopeless = step.good == total, step.bad > 0 or passed > 0
        case Trigger.NONE_FAILED:
            start, hopeless = step.open == 0 and step.bad == 0 and step.good > 0, step.bad > 0
        case Trigger.ALL_DONE:
            start, hopeless = step.open == 0, False
        case Trigger.ANY_FAILED:
            start, hopeless = step.bad > 0, False
        case Trigger.ANY_SUCCEEDED:
            start, hopeless = step.good > 0, False
    if start:
        return Verdict.START
    return never if hopeless or step.open == 0 else Verdict.WAIT


def _skip_reason(view: RunView, step: StepView) -> str:
    node = view.graph.nodes[step.index]
    if step.cause is None:
        return f"no parent ended as its trigger {node.trigger} asks"
    name = view.graph.nodes[step.cause].name
    cause = view.steps.get(step.cause)
    if cause is None:
        return f'"{name}" did not succeed'
    was = "was " if cause.status in (Status.ABORTED, Status.SKIPPED) else ""
    return f'"{name}" {was}{cause.status}'


def _plan_end(view: RunView) -> tuple[Decision, ...]:
    if view.status not in (Status.RUNNING, Status.ABORTING) or not view.complete:
        return ()
    tally = view.tally_now()
    if set(tally) - FINAL:
        return ()
    counted = tally - view.uncounted_now()
    return (Finish(outcome(counted, stop_reason=view.stop_reason)),)


def carry(view: RunView, decision: Skip | Finish, now: datetime) -> RunView:
    """The view after a decision that needs nobody outside."""
    work = _Work(view, now)
    if isinstance(decision, Finish):
        work.set_run(status=decision.status, reason=decision.reason, ended_at=now)
        return work.done()
    index, step = decision.step, view.steps[decision.step]
    current = work.current(index)
    if decision.by is SkippedBy.ABORT and _waits_for_retry(step, current):
        _end_retry_delay(work, index)
        return work.done()
    if current and current.is_prepared:
        values = {"status": Status.SKIPPED, "reason": decision.reason, "ended_at": now}
        work.set_attempt(index, step.attempt, **values)
    work.set_step(
        index,
        status=move_step(step.status, StepEvent.SKIP),
        reason=decision.reason,
        skipped_by=decision.by,
        cause=decision.cause,
        due_at=None,
        ended_at=now,
    )
    return work.done()


# What is told --------------------------------------------------------------------------------


def news(before: RunView, after: RunView, *more: News) -> tuple[News, ...]:
    """The changes that lead from one view to the other, in the order in which they are told.

    *more* are those that the rules do not know of: resolved parameters, artifacts, notes.
    """
    told: list[News] = list(after.remarks[len(before.remarks) :])
    told += _run_news(before, after)
    for key, attempt in sorted(after.attempts.items()):
        told += _attempt_news(key[0], after.loaded_attempts.get(key), attempt)
    told += more
    for index, step in sorted(after.steps.items()):
        told += _step_news(after.loaded[index], step)
    if after.status in FINAL:
        # The end of the run is the last thing that is told of it.
        told.sort(key=lambda item: item.kind is Kind.RUN_STATUS)
    return tuple(told)


def _run_news(before: RunView, after: RunView) -> list[News]:
    def told(view: RunView) -> dict[str, Any]:
        return {
            "status": view.status.value,
            "round": view.round,
            "reason": view.reason,
            "stop_reason": view.stop_reason.value,
            "started_at": iso(view.started_at),
            "ended_at": iso(view.ended_at),
        }

    return [News(Kind.RUN_STATUS, told(after))] if told(before) != told(after) else []


def _attempt_news(index: int, before: AttemptView | None, after: AttemptView) -> list[News]:
    told = []
    key = {"step": index, "number": after.number}
    if before is None:
        data = {**key, "origin": after.origin, "round": after.round, "task": after.task}
        told.append(News(Kind.ATTEMPT_ADDED, data, after.actor))
        before = replace(after, status=Status.PENDING, reason="", queued_at=None, ended_at=None)
    if _attempt_facts(before) != _attempt_facts(after):
        told.append(News(Kind.ATTEMPT_STATUS, {**key, **_attempt_facts(after)}))
    return told


def _attempt_facts(attempt: AttemptView) -> dict[str, Any]:
    return {
        "status": attempt.status.value,
        "reason": attempt.reason,
        "exit_code": attempt.exit_code,
        "agent": attempt.agent,
        "task": attempt.task,
        "queued_at": iso(attempt.queued_at),
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
    }


def _step_news(before: StepView, after: StepView) -> list[News]:
    def told(step: StepView) -> dict[str, Any]:
        return {
            "step": step.index,
            "status": step.status.value,
            "reason": step.reason,
            "attempt": step.attempt,
            "started_at": iso(step.started_at),
            "ended_at": iso(step.ended_at),
        }

    found = []
    if told(before) != told(after):
        found.append(News(Kind.STEP_STATUS, told(after)))
    if before.stale != after.stale:
        found.append(News(Kind.STALE, {"step": after.index, "stale": after.stale}))
    if before.progress != after.progress and after.status is not Status.PENDING:
        found.append(News(Kind.PROGRESS, {"step": after.index, "value": after.progress}))
    return found
