"""Pipelines as files: export and import, in JSON, YAML and Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import pipelines as actions
from orchestrator.actions.files import apply_file
from orchestrator.api.base import ApiView, created, path_of
from orchestrator.api.describe import describe
from orchestrator.api.errors import TooLarge
from orchestrator.api.parsing import LARGEST_BODY, StrictJSONParser, bad_text
from orchestrator.api.shapes.pipelines import (
    Applied,
    Exported,
    FileToApply,
    Import,
    PipelineDetail,
)
from orchestrator.api.views.pipelines import TAG, PipelineApiView, pipeline_detail
from orchestrator.document_python import written_script
from orchestrator.document_text import read_pipeline, read_yaml, written_yaml
from orchestrator.domain.document import in_reading_order
from orchestrator.domain.errors import Invalid
from orchestrator.models import Pipeline
from orchestrator.queries.pipelines import draft_of, find_version, latest_version
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, require

YAML = "application/yaml"
_ENDINGS = {"python": "py"}


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


class PythonRenderer(BaseRenderer):
    """A script that runs the pipeline, and can be read back."""

    media_type = "text/x-python"
    format = "python"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return bytes(data, "utf-8", "backslashreplace")


class Export(PipelineApiView):
    renderer_classes = (JSONRenderer, YamlRenderer, PythonRenderer)

    @describe(
        TAG,
        answer=Exported,
        query={
            "version": 'A number, "latest" or "draft"; by default the latest, else the draft.',
            "format": "json, yaml or python; an Accept header does too.",
        },
    )
    def get(self, request: Request, **_: Any) -> Response:
        """Give a pipeline as a file."""
        pipeline = self.pipeline()
        number, label, document = _chosen(pipeline, self.query_filters("version").get("version"))
        body = {
            **about_file(pipeline),
            "version": number,
            "label": label,
            "document": in_reading_order(document),
        }
        form = request.accepted_renderer.format
        name = f"{pipeline.project.slug}-{pipeline.slug}.{_ENDINGS.get(form, form)}"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        is_script = form == PythonRenderer.format
        return Response(written_script(body).text if is_script else body, headers=disposition)


class ImportView(ApiView):
    parser_classes = (StrictJSONParser, YamlParser)

    @describe(TAG, body=Import, answer=PipelineDetail, status=201)
    def post(self, request: Request) -> Response:
        """Take an exported pipeline; one of that slug that is there gets it as its draft."""
        wanted = self.body(Import)
        pipeline, is_new = _applied(self.actor, wanted)
        body = pipeline_detail(pipeline)
        return created(body, path_of(pipeline)) if is_new else Response(body)


class ApplyView(ApiView):
    @describe(TAG, body=FileToApply, answer=Applied)
    def post(self, request: Request) -> Response:
        """Take a file as text: a document, or an exported pipeline, in JSON, YAML or Python.

        The pipeline of that slug is made, or gets the document as its draft; with ``publish``
        and without errors the draft becomes a version. What the request says of project, slug and
        name counts more than what the file says.
        """
        given = self.body(FileToApply)
        said = {key: given[key] for key in ("project", "slug", "name") if given[key]}
        file = read_pipeline(given["text"])
        whole = Import(data={**file.said, **said})
        whole.is_valid(raise_exception=True)
        if fault := bad_text(whole.validated_data["document"]):
            raise Invalid.at("document", "bad_value", fault)
        pipeline, is_new = _applied(self.actor, whole.validated_data)
        draft = draft_of(pipeline)
        found = actions.checked(
            draft.document, pipeline.project, actor=self.actor.name, own=pipeline
        )
        body = {
            "pipeline": f"{pipeline.project.slug}/{pipeline.slug}",
            "created": is_new,
            "revision": draft.revision,
            "problems": [problem.as_dict() for problem in file.with_lines(found.problems)],
            "version": None,
            "unchanged": False,
        }
        if given["publish"] and not found.errors:
            label = whole.validated_data["label"]
            version, is_new = actions.publish_if_changed(
                actor=self.actor.name,
                pipeline=pipeline,
                revision=draft.revision,
                note=given["note"],
                label=label,
            )
            body |= {"version": version.number, "unchanged": not is_new}
        return Response(body)


def _applied(actor: Actor, wanted: dict[str, Any]) -> tuple[Pipeline, bool]:
    project = find_project(actor, wanted["project"])
    require(actor, "edit", project)
    return apply_file(
        actor=actor.name,
        project=project,
        slug=wanted["slug"],
        document=wanted["document"],
        about=wanted,
    )


def about_file(pipeline: Pipeline) -> dict[str, Any]:
    """Say of which pipeline a file is."""
    return {
        "project": pipeline.project.slug,
        "slug": pipeline.slug,
        "name": pipeline.name,
        "description": pipeline.description,
        "tags": pipeline.tags,
    }


def _chosen(pipeline: Pipeline, asked: str | None) -> tuple[int | None, str, dict[str, Any]]:
    """Give number and label, if it has them, and the document of what is asked for."""
    if asked == "draft" or (asked is None and latest_version(pipeline) is None):
        return None, "", draft_of(pipeline).document
    if asked is not None and asked != "latest" and not (asked.isascii() and asked.isdigit()):
        message = 'a version is a number, "latest" or "draft"'
        raise Invalid.at("version", "bad_value", message)
    version = find_version(pipeline, None if asked in (None, "latest") else int(asked))
    return version.number, version.label, version.document
