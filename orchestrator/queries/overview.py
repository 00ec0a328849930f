"""Questions of the pages: lists with what they show beside each row, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from orchestrator.domain.states import ACTIVE, ENDED_BADLY, Status
from orchestrator.models import Membership, Pipeline, Project, Run
from orchestrator.queries.pipelines import pipelines_for
from orchestrator.queries.rights import Actor, Verb, may_by_scope, visible_projects

BARS: Final = 20

_LOWEST_ROLE: Final[dict[Verb, int]] = {"view": 0, "operate": 1, "edit": 2, "administer": 3}


@dataclass(frozen=True, slots=True)
class RunMark:
    """What a small bar says of one run."""

    number: int
    status: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    def seconds(self, now: datetime) -> float | None:
        """How long it has run; nothing for one that has not started."""
        if self.started_at is None:
            return None
        return ((self.ended_at or now) - self.started_at).total_seconds()


@dataclass(slots=True)
class PipelineRow:
    """A pipeline as the list shows it: its last runs, oldest first, and which of them go on."""

    pipeline: Pipeline
    may_run: bool
    marks: list[RunMark] = field(default_factory=list)

    @property
    def last(self) -> RunMark | None:
        return self.marks[-1] if self.marks else None

    @property
    def active(self) -> list[RunMark]:
        return [mark for mark in self.marks if mark.status in _GOING]


_GOING: Final = frozenset(ACTIVE | {Status.PAUSED})
_LIST_FILTERS: Final = {"going": _GOING, "bad": ENDED_BADLY}


def allowed_projects(actor: Actor, verb: Verb) -> set[UUID]:
    """The projects in which somebody may do a thing: one question for a whole list."""
    projects = visible_projects(actor)
    if not may_by_scope(actor, verb):
        return set()
    if not actor.superuser:
        # Roles are declared from the lowest to the highest.
        roles = Membership.Role.values[_LOWEST_ROLE[verb] :]
        mine = Membership.objects.filter(user_id=actor.user_id, role__in=roles)
        projects = projects.filter(pk__in=mine.values("project_id"))
    return set(projects.values_list("pk", flat=True))


def listed_pipelines(
    actor: Actor, *, project: Project | None = None, search: str = "", last: str = ""
) -> QuerySet[Pipeline]:
    """The pipelines that match; ``last`` keeps those whose last run is going or ended badly."""
    found = pipelines_for(actor, project=project, search=search)
    statuses = _LIST_FILTERS.get(last)
    if statuses is None:
        return found
    newest = Run.objects.filter(pipeline=OuterRef("pk"), number=OuterRef("last_run_number"))
    return found.annotate(last_status=Subquery(newest.values("status")[:1])).filter(
        last_status__in=sorted(statuses)
    )


def pipeline_rows(actor: Actor, pipelines: Sequence[Pipeline]) -> list[PipelineRow]:
    """What the list shows of these pipelines."""
    allowed = allowed_projects(actor, "operate")
    marks = last_marks(pipelines)
    return [
        PipelineRow(
            pipeline,
            may_run=pipeline.project_id in allowed,
            marks=marks.get(pipeline.pk, []),
        )
        for pipeline in pipelines
    ]


def last_marks(pipelines: Iterable[Pipeline]) -> dict[UUID, list[RunMark]]:
    """The last runs of each pipeline, oldest first."""
    # Numbers have no gaps, so "the last twenty" is a range of the index.
    rows = (
        Run.objects.filter(
            pipeline__in=[pipeline.pk for pipeline in pipelines],
            number__gt=F("pipeline__last_run_number") - BARS,
        )
        .order_by("pipeline_id", "number")
        .values_list("pipeline_id", "number", "status", "created_at", "started_at", "ended_at")
    )
    marks: dict[UUID, list[RunMark]] = {}
    for pipeline_id, number, status, created_at, started_at, ended_at in rows:
        mark = RunMark(number, status, created_at, started_at, ended_at)
        marks.setdefault(pipeline_id, []).append(mark)
    return marks
