"""What an editor asks beside a draft: the palette, comparisons, restoring, values, texts."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import pipelines as actions
from orchestrator.api.describe import describe
from orchestrator.api.parsing import bad_text
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.editing import (
    Comparison,
    DocumentText,
    DocumentToWrite,
    LastValues,
    Palette,
    ReadDocument,
    WrittenDocument,
)
from orchestrator.api.shapes.pipelines import DraftShape
from orchestrator.api.tags import revision_from
from orchestrator.api.views.files import about_file
from orchestrator.api.views.pipelines import IF_MATCH, TAG, PipelineApiView, draft_answer
from orchestrator.document_python import not_taken, written_script
from orchestrator.document_text import read_pipeline
from orchestrator.domain.errors import Invalid
from orchestrator.queries.palette import palette
from orchestrator.queries.pipelines import find_version
from orchestrator.queries.projects import find_project
from orchestrator.queries.references import last_values
from orchestrator.queries.versions import compared


class PaletteView(PipelineApiView):
    @describe(
        TAG,
        answer=Palette,
        query={
            "q": "Words that must all be in name, description or tags.",
            "project": "Only those of a project.",
            "tag": "Only those with this tag.",
        },
    )
    def get(self, request: Request, **_: Any) -> Response:
        """List what may become a step of this pipeline."""
        filters = self.query_filters("q", "project", "tag")
        found = palette(
            self.actor,
            self.pipeline(),
            search=filters.get("q", ""),
            project=find_project(self.actor, filters["project"]) if "project" in filters else None,
            tag=filters.get("tag", ""),
        )
        return Response({"results": found})


class Compare(PipelineApiView):
    @describe(
        TAG,
        answer=Comparison,
        query={
            "from": 'A version\'s number, "latest" or "draft"; by default the latest.',
            "to": "The same; by default the draft.",
        },
    )
    def get(self, request: Request, **_: Any) -> Response:
        """Say what differs between two states: by step and field, and as text."""
        filters = self.query_filters("from", "to")
        before, after = filters.get("from", "latest"), filters.get("to", "draft")
        return Response(compared(self.pipeline(), before, after))


class Restore(PipelineApiView):
    @describe(
        TAG,
        body=Nothing,
        answer=DraftShape,
        headers=IF_MATCH,
        needed=["If-Match"],
        errors=[412, 428],
    )
    def post(self, request: Request, number: int, **_: Any) -> Response:
        """Make a version's document the draft again."""
        pipeline = self.pipeline("edit")
        self.body(Nothing)
        draft = actions.save_draft(
            actor=self.actor.name,
            pipeline=pipeline,
            document=find_version(pipeline, number).document,
            revision=revision_from(request),
        )
        return draft_answer(draft, self.actor)


class References(PipelineApiView):
    @describe(
        TAG,
        answer=LastValues,
        query={"step": "Only what comes before this step of the draft."},
    )
    def get(self, request: Request, **_: Any) -> Response:
        """Show the values that references would have given in the last runs."""
        return Response(last_values(self.pipeline(), self.query_filters("step").get("step")))


class ReadText(PipelineApiView):
    @describe(TAG, body=DocumentText, answer=ReadDocument)
    def post(self, request: Request, **_: Any) -> Response:
        """Read a document, or an exported pipeline, from JSON, YAML or Python; nothing is kept.

        What a script says beyond its document is told as a warning, ``not_taken``.
        """
        pipeline = self.pipeline()
        text = self.body(DocumentText)["text"]
        file = read_pipeline(text)
        document = file.said["document"]
        if fault := bad_text(document):
            raise Invalid.at("document", "bad_value", fault)
        problems = actions.document_problems(
            document, pipeline.project, actor=self.actor.name, own=pipeline
        )
        found = file.with_lines(problems)
        if file.lines:
            found += not_taken(text, file, about_file(pipeline))
        told = [one.as_dict() for one in found]
        steps = [lines._asdict() for lines in file.steps]
        return Response({"document": document, "problems": told, "steps": steps})


class WriteText(PipelineApiView):
    @describe(TAG, body=DocumentToWrite, answer=WrittenDocument)
    def post(self, request: Request, **_: Any) -> Response:
        """Write a document of this pipeline as a script that runs it; nothing is kept."""
        pipeline = self.pipeline()
        document = self.body(DocumentToWrite)["document"]
        if not isinstance(document, dict):
            raise Invalid.at("document", "wrong_type", "a document is an object")
        written = written_script({**about_file(pipeline), "document": document})
        steps = [lines._asdict() for lines in written.steps]
        return Response({"text": written.text, "steps": steps})
