"""One verb for many runs. Each run is asked by itself: one that cannot be asked stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, enqueue_run
from orchestrator.actions.steering import pause_run, resume_run
from orchestrator.domain.errors import Conflict, Invalid, PipelinesError
from orchestrator.domain.planner.pausing import cannot_pause, cannot_resume
from orchestrator.domain.states import ENDED_BADLY, FINAL, Status
from orchestrator.models import Run

MOST_RUNS: Final = 1000
"""Of so many runs at most one may ask something at once."""

_OPEN: Final = frozenset(set(Status) - FINAL - {Status.DRAFT})
_WAIT: Final = frozenset({Status.PENDING, Status.QUEUED})


@dataclass(frozen=True, slots=True)
class Verb:
    """What may be asked: *concerns* says of which steps it will make something else."""

    ask: Callable[[str, Run, Sequence[str] | None], int]
    concerns: frozenset[Status]
    needs_some: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run was asked, or would be: a signal, or why not; and the steps it is about."""

    run: Run
    signal: int | None = None
    refused: str = ""
    steps: Mapping[str, int] = field(default_factory=dict)


VERBS: Final[Mapping[str, Verb]] = {
    "abort": Verb(lambda who, run, _: abort_run(actor=who, run=run), _OPEN),
    "rerun-failed": Verb(
        lambda who, run, _: rerun(actor=who, run=run, failed=True),
        ENDED_BADLY | {Status.SKIPPED},
        needs_some=True,
    ),
    "rerun-all": Verb(
        lambda who, run, _: rerun(actor=who, run=run, everything=True), frozenset(Status)
    ),
    "pause": Verb(lambda who, run, _: pause_run(actor=who, run=run), _WAIT),
    "resume": Verb(lambda who, run, _: resume_run(actor=who, run=run), _WAIT),
    "enqueue": Verb(
        lambda who, run, may: enqueue_run(actor=who, run=run, scopes=may),
        frozenset({Status.PENDING}),
    ),
}


def ask_runs(
    *,
    actor: str,
    scopes: Sequence[str] | None = None,
    verb: str,
    runs: Sequence[Run],
    allowed: Iterable[UUID],
    dry_run: bool = False,
) -> list[Answer]:
    """Ask each run in turn; *allowed* are the projects in which the actor may.

    With *dry_run* everything is tried and taken back, so that the preview is what would happen.
    """
    if verb not in VERBS:
        raise Invalid.at("verb", "bad_value", f"a verb is one of {', '.join(VERBS)}")
    if len(runs) > MOST_RUNS:
        message = f"more than {MOST_RUNS:,} runs cannot be asked at once; choose fewer"
        raise Invalid.at("runs", "too_many", message)
    projects = frozenset(allowed)
    asks = partial(_asked, VERBS[verb], lambda run: VERBS[verb].ask(actor, run, scopes), projects)
    return [asks(run, dry_run=dry_run) for run in runs]


def _asked(
    verb: Verb, ask: Callable[[Run], int], allowed: frozenset[UUID], run: Run, *, dry_run: bool
) -> Answer:
    steps = {
        status: int(count)
        for status, count in run.tally.items()
        if count and Status(status) in verb.concerns
    }
    if run.project_id not in allowed:
        return Answer(run, refused="that takes the role operator in its project")
    try:
        _check(verb, run, steps)
        with transaction.atomic():
            signal = ask(run)
            transaction.set_rollback(dry_run)
    except PipelinesError as error:
        return Answer(run, refused=error.message)
    return Answer(run, signal=None if dry_run else signal, steps=steps)


def _check(verb: Verb, run: Run, steps: Mapping[str, int]) -> None:
    """What the run's own turn would refuse is told at once, as nobody may look at it later."""
    if verb is VERBS["pause"] and (fault := cannot_pause(Status(run.status))):
        raise Conflict(fault)
    if verb is VERBS["resume"] and (fault := cannot_resume(Status(run.status))):
        raise Conflict(fault)
    if verb is VERBS["abort"] and run.status == Status.ABORTING:
        raise Conflict("it is being aborted already")
    if verb.needs_some and not steps:
        raise Conflict("nothing in it failed")
    if verb in (VERBS["rerun-failed"], VERBS["rerun-all"]):
        if run.status == Status.ABORTING:
            raise Conflict("the run is being aborted")
        if run.status == Status.DRAFT:
            raise Conflict("it has not been started")
