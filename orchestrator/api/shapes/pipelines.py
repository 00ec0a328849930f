"""Pipelines, drafts and versions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orchestrator.actions.registering import DRIVERS
from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import AsItCame, Labels, ParameterShape, ProblemShape, Text
from orchestrator.domain.names import SERVICES_QUEUE
from orchestrator.models import Pipeline, PipelineVersion
from orchestrator.queries.catalog import current_versions


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


class ScriptBody(StrictSerializer):
    """A script, and the packages that it requires."""

    script = Text()
    requirements = serializers.ListField(child=serializers.CharField(), required=False)


class NewRegistration(StrictSerializer):
    """A pipeline as its script declares it."""

    project = serializers.CharField()
    name = serializers.CharField(max_length=128)
    document = serializers.JSONField()
    driver = serializers.ChoiceField(
        DRIVERS,
        help_text="controller: the document has all steps; script: the script adds them as it goes",
    )
    script = ScriptBody(
        required=False, default=None, allow_null=True, help_text="What drives a run."
    )
    queue = serializers.CharField(
        required=False, default=SERVICES_QUEUE, help_text="Where a run's script waits."
    )
    label = serializers.CharField(  # type: ignore[assignment]
        required=False,
        default=None,
        allow_null=True,
        max_length=64,
        help_text="Without one the newest label, counted up when something has changed.",
    )
    tags = Labels(required=False, default=list)


class Registered(serializers.Serializer[Any]):
    """The version that a script's declarations are."""

    pipeline = serializers.CharField(help_text="project/slug")
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    created = serializers.BooleanField(help_text="False: there was such a version.")


class PipelineChange(StrictSerializer):
    """What may be changed of a pipeline beside its draft."""

    name = serializers.CharField(max_length=128, required=False)
    description = Text(required=False)
    tags = Labels(required=False)


class PinShape(serializers.Serializer[Any]):
    """Which version of its template or pipeline a step takes, and which is the current one."""

    template = serializers.CharField(required=False)
    pipeline = serializers.CharField(required=False)
    version = serializers.IntegerField()
    current = serializers.IntegerField()


class DraftShape(serializers.Serializer[Any]):
    """A draft, what is wrong with it, and the revision to name when it is saved."""

    revision = serializers.IntegerField()
    document = serializers.DictField()
    actor = serializers.CharField()
    updated_at = serializers.DateTimeField()
    problems = ProblemShape(many=True)
    pins = serializers.DictField(child=PinShape(), help_text="By the step's name.")


class SavedDraft(serializers.Serializer[Any]):
    """What has become of a save, when no more was asked for."""

    revision = serializers.IntegerField()
    actor = serializers.CharField()
    updated_at = serializers.DateTimeField()


class DocumentBody(StrictSerializer):
    """A pipeline's document."""

    document = AsItCame()


class DocumentToCheck(StrictSerializer):
    """A document, or none for the draft."""

    document = AsItCame(required=False, default=None)


class TemplateFacts(serializers.Serializer[Any]):
    """A template as an editor shows it; ``template`` is how this pipeline's document names it."""

    template = serializers.CharField()
    name = serializers.CharField(help_text="project/slug")
    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    project = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    type = serializers.CharField()
    version = serializers.IntegerField(help_text="The current one.")
    versions = serializers.ListField(child=serializers.IntegerField())
    parameters = ParameterShape(many=True)
    older = serializers.DictField(
        child=ParameterShape(many=True), help_text="What earlier versions took that steps ask for."
    )
    page = serializers.CharField()


class PlacesShape(serializers.Serializer[Any]):
    """How many runs of a pipeline go on at a time, and how it stands."""

    limit = serializers.IntegerField(allow_null=True, help_text="null: as many as come.")
    paused = serializers.BooleanField(help_text="No run starts; what goes on comes to its end.")
    running = serializers.IntegerField()
    waiting = serializers.IntegerField()


class PlacesChange(StrictSerializer):
    """What of it is to be another; what is not named stays."""

    limit = serializers.IntegerField(required=False, allow_null=True)
    paused = serializers.BooleanField(required=False)


class PipelineFacts(serializers.Serializer[Any]):
    """A pipeline as a document that nests it sees it."""

    pipeline = serializers.CharField(help_text="As this document names it.")
    name = serializers.CharField(help_text="project/slug")
    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    project = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(help_text="The current one.")
    versions = serializers.ListField(child=serializers.IntegerField())
    parameters = ParameterShape(many=True)
    older = serializers.DictField(help_text="What earlier versions take that steps ask for.")
    outputs = serializers.ListField(child=serializers.CharField())
    page = serializers.CharField()


class Findings(serializers.Serializer[Any]):
    """What is wrong with a document; valid without errors, whatever the warnings."""

    valid = serializers.BooleanField()
    problems = ProblemShape(many=True)
    templates = serializers.DictField(
        child=TemplateFacts(), help_text="The templates that it names and that there are."
    )
    pipelines = serializers.DictField(
        child=PipelineFacts(), help_text="The pipelines that it nests and that there are."
    )


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
    """A version with its document and what each step takes."""

    document = serializers.DictField()
    pins = serializers.SerializerMethodField()

    class Meta(VersionShape.Meta):
        fields = (*VersionShape.Meta.fields, "document", "pins")  # type: ignore[assignment]

    @extend_schema_field(serializers.DictField(child=PinShape()))
    def get_pins(self, version: PipelineVersion) -> dict[str, Any]:
        """What each step takes, by its name."""
        current = current_versions(version.pins)
        return {
            name: {
                **{key: pin[key] for key in ("template", "pipeline") if key in pin},
                "version": pin["version"],
                "current": current.get(name, pin["version"]),
            }
            for name, pin in version.pins.items()
        }


class PublishedVersion(VersionDetail):
    """What publishing gives: a new version, or the latest when nothing has changed since."""

    unchanged = serializers.SerializerMethodField()

    class Meta(VersionDetail.Meta):
        fields = (*VersionDetail.Meta.fields, "unchanged")  # type: ignore[assignment]

    def get_unchanged(self, version: PipelineVersion) -> bool:
        """Whether that version was there before."""
        return bool(self.context["unchanged"])


class Exported(serializers.Serializer[Any]):
    """A pipeline as a file, to be imported elsewhere."""

    project = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="Of the version; empty if it has none."
    )
    document = serializers.DictField()


class Import(StrictSerializer):
    """An exported pipeline; one of that slug that is there gets the document as its draft."""

    project = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField(max_length=128, required=False, default="")
    description = Text(required=False, default="")
    tags = Labels(required=False, default=list)
    version = serializers.IntegerField(required=False, allow_null=True)
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=64, required=False, default="", allow_blank=True
    )
    document = serializers.JSONField()


class FileToApply(StrictSerializer):
    """A file as text, and what is not in it."""

    text = Text()
    project = serializers.CharField(required=False, default="", allow_blank=True)
    slug = serializers.CharField(required=False, default="", allow_blank=True)
    name = serializers.CharField(max_length=128, required=False, default="", allow_blank=True)
    publish = serializers.BooleanField(required=False, default=False)
    note = Text(required=False, default="", max_length=10_000)


class Applied(serializers.Serializer[Any]):
    """What has become of a file."""

    pipeline = serializers.CharField(help_text="project/slug")
    created = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Of the draft.")
    problems = ProblemShape(many=True)
    version = serializers.IntegerField(allow_null=True, help_text="When it was published.")
    unchanged = serializers.BooleanField(help_text="That version was there before.")
