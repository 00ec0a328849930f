"""Questions about pipelines, their drafts and versions."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from orchestrator.domain.document import content_hash
from orchestrator.domain.errors import NotFound, shortened
from orchestrator.models import Draft, Pipeline, PipelineVersion, Project, SlugAlias
from orchestrator.queries.projects import as_uuid
from orchestrator.queries.rights import Actor, for_actor, visible_projects

ALIAS = "pipeline"


def pipelines_for(
    actor: Actor, *, project: Project | None = None, search: str = ""
) -> QuerySet[Pipeline]:
    """Give the pipelines that somebody sees, each with the ``latest_number`` of its versions and
    that version's ``latest_driver``."""
    newest = PipelineVersion.objects.filter(pipeline=OuterRef("pk"), number__isnull=False).order_by(
        "-number"
    )
    found = for_actor(Pipeline.objects.all(), actor).select_related("project")
    if project is not None:
        found = found.filter(project=project)
    if search:
        found = found.filter(
            Q(name__icontains=search)
            | Q(slug__icontains=search)
            | Q(description__icontains=search)
            | Q(project__slug__icontains=search)
        )
    return found.annotate(
        latest_number=Subquery(newest.values("number")[:1]),
        latest_driver=Subquery(newest.values("driver")[:1]),
    ).order_by("project__slug", "slug")


def find_pipeline(actor: Actor, reference: str | UUID) -> Pipeline:
    """Find a pipeline that somebody sees by its id or ``project/slug``."""
    missing = NotFound(f'there is no pipeline "{shortened(str(reference))}"')
    key = as_uuid(reference)
    if key:
        found = pipelines_for(actor).filter(pk=key).first()
    else:
        project_slug, slash, slug = str(reference).partition("/")
        project = visible_projects(actor).filter(slug=project_slug).first()
        if project is None or not slash:
            raise missing
        found = pipeline_in(project, slug)
    if found is None:
        raise missing
    return found


def pipeline_in(project: Project, slug: str) -> Pipeline | None:
    """Find a project's pipeline by its slug or one that it had before."""
    pipelines = Pipeline.objects.filter(project=project).select_related("project")
    found = pipelines.filter(slug=slug).first()
    if found is None:
        alias = SlugAlias.objects.filter(project=project, kind=ALIAS, slug=slug).first()
        found = pipelines.filter(pk=alias.target).first() if alias else None
    return found


def draft_of(pipeline: Pipeline) -> Draft:
    """Give the draft of a pipeline."""
    return Draft.objects.get(pipeline=pipeline)


def draft_without_document(pipeline: Pipeline) -> Draft:
    """Give the draft for a page that tells of it; the document is read when it is needed."""
    return Draft.objects.defer("document").get(pipeline=pipeline)


@lru_cache(maxsize=256)
def hash_of_draft(pipeline_id: UUID, revision: int) -> str:
    """Name what a revision of a draft says; nothing when there is another by now."""
    found = Draft.objects.filter(pipeline=pipeline_id, revision=revision)
    document = found.values_list("document", flat=True).first()
    return "" if document is None else content_hash(document)


def draft_state(pipeline_id: UUID) -> tuple[int, str] | None:
    """The revision that a draft is at, and who saved it."""
    rows = Draft.objects.filter(pipeline_id=pipeline_id).values_list("revision", "actor")
    return rows.first()


def versions_of(pipeline: Pipeline) -> QuerySet[PipelineVersion]:
    """Give the published versions, newest first."""
    return pipeline.versions.filter(number__isnull=False).order_by("-number")


def latest_version(pipeline: Pipeline) -> PipelineVersion | None:
    """Give the version that a run takes unless it asks for another."""
    return versions_of(pipeline).first()


def find_version(pipeline: Pipeline, number: int | None = None) -> PipelineVersion:
    """Find a published version; without a number, the latest."""
    versions = versions_of(pipeline)
    found = versions.filter(number=number).first() if number is not None else versions.first()
    if found is None and number is None:
        raise NotFound(f'pipeline "{pipeline.slug}" has no published version yet')
    if found is None:
        raise NotFound(f'pipeline "{pipeline.slug}" has no version {number}')
    return found
