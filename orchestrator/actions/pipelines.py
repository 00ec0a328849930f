"""Pipelines: made from a document, edited as a draft, published as immutable versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from orchestrator import announce
from orchestrator.actions.audit import record
from orchestrator.actions.pins import pins_of
from orchestrator.actions.projects import check_display_name, check_new_slug
from orchestrator.domain.document import (
    canonical_json,
    check,
    content_hash,
    normalise,
    steps_by_name,
)
from orchestrator.domain.errors import Conflict, Invalid, Problem, shortened
from orchestrator.domain.names import CAPS
from orchestrator.models import (
    Draft,
    DraftRevision,
    Pipeline,
    PipelineVersion,
    Project,
)
from orchestrator.queries.catalog import DocumentCatalog, document_catalog
from orchestrator.queries.pipelines import latest_version

KEPT_REVISIONS = 50
MADE_OF = ("template", "pipeline")
EMPTY_DOCUMENT: Mapping[str, Any] = {"schema": 1, "steps": []}


class StaleDraft(Conflict):
    """Somebody else has changed the draft in the meantime."""

    code = "stale_draft"


@dataclass(frozen=True, slots=True)
class Checked:
    """A document, everything that is wrong with it, and the catalog that it was held against."""

    document: object
    problems: list[Problem]
    catalog: DocumentCatalog

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    def pins(self) -> dict[str, dict[str, Any]]:
        """The version that each step would take now, and the one that is current."""
        steps = steps_by_name(self.document) if isinstance(self.document, dict) else {}
        pins = {}
        for name, step in steps.items():
            found = (self._pin(step, key) for key in MADE_OF)
            if pin := next((one for one in found if one), None):
                pins[name] = pin
        return pins

    def _pin(self, step: Mapping[str, Any], key: str) -> dict[str, Any] | None:
        made_of, asked = step.get(key), step.get("version")
        if not isinstance(made_of, str):
            return None
        find = self.catalog.pipeline if key == "pipeline" else self.catalog.template
        info = find(made_of)
        if info is None:
            return None
        version = asked if type(asked) is int else info.version
        return {key: made_of, "version": version, "current": info.version}


def checked(
    document: object,
    project: Project,
    *,
    actor: str = "",
    own: Pipeline | None = None,
    driven: bool = False,
) -> Checked:
    """Hold a document against the templates and pipelines that there are.

    *own* is the pipeline that it is of, if there is one yet: no way may lead back to it. One that
    is *driven* by a script may call it.
    """
    catalog = document_catalog(project, actor=actor, document=document, own=own)
    return Checked(document, check(document, catalog=catalog, driven=driven), catalog)


def document_problems(
    document: object, project: Project, *, actor: str = "", own: Pipeline | None = None
) -> list[Problem]:
    """Find everything that is wrong with a document, warnings included."""
    return checked(document, project, actor=actor, own=own).problems


def create_pipeline(
    *,
    actor: str,
    project: Project,
    slug: str = "",
    name: str = "",
    document: Mapping[str, Any] | None = None,
    description: str = "",
    tags: list[str] | None = None,
) -> Pipeline:
    """Make a pipeline with its draft. A draft may have problems; it cannot be published then."""
    slug = check_new_slug(slug, name, otherwise="pipeline")
    kept = storable(EMPTY_DOCUMENT if document is None else document)
    try:
        with transaction.atomic():
            pipeline = Pipeline.objects.create(
                project=project,
                slug=slug,
                name=check_display_name(name, slug),
                description=description,
                tags=tags or [],
            )
            Draft.objects.create(pipeline=pipeline, document=kept, actor=actor)
            record(actor, "pipeline.create", f"{project.slug}/{slug}", project)
    except IntegrityError:
        taken = Conflict(f'project "{project.slug}" has a pipeline "{slug}" already')
        raise taken from None
    announce.poke(f"project:{project.pk}")
    return pipeline


@transaction.atomic
def change_pipeline(
    *,
    actor: str,
    pipeline: Pipeline,
    name: str | None = None,
    description: str | None = None,
    tags: list[str] | None = None,
) -> Pipeline:
    """Rename, describe or tag a pipeline; its slug stays, because addresses hold it."""
    if name is not None:
        pipeline.name = check_display_name(name, pipeline.slug)
    if description is not None:
        pipeline.description = description
    if tags is not None:
        pipeline.tags = tags
    pipeline.save(update_fields=["name", "description", "tags"])
    record(actor, "pipeline.change", _path(pipeline), pipeline.project)
    announce.poke(f"pipeline:{pipeline.pk}", f"project:{pipeline.project_id}")
    return pipeline


@transaction.atomic
def save_draft(
    *, actor: str, pipeline: Pipeline, document: Mapping[str, Any], revision: int
) -> Draft:
    """Replace the draft, if it still is the revision that the writer has seen.

    1. Lock the draft, so that of two savers one comes second and is told.
    2. Keep the old state: others merge against what they started from.
    3. Write the new one under the next number.
    """
    kept = storable(document)
    draft = locked_draft(pipeline, revision)
    if draft.document == kept:
        return draft
    DraftRevision.objects.create(
        draft=draft, revision=draft.revision, document=draft.document, actor=draft.actor
    )
    draft.revisions.filter(revision__lte=draft.revision - KEPT_REVISIONS).delete()
    draft.revision += 1
    draft.document = kept
    draft.actor = actor
    draft.save()
    announce.poke(f"draft:{pipeline.pk}", f"pipeline:{pipeline.pk}")
    return draft


def publish(
    *, actor: str, pipeline: Pipeline, revision: int | None = None, note: str = "", label: str = ""
) -> PipelineVersion:
    """Make the draft a version, or find the latest again when nothing has changed."""
    return publish_if_changed(
        actor=actor, pipeline=pipeline, revision=revision, note=note, label=label
    )[0]


@transaction.atomic
def publish_if_changed(
    *, actor: str, pipeline: Pipeline, revision: int | None = None, note: str = "", label: str = ""
) -> tuple[PipelineVersion, bool]:
    """Make the draft an immutable version, each step pinned to its template's current version.

    The answer says whether it is new: publishing what is published already gives that version
    again. Layout and notes count, for runs are drawn with their version's.
    """
    draft = locked_draft(pipeline, revision)
    pins = checked_pins(pipeline, draft.document, actor)
    latest = latest_version(pipeline)
    document = normalise(draft.document)
    if latest and (latest.document, latest.pins, latest.label) == (document, pins, label):
        return latest, False
    newest = pipeline.versions.aggregate(newest=Max("number"))["newest"] or 0
    version = PipelineVersion.objects.create(
        pipeline=pipeline,
        number=newest + 1,
        label=label,
        document=document,
        pins=pins,
        content_hash=content_hash(document),
        author=actor,
        note=note,
    )
    record(actor, "pipeline.publish", _path(pipeline), pipeline.project, version=version.number)
    announce.poke(f"pipeline:{pipeline.pk}", f"project:{pipeline.project_id}")
    return version, True


@transaction.atomic
def version_for_draft(pipeline: Pipeline, revision: int | None = None) -> PipelineVersion:
    """Make, or find again, the numberless version that a run of the draft belongs to.

    The draft names templates with the rights of who edited it last, not of who runs it.
    """
    draft = locked_draft(pipeline, revision)
    pins = checked_pins(pipeline, draft.document, draft.actor)
    return unnumbered_version(pipeline, draft.document, pins, draft.actor)


def locked_pipeline(pipeline: Pipeline) -> Pipeline:
    """The pipeline, to which nobody else gives a version or a run with a key meanwhile."""
    return Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)


def locked_draft(pipeline: Pipeline, revision: int | None = None) -> Draft:
    """The draft, that nobody else changes meanwhile, if it still is the revision that is meant."""
    draft = Draft.objects.select_for_update().get(pipeline=pipeline)
    if revision is not None:
        _refuse_stale(draft, revision)
    return draft


def unnumbered_version(
    pipeline: Pipeline, document: Mapping[str, Any], pins: Mapping[str, Any], author: str
) -> PipelineVersion:
    """Make a version that only its runs know, or find the same again."""
    tidy = normalise(document)
    new_hash = content_hash(tidy)
    for version in pipeline.versions.filter(number=None, content_hash=new_hash).order_by("-pk"):
        if version.pins == pins and version.document == tidy:
            return version
    return PipelineVersion.objects.create(
        pipeline=pipeline, document=tidy, pins=pins, content_hash=new_hash, author=author
    )


def checked_pins(
    pipeline: Pipeline, document: dict[str, Any], actor: str, *, driven: bool = False
) -> dict[str, Any]:
    """The version that each step takes, if nothing is wrong with the document."""
    held = checked(document, pipeline.project, actor=actor, own=pipeline, driven=driven)
    if held.errors:
        raise Invalid(held.errors)
    return pins_of(pipeline.project, document, actor)


def storable(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document as it is stored; only what cannot be stored is refused here."""
    if not isinstance(document, Mapping):
        raise Invalid.at("document", "wrong_type", "a pipeline's document is an object")
    kept = dict(document)
    try:
        text = canonical_json(kept)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        message = f"the document holds what JSON cannot: {shortened(str(error))}"
        raise Invalid.at("document", "bad_value", message) from None
    if size > CAPS.document_bytes:
        message = f"{size:,} bytes are more than the cap of {CAPS.document_bytes:,} bytes"
        raise Invalid.at("document", "cap_exceeded", message)
    # Escaped backslashes aside, this is how JSON writes the one sign that PostgreSQL cannot keep.
    if "\\u0000" in text.replace("\\\\", ""):
        raise Invalid.at("document", "bad_value", "the document holds a NUL character")
    return kept


def _refuse_stale(draft: Draft, revision: int) -> None:
    if draft.revision != revision:
        raise StaleDraft(
            f"the draft is at revision {draft.revision} by {draft.actor}, not at {revision}: "
            "fetch it, merge, and save again"
        )


def _path(pipeline: Pipeline) -> str:
    return f"{pipeline.project.slug}/{pipeline.slug}"
