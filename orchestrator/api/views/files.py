"""Pipelines as files: export and import, in JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
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
        return yaml.safe_dump(_plain(data), sort_keys=False, allow_unicode=True).encode()


class YamlParser(BaseParser):
    """YAML of plain values only, without the anchors that let a small text become a huge one."""

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
        return read_yaml(raw)


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
            "document": document,
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


def read_yaml(raw: bytes | str) -> Any:
    """Read a YAML document of plain values."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(raw)):
            raise ParseError("the YAML holds aliases (*name), which are not taken here")
        value = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise ParseError(f"this is not YAML: {error}") from None
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ParseError(f"this is not readable YAML: {error}") from None
    if fault := bad_text(value):
        raise ParseError(fault)
    return value


def _chosen(pipeline: Pipeline, asked: str | None) -> tuple[int | None, dict[str, Any]]:
    if asked == "draft" or (asked is None and latest_version(pipeline) is None):
        return None, draft_of(pipeline).document
    if asked is not None and asked != "latest" and not (asked.isascii() and asked.isdigit()):
        message = 'a version is a number, "latest" or "draft"'
        raise Invalid.at("version", "bad_value", message)
    version = find_version(pipeline, None if asked in (None, "latest") else int(asked))
    return version.number, version.document


def _plain(value: Any) -> Any:
    """Return the same out of plain dictionaries and lists, which is all that YAML writes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
