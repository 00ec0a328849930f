"""Questions of the pages: lists with what they show beside each row, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from orchestrator.domain.errors import Invalid, NotFound
from orchestrator.domain.states import ACTIVE, ENDED_BADLY, Status
from orchestrator.models import Line, Pipeline, PipelineVersion, Project, Run
from orchestrator.queries.pipelines import pipelines_for, versions_of
from orchestrator.queries.rights import Actor, allowed_projects, for_actor
from orchestrator.queries.runs import runs_with_names

BARS: Final = 20
PATHS_OFFERED: Final = 300


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


def listed_runs(
    actor: Actor, *, pipeline: str = "", status: str = "", who: str = ""
) -> QuerySet[Run]:
    """Runs for a list; ``pipeline`` is ``project/slug``, ``status`` a status or "going", "bad"."""
    found = for_actor(runs_with_names(), actor)
    if pipeline:
        project_slug, _, slug = pipeline.rpartition("/")
        found = found.filter(pipeline__slug=slug)
        if project_slug:
            found = found.filter(project__slug=project_slug)
    if status:
        found = found.filter(status__in=sorted(_LIST_FILTERS.get(status, {status})))
    if who:
        found = found.filter(actor=who)
    return found


def statuses_called(word: str) -> list[str]:
    """The statuses that a filter's word stands for: one, "going" or "bad"."""
    named = _LIST_FILTERS.get(word)
    if named is None and word not in set(Status):
        message = f"a status is one of going, bad, {', '.join(Status)}"
        raise Invalid.at("status", "bad_value", message)
    return sorted(named or {word})


def runs_of(pipeline: Pipeline) -> QuerySet[Run]:
    """The runs of one pipeline, with what it takes to name them."""
    return runs_with_names().filter(pipeline=pipeline)


def run_of(pipeline: Pipeline, number: int) -> Run:
    """One run of a pipeline by its number."""
    found = runs_of(pipeline).filter(number=number).first()
    if found is None:
        raise NotFound(f'pipeline "{pipeline.slug}" has no run {number}')
    return found


def versions_with_authors(pipeline: Pipeline) -> QuerySet[PipelineVersion]:
    """The published versions, newest first, without their documents."""
    return versions_of(pipeline).defer("document", "pins")


def editable_projects(actor: Actor) -> list[Project]:
    """The projects in which somebody may make and change things."""
    return list(Project.objects.filter(pk__in=allowed_projects(actor, "edit")))


def editable_pipelines(actor: Actor) -> list[Pipeline]:
    """The pipelines whose drafts somebody may change: the first few hundred."""
    rows = Pipeline.objects.filter(project__in=allowed_projects(actor, "edit"))
    return list(rows.select_related("project").order_by("project__slug", "name")[:PATHS_OFFERED])


def queue_names() -> list[str]:
    """The queues that a form offers."""
    return list(Line.objects.filter(kind=Line.Kind.QUEUE).values_list("name", flat=True))


def pipeline_paths(actor: Actor) -> list[str]:
    """Names of pipelines as a filter takes them: the first few hundred are offered."""
    rows = for_actor(Pipeline.objects.order_by("project__slug", "slug"), actor)
    named = rows.values_list("project__slug", "slug")[:PATHS_OFFERED]
    return [f"{project}/{slug}" for project, slug in named]
