"""Pipelines: made, edited as drafts, published, exported, imported, started."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import pipelines as actions
from orchestrator.actions.places_of_runs import change_line
from orchestrator.actions.projects import project_for
from orchestrator.actions.registering import register_pipeline
from orchestrator.api.base import ApiView, created, path_of, reference
from orchestrator.api.describe import describe
from orchestrator.api.shapes.pipelines import (
    DocumentBody,
    DocumentToCheck,
    DraftShape,
    Findings,
    NewPipeline,
    NewRegistration,
    PipelineChange,
    PipelineDetail,
    PipelineShape,
    PlacesChange,
    PlacesShape,
    Publication,
    PublishedVersion,
    Registered,
    SavedDraft,
    VersionDetail,
    VersionShape,
)
from orchestrator.api.tags import is_known, revision_from, revision_tag
from orchestrator.models import Draft, Pipeline
from orchestrator.queries.pipelines import (
    draft_of,
    find_pipeline,
    find_version,
    latest_version,
    pipelines_for,
    versions_of,
)
from orchestrator.queries.places import line_of_pipeline
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, Verb, may_make, require

TAG = "pipelines"
IF_MATCH = {"If-Match": "The revision that you have seen, as the draft's ETag."}


class PipelineApiView(ApiView):
    """A view of one pipeline, named by its id or ``project/slug``."""

    def pipeline(self, verb: Verb = "view") -> Pipeline:
        """Find the pipeline of the address, if the asker may do this to it."""
        found = find_pipeline(self.actor, reference(self.kwargs))
        require(self.actor, verb, found.project)
        return found


class Pipelines(ApiView):
    @describe(
        TAG,
        answer=PipelineShape,
        pages=True,
        query={"project": "Only those of a project.", "search": "In name, slug, description."},
    )
    def get(self, request: Request) -> Response:
        """List the pipelines that you see."""
        filters = self.query_filters("project", "search")
        project = find_project(self.actor, filters["project"]) if "project" in filters else None
        rows = pipelines_for(self.actor, project=project, search=filters.get("search", ""))
        return self.page(rows, PipelineShape, ordering=("slug", "id"))

    @describe(TAG, body=NewPipeline, answer=PipelineDetail, status=201)
    def post(self, request: Request) -> Response:
        """Make a pipeline from a document; its draft may have problems, see validate."""
        wanted = self.body(NewPipeline)
        wanted["project"] = find_project(self.actor, wanted["project"])
        require(self.actor, "edit", wanted["project"])
        made = actions.create_pipeline(actor=self.actor.name, **wanted)
        return created(pipeline_detail(made), path_of(made))


class RegisterView(ApiView):
    @describe(TAG, body=NewRegistration, answer=Registered)
    def post(self, request: Request) -> Response:
        """Register a pipeline that a script declares; the same again gives the same version.

        That takes an editor only if there is something new.
        """
        wanted = self.body(NewRegistration)
        with transaction.atomic():
            wanted["project"] = project_for(self.actor, wanted["project"])
            makes = may_make(self.actor, wanted["project"])
            version, is_new = register_pipeline(actor=self.actor.name, **wanted)
            if is_new and not makes:
                require(self.actor, "edit", wanted["project"])
        pipeline = version.pipeline
        return Response(
            {
                "pipeline": f"{pipeline.project.slug}/{pipeline.slug}",
                "id": str(pipeline.pk),
                "version": version.number,
                "label": version.label,
                "created": is_new,
            }
        )


class PipelineView(PipelineApiView):
    @describe(TAG, answer=PipelineDetail)
    def get(self, request: Request, **_: Any) -> Response:
        """Show a pipeline and the parameters that a run takes."""
        return Response(pipeline_detail(self.pipeline()))

    @describe(TAG, body=PipelineChange, answer=PipelineDetail)
    def patch(self, request: Request, **_: Any) -> Response:
        """Rename, describe or tag a pipeline."""
        pipeline = self.pipeline("edit")
        change = self.body(PipelineChange)
        actions.change_pipeline(actor=self.actor.name, pipeline=pipeline, **change)
        return Response(pipeline_detail(pipeline))


class DraftView(PipelineApiView):
    @describe(TAG, answer=DraftShape)
    def get(self, request: Request, **_: Any) -> Response:
        """Show the draft and what is wrong with it; with If-None-Match, 304 when it is known."""
        draft = draft_of(self.pipeline())
        if is_known(request, tag := revision_tag(draft.revision)):
            return Response(status=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
        return draft_answer(draft, self.actor)

    @describe(
        TAG,
        body=DocumentBody,
        answer=DraftShape,
        headers={**IF_MATCH, "Prefer": "return=minimal: only the revision, who and when."},
        needed=["If-Match"],
        errors=[412, 428],
    )
    def put(self, request: Request, **_: Any) -> Response:
        """Replace the draft, if it still is the revision that you have seen."""
        pipeline = self.pipeline("edit")
        revision = revision_from(request)
        document = self.body(DocumentBody)["document"]
        draft = actions.save_draft(
            actor=self.actor.name, pipeline=pipeline, document=document, revision=revision
        )
        if "return=minimal" in request.headers.get("Prefer", ""):
            headers = {"ETag": revision_tag(draft.revision), "Preference-Applied": "return=minimal"}
            return Response(SavedDraft(draft).data, headers=headers)
        return draft_answer(draft, self.actor)


class Validate(PipelineApiView):
    @describe(TAG, body=DocumentToCheck, answer=Findings)
    def post(self, request: Request, **_: Any) -> Response:
        """Say everything that is wrong with a document, or with the draft; nothing is kept."""
        pipeline = self.pipeline()
        document = self.body(DocumentToCheck)["document"]
        if document is None:
            document = draft_of(pipeline).document
        found = actions.checked(document, pipeline.project, actor=self.actor.name, own=pipeline)
        return Response(
            {
                "valid": not found.errors,
                "problems": [one.as_dict() for one in found.problems],
                "templates": found.catalog.facts(),
                "pipelines": found.catalog.pipeline_facts(),
            }
        )


class Publish(PipelineApiView):
    @describe(
        TAG,
        body=Publication,
        answer=PublishedVersion,
        status=201,
        headers=IF_MATCH,
        needed=["If-Match"],
        errors=[412, 428],
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Make the draft a version; each step is pinned to its template's current version.

        When nothing has changed since the latest version, that one is the answer, with 200.
        """
        pipeline = self.pipeline("edit")
        version, is_new = actions.publish_if_changed(
            actor=self.actor.name,
            pipeline=pipeline,
            revision=revision_from(request),
            **self.body(Publication),
        )
        where = f"{path_of(pipeline)}versions/{version.number}/"
        body = PublishedVersion(version, context={"unchanged": not is_new}).data
        return created(body, where) if is_new else Response(body, headers={"Location": where})


class Places(PipelineApiView):
    @describe(TAG, answer=PlacesShape)
    def get(self, request: Request, **_: Any) -> Response:
        """Show how many runs of the pipeline may go on at a time, and how many wait."""
        return Response(line_of_pipeline(self.pipeline()))

    @describe(TAG, body=PlacesChange, answer=PlacesShape)
    def patch(self, request: Request, **_: Any) -> Response:
        """Change the limit of runs, pause the pipeline or let it go on.

        Runs beyond the limit stay queued, by priority and age; what goes on is left alone.
        """
        pipeline = self.pipeline("edit")
        change_line(actor=self.actor.name, pipeline=pipeline, **self.body(PlacesChange))
        return Response(line_of_pipeline(pipeline))


class Versions(PipelineApiView):
    @describe(TAG, answer=VersionShape, pages=True)
    def get(self, request: Request, **_: Any) -> Response:
        """List the published versions, newest first."""
        self.query_filters()
        rows = versions_of(self.pipeline()).defer("document", "pins")
        return self.page(rows, VersionShape, ordering="-number")


class VersionView(PipelineApiView):
    @describe(TAG, answer=VersionDetail)
    def get(self, request: Request, number: int, **_: Any) -> Response:
        """Show a version with its document and pins."""
        return Response(VersionDetail(find_version(self.pipeline(), number)).data)


def draft_answer(draft: Draft, actor: Actor) -> Response:
    """Answer a draft with what is wrong with it and which versions its steps take."""
    pipeline = draft.pipeline
    found = actions.checked(draft.document, pipeline.project, actor=actor.name, own=pipeline)
    body = {
        "revision": draft.revision,
        "document": draft.document,
        "actor": draft.actor,
        "updated_at": draft.updated_at,
        "problems": [problem.as_dict() for problem in found.problems],
        "pins": found.pins(),
    }
    return Response(DraftShape(body).data, headers={"ETag": revision_tag(draft.revision)})


def pipeline_detail(pipeline: Pipeline) -> dict[str, Any]:
    """Give a pipeline with the parameters of its latest version, or of its draft."""
    version = latest_version(pipeline)
    draft = version or draft_of(pipeline)
    declared = draft.document.get("parameters")
    return {
        **PipelineShape(pipeline).data,
        "latest_version": version.number if version else None,
        "parameters": declared if isinstance(declared, list) else [],
    }
