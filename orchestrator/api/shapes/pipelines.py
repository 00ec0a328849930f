"""Pipelines, drafts and versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import Labels, ParameterShape, ProblemShape, Text
from orchestrator.models import Pipeline, PipelineVersion


class PipelineShape(serializers.ModelSerializer[Pipeline]):
    """A pipeline in a list."""

    project: Any = serializers.SlugRelatedField("slug", read_only=True)
    latest_version = serializers.IntegerField(
        source="latest_number", default=None, allow_null=True, help_text="What a run takes."
    )
    url = serializers.SerializerMethodField()

    class Meta:
        model = Pipeline
        fields = (
            "id",
            "project",
            "slug",
            "name",
            "description",
            "tags",
            "latest_version",
            "last_run_number",
            "created_at",
            "url",
        )

    def get_url(self, pipeline: Pipeline) -> str:
        """The page."""
        return f"/pipelines/{pipeline.project.slug}/{pipeline.slug}/"


class PipelineDetail(PipelineShape):
    """A pipeline with the parameters that a run of its latest version takes."""

    parameters = ParameterShape(many=True)

    class Meta(PipelineShape.Meta):
        fields = (*PipelineShape.Meta.fields, "parameters")  # type: ignore[assignment]


class NewPipeline(StrictSerializer):
    """A pipeline to be made; without a document its draft is empty."""

    project = serializers.CharField()
    name = serializers.CharField(max_length=128, required=False, default="")
    slug = serializers.CharField(required=False, default="")
    description = Text(required=False, default="")
    tags = Labels(required=False, default=list)
    document = serializers.JSONField(required=False, default=None)


class PipelineChange(StrictSerializer):
    """What may be changed of a pipeline beside its draft."""

    name = serializers.CharField(max_length=128, required=False)
    description = Text(required=False)
    tags = Labels(required=False)


class DraftShape(serializers.Serializer[Any]):
    """A draft, what is wrong with it, and the revision to name when it is saved."""

    revision = serializers.IntegerField()
    document = serializers.DictField()
    actor = serializers.CharField()
    updated_at = serializers.DateTimeField()
    problems = ProblemShape(many=True)


class DocumentBody(StrictSerializer):
    """A pipeline's document."""

    document = serializers.JSONField()


class DocumentToCheck(StrictSerializer):
    """A document, or none for the draft."""

    document = serializers.JSONField(required=False, default=None)


class Findings(serializers.Serializer[Any]):
    """What is wrong with a document; valid without errors, whatever the warnings."""

    valid = serializers.BooleanField()
    problems = ProblemShape(many=True)


class Publication(StrictSerializer):
    """What is new in this version."""

    note = Text(required=False, default="", max_length=10_000)
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, default="", allow_blank=True, max_length=64
    )


class VersionShape(serializers.ModelSerializer[PipelineVersion]):
    """A version in a list."""

    class Meta:
        model = PipelineVersion
        fields = ("number", "label", "note", "author", "created_at", "content_hash")


class VersionDetail(VersionShape):
    """A version with its document and the template version of each step."""

    document = serializers.DictField()
    pins = serializers.DictField()

    class Meta(VersionShape.Meta):
        fields = (*VersionShape.Meta.fields, "document", "pins")  # type: ignore[assignment]


class Exported(serializers.Serializer[Any]):
    """A pipeline as a file, to be imported elsewhere."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True)
    document = serializers.DictField()


class Import(StrictSerializer):
    """An exported pipeline; one of that slug that is there gets the document as its draft."""

    project = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField(max_length=128, required=False, default="")
    description = Text(required=False, default="")
    tags = Labels(required=False, default=list)
    version = serializers.IntegerField(required=False, allow_null=True)
    document = serializers.JSONField()
