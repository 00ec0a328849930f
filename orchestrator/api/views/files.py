"""Pipelines as files: export and import, in JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import pipelines as actions
from orchestrator.api.base import ApiView, created, path_of
from orchestrator.api.describe import describe
from orchestrator.api.errors import TooLarge
from orchestrator.api.parsing import LARGEST_BODY, StrictJSONParser, bad_text
from orchestrator.api.shapes.pipelines import Exported, Import, PipelineDetail
from orchestrator.api.views.pipelines import TAG, PipelineApiView, pipeline_detail
from orchestrator.document_text import read_yaml, written_yaml
from orchestrator.domain.document import in_reading_order
from orchestrator.domain.errors import Invalid
from orchestrator.models import Pipeline
from orchestrator.queries.pipelines import draft_of, find_version, latest_version, pipeline_in
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import require

YAML = "application/yaml"


class YamlRenderer(BaseRenderer):
    """YAML for people to read and keep in a repository."""

    media_type = YAML
    format = "yaml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return written_yaml(data).encode()


class YamlParser(BaseParser):
    """YAML of plain values only."""

    media_type = YAML

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            raise TooLarge
        try:
            value = read_yaml(raw)
        except Invalid as error:
            raise ParseError(error.message) from None
        if fault := bad_text(value):
            raise ParseError(fault)
        return value


class Export(PipelineApiView):
    renderer_classes = (JSONRenderer, YamlRenderer)

    @describe(
        TAG,
        answer=Exported,
        query={
            "version": 'A number, "latest" or "draft"; by default the latest, else the draft.',
            "format": "json or yaml; an Accept header does too.",
        },
    )
    def get(self, request: Request, **_: Any) -> Response:
        """Give a pipeline as a file."""
        pipeline = self.pipeline()
        number, document = _chosen(pipeline, self.query_filters("version").get("version"))
        body = {
            "slug": pipeline.slug,
            "name": pipeline.name,
            "description": pipeline.description,
            "tags": pipeline.tags,
            "version": number,
            "document": in_reading_order(document),
        }
        ending = request.accepted_renderer.format
        name = f"{pipeline.project.slug}-{pipeline.slug}.{ending}"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, headers=disposition)


class ImportView(ApiView):
    parser_classes = (StrictJSONParser, YamlParser)

    @describe(TAG, body=Import, answer=PipelineDetail, status=201)
    def post(self, request: Request) -> Response:
        """Take an exported pipeline; one of that slug that is there gets it as its draft."""
        wanted = self.body(Import)
        wanted.pop("version", None)
        project = find_project(self.actor, wanted.pop("project"))
        require(self.actor, "edit", project)
        known = pipeline_in(project, wanted["slug"])
        if known is None:
            made = actions.create_pipeline(actor=self.actor.name, project=project, **wanted)
            return created(pipeline_detail(made), path_of(made))
        actions.save_draft(
            actor=self.actor.name,
            pipeline=known,
            document=wanted["document"],
            revision=draft_of(known).revision,
        )
        return Response(pipeline_detail(known))


def _chosen(pipeline: Pipeline, asked: str | None) -> tuple[int | None, dict[str, Any]]:
    if asked == "draft" or (asked is None and latest_version(pipeline) is None):
        return None, draft_of(pipeline).document
    if asked is not None and asked != "latest" and not (asked.isascii() and asked.isdigit()):
        message = 'a version is a number, "latest" or "draft"'
        raise Invalid.at("version", "bad_value", message)
    version = find_version(pipeline, None if asked in (None, "latest") else int(asked))
    return version.number, version.document
