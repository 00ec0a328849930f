"""Pipelines as steps of others: which may be named, what they take and give, where they lead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Max, QuerySet

from orchestrator.domain.document import PipelineInfo
from orchestrator.domain.names import split_template_name
from orchestrator.domain.parameters import read_specs
from orchestrator.models import Pipeline, PipelineVersion, Project, User
from orchestrator.pins import path_of, version_of, versions_below
from orchestrator.queries.pipelines import pipeline_in
from orchestrator.queries.rights import actor_for, allowed_projects


class NestedCatalog:
    """The pipelines that one document names; each is asked for once."""

    def __init__(
        self,
        project: Project,
        among: QuerySet[Project],
        document: object = None,
        *,
        own: Pipeline | None = None,
    ) -> None:
        self._project = project
        self._among = among
        self._own = own
        self._asked = _asked_versions(document)
        self._known: dict[str, tuple[Pipeline, PipelineInfo] | None] = {}

    def pipeline(self, name: str) -> PipelineInfo | None:
        """What a published pipeline takes and gives; nothing if there is none of that name."""
        if name not in self._known:
            row = named_pipeline(self._project, name, among=self._among)
            info = _info(row, self._asked.get(name, ())) if row else None
            self._known[name] = (row, info) if row and info else None
        found = self._known[name]
        return found[1] if found else None

    def found(self) -> dict[str, tuple[Pipeline, PipelineInfo]]:
        """The pipelines that were found, by the name that is written."""
        return {name: both for name, both in self._known.items() if both}

    def names(self, most: int) -> list[tuple[str, str]]:
        """Project and slug of those that may be named."""
        own = Project.objects.filter(pk=self._project.pk)
        rows = Pipeline.objects.filter(project__in=self._among | own)
        published = rows.filter(versions__number__isnull=False).distinct()
        return list(published.values_list("project__slug", "slug")[:most])

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        """The pipelines through which a version leads back to the latest of the document's own."""
        self.pipeline(name)
        both = self._known[name]
        if self._own is None or both is None:
            return ()
        row, own = both[0], self._own
        if row.pk == own.pk and version == "latest":
            return (path_of(own), path_of(own))
        found = version_of(row, version if type(version) is int else None)
        way = _way_to(own, found, (found.pk,)) if found else ()
        return (path_of(own), *way) if way else ()


def nestable_projects(actor: str) -> QuerySet[Project]:
    """The projects whose pipelines somebody's document may nest besides its own: where this
    person could start them."""
    user = User.objects.filter(username=actor, is_active=True).first() if actor else None
    if user is None:
        return Project.objects.none()
    return Project.objects.filter(pk__in=allowed_projects(actor_for(user), "operate"))


def named_pipeline(project: Project, name: str, *, among: QuerySet[Project]) -> Pipeline | None:
    """The pipeline that a document of a project means by a name."""
    owner, slug = split_template_name(name)
    if owner is None or owner == project.slug:
        return pipeline_in(project, slug)
    foreign = among.filter(slug=owner).first()
    return pipeline_in(foreign, slug) if foreign else None


def current_pipeline_versions(pins: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The current version of the pipeline of each pinned step that nests one."""
    ids = {name: pin["pipeline_version"] for name, pin in pins.items() if "pipeline_version" in pin}
    if not ids:
        return {}
    pinned = PipelineVersion.objects.filter(pk__in=set(ids.values()))
    pipelines = dict(pinned.values_list("pk", "pipeline_id"))
    newest = newest_numbers(pipelines.values())
    return {name: newest[pipelines[pk]] for name, pk in ids.items() if pk in pipelines}


def newest_numbers(pipelines: Iterable[Any]) -> dict[Any, int]:
    """The number of the latest version of each of these pipelines."""
    rows = PipelineVersion.objects.filter(pipeline__in=set(pipelines), number__isnull=False)
    return dict(rows.values_list("pipeline_id").annotate(newest=Max("number")))


def _way_to(own: Pipeline, version: PipelineVersion, seen: tuple[int, ...]) -> tuple[str, ...]:
    """The way from a version to a step that asks for the latest of a pipeline; depth first."""
    here = path_of(version.pipeline)
    for name, below in versions_below(version.pins).items():
        if below.pipeline_id == own.pk and version.pins[name].get("latest"):
            return (here, path_of(own))
        if below.pk in seen:
            continue
        if way := _way_to(own, below, (*seen, below.pk)):
            return (here, *way)
    return ()


def _info(pipeline: Pipeline, asked: Collection[int]) -> PipelineInfo | None:
    """What a pipeline takes and gives, also those versions that are asked for; nothing if none
    is published."""
    rows = pipeline.versions.filter(number__isnull=False).order_by("number")
    numbers = tuple(number for number in rows.values_list("number", flat=True) if number)
    if not numbers:
        return None
    wanted = rows.filter(number__in={numbers[-1], *asked})
    documents = {row.number: row.document for row in wanted if row.number}
    specs = {number: read_specs(said.get("parameters"))[0] for number, said in documents.items()}
    outputs = {number: tuple(said.get("outputs") or ()) for number, said in documents.items()}
    newest = numbers[-1]
    return PipelineInfo(
        specs[newest],
        version=newest,
        versions=numbers,
        older={number: own for number, own in specs.items() if number != newest},
        outputs=outputs[newest],
        older_outputs={number: own for number, own in outputs.items() if number != newest},
    )


def _asked_versions(document: object) -> dict[str, set[int]]:
    """The pipelines that a document names, each with the versions that its steps ask for."""
    steps = document.get("steps") if isinstance(document, dict) else None
    asked: dict[str, set[int]] = {}
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and isinstance(name := step.get("pipeline"), str):
            numbers = asked.setdefault(name, set())
            if type(version := step.get("version")) is int and 0 < version < 2**31:
                numbers.add(version)
    return asked
