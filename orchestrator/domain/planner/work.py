"""The working copy of a view: what may be written while facts are folded and decisions carried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from orchestrator.domain.changes import Kind, News
from orchestrator.domain.decisions import Ask, Skip, SkippedBy
from orchestrator.domain.graph import Node
from orchestrator.domain.planner.views import AttemptView, RunView, StepView, standing
from orchestrator.domain.states import Status, StepEvent, move_step

RETRY: Final = "retry"
"""Said of an attempt where it comes from, and of a step why it waits for the clock."""
QUEUE_TIMEOUT: Final = "queue_timeout"
APPROVAL: Final = "approval"

NO_DUE: Final[Mapping[str, Any]] = {"due_at": None, "due_why": ""}
AFRESH: Final[Mapping[str, Any]] = {
    "reason": "",
    "skipped_by": SkippedBy.NOTHING,
    "cause": None,
    "stale": False,
    "again": None,
    **NO_DUE,
}
"""What is true of a step of which nothing that was said before holds any more."""
UNTRIED: Final[Mapping[str, Any]] = {
    **AFRESH,
    "progress": None,
    "retried": 0,
    "crashed": 0,
    "let_pass": False,
    "started_at": None,
    "ended_at": None,
}
"""The same of one whose earlier attempts left nothing on it."""
NAMED: Final = 20
"""So many of the steps that somebody asked for are named in the run's history."""


class Work:
    """The working copy of one fold: dictionaries that may be written, thrown away after."""

    def __init__(self, view: RunView, now: datetime) -> None:
        self.view = view
        self.now = now
        self.graph = view.graph
        self.steps = dict(view.steps)
        self.attempts = dict(view.attempts)
        self.unspread = dict(view.unspread)
        self.cancelled = set(view.cancelled)
        self.withdrawn = dict(view.withdrawn)
        self.asks = list(view.asks)
        self.remarks = list(view.remarks)

    def done(self) -> RunView:
        return replace(
            self.view,
            steps=self.steps,
            attempts=self.attempts,
            unspread=self.unspread,
            cancelled=frozenset(self.cancelled),
            withdrawn=self.withdrawn,
            asks=tuple(dict.fromkeys(self.asks)),
            remarks=tuple(self.remarks),
        )

    def node(self, index: int) -> Node:
        return self.graph.nodes[index]

    def set_run(self, **values: Any) -> None:
        self.view = replace(self.view, **values)

    def set_step(self, index: int, **values: Any) -> None:
        """Write a step; remember how it stood before, for its children.

        What moves no longer waits for what it waited for.
        """
        step = self.steps[index]
        if values.get("status", step.status) is not step.status:
            values.setdefault("due_why", "")
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

    def prepare(
        self, index: int, *, origin: str, actor: str = "", inherits: bool = True, **overrides: Any
    ) -> None:
        """Add the next attempt, pending and without a task; it inherits what was overridden."""
        step = self.steps[index]
        last = self.current(index)
        inherited = last.overrides if last and inherits else {}
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

    def ask(self, fact: Ask, verb: str, **detail: Any) -> None:
        data = {"signal": fact.signal, "verb": verb, "detail": detail}
        self.remarks.append(News(Kind.ASKED, data, fact.actor))

    def refuse(self, fact: Ask, verb: str, reason: str) -> None:
        data = {"signal": fact.signal, "verb": verb, "reason": reason}
        if steps := _steps_of(fact):
            data["detail"] = {"steps": self._written(steps[:NAMED]), "count": len(steps)}
        self.remarks.append(News(Kind.REFUSED, data, fact.actor))

    def _written(self, steps: Iterable[int | str]) -> list[str]:
        return [step if isinstance(step, str) else self.node(step).name for step in steps]

    def names(self, indexes: Iterable[int]) -> list[str]:
        return [self.node(index).name for index in indexes]


def _steps_of(fact: Ask) -> tuple[int | str, ...]:
    """The steps that somebody asked something of, by index or name; of the whole run: none."""
    one = getattr(fact, "step", None)
    return (one,) if one is not None else tuple(getattr(fact, "steps", ()))


def waits_for_retry(step: StepView, current: AttemptView | None) -> bool:
    """True between the end of an attempt and the launch of its retry, be there a delay or not."""
    is_prepared = current is not None and current.is_prepared and current.origin == RETRY
    return step.status is Status.PENDING and is_prepared


def end_retry_delay(work: Work, index: int) -> None:
    """A step that waits to be retried ends as its last attempt did."""
    step = work.steps[index]
    last = work.attempts[index, step.attempt - 1]
    reason = "not retried: aborted"
    work.set_attempt(index, step.attempt, status=Status.SKIPPED, reason=reason, ended_at=work.now)
    work.set_step(
        index,
        status=last.status,
        reason=last.reason,
        **NO_DUE,
        started_at=last.started_at,
        ended_at=last.ended_at,
    )


def put_aside(work: Work, index: int, status: Status, reason: str) -> None:
    """End the current attempt of a step if it waits without a task; the step is the caller's."""
    current = work.current(index)
    if current and current.waits_without_task:
        values = {"status": status, "reason": reason, "ended_at": work.now}
        work.set_attempt(index, current.number, **values)


def pass_over(work: Work, decision: Skip) -> None:
    """The step is skipped, and the attempt that waited."""
    index = decision.step
    put_aside(work, index, Status.SKIPPED, decision.reason)
    work.set_step(
        index,
        status=move_step(work.steps[index].status, StepEvent.SKIP),
        reason=decision.reason,
        skipped_by=decision.by,
        cause=decision.cause,
        **NO_DUE,
        ended_at=work.now,
    )


def take_attempt(work: Work, index: int, first: str = "first") -> None:
    """Let the step have an attempt that can be launched: the one prepared, or a new one."""
    current = work.current(index)
    if current is None or not current.is_prepared:
        work.prepare(index, origin="rerun" if current else first)
