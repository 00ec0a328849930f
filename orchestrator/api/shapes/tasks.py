"""Tasks and templates, and what executions leave behind."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import Declarations, Labels, ObjectField, ParameterShape, Text
from orchestrator.domain import artifacts
from orchestrator.domain.artifacts import REPORTS
from orchestrator.models import Artifact, Run, Task, TemplateVersion
from orchestrator.queries.steps import artifact_address

KINDS = ("python", "function", "command")


class TypeField(serializers.CharField):
    """What a task is there for, in a word: training, testing, data_processing, controller."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 32, **options})


class Key(serializers.CharField):
    """Under which key a script makes it; the same key gives the same again."""

    def __init__(self, **options: Any) -> None:
        said = "By a script's token: the same key gives the same again."
        defaults = {"max_length": 2000, "required": False, "default": "", "allow_blank": True}
        super().__init__(**{**defaults, "help_text": said, **options})


class Configuration(serializers.DictField):
    """Texts by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"child": Text(), **options})


class ConfigurationChange(serializers.DictField):
    """Texts by name; null takes one out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"child": Text(allow_null=True), **options})


class TaskShape(serializers.ModelSerializer[Task]):
    """A task in a list. A template is a task that is kept to be cloned."""

    project: Any = serializers.SlugRelatedField("slug", read_only=True)
    template = serializers.BooleanField(source="is_template")
    version = serializers.IntegerField(
        source="template_version.number",
        default=None,
        allow_null=True,
        help_text="Of a template its newest version; of a clone the one it was made from.",
    )
    from_template = serializers.SerializerMethodField()
    agent = serializers.CharField(source="agent.name", default=None, allow_null=True)
    process = serializers.DictField(
        help_text="host and actor, if a process runs it, or ran it last, that no agent started."
    )

    class Meta:
        model = Task
        fields = (
            "id",
            "project",
            "name",
            "slug",
            "template",
            "version",
            "from_template",
            "parent",
            "kind",
            "type",
            "status",
            "fence",
            "queue",
            "priority",
            "tags",
            "comment",
            "actor",
            "agent",
            "process",
            "progress",
            "created_at",
            "queued_at",
            "started_at",
            "ended_at",
        )

    def get_from_template(self, task: Task) -> str | None:
        if task.is_template or task.template_version is None:
            return None
        template = task.template_version.template
        return f"{template.project.slug}/{template.slug}"


class TaskDetail(TaskShape):
    """A task with its parameters, what it executes, and what became of it."""

    parameters = serializers.DictField(child=serializers.JSONField())
    declared = ParameterShape(many=True, source="specs")
    body = serializers.DictField(source="definition.body", default=dict)
    hash = serializers.CharField(source="definition_id", allow_null=True)
    outcome = serializers.DictField()
    outputs = serializers.DictField()
    configuration = serializers.DictField(child=serializers.CharField())
    step = serializers.SerializerMethodField(
        help_text="The step of a run that this is an attempt of, with run, step and attempt."
    )
    run = serializers.SerializerMethodField(help_text="Its own id, if the task is a run.")

    class Meta(TaskShape.Meta):
        fields = (  # type: ignore[assignment]
            *TaskShape.Meta.fields,
            "parameters",
            "declared",
            "body",
            "hash",
            "outcome",
            "outputs",
            "configuration",
            "step",
            "run",
        )

    def get_step(self, task: Task) -> dict[str, Any] | None:
        attempt = task.attempts.select_related("step").order_by("pk").first()
        if attempt is None:
            return None
        return {"run": str(attempt.run_id), "step": attempt.step.path, "attempt": attempt.number}

    def get_run(self, task: Task) -> str | None:
        return str(task.pk) if Run.objects.filter(pk=task.pk).exists() else None


class TemplateBody(StrictSerializer):
    """What a template is: its code or command, and the parameters that it declares."""

    project = serializers.CharField(required=False)
    slug = serializers.CharField(required=False, default="")
    name = serializers.CharField(max_length=200)
    template = serializers.BooleanField(required=False, default=True)
    kind = serializers.ChoiceField(KINDS, default="python")
    script = Text(required=False, help_text='The code of kind "python".')
    source = Text(  # type: ignore[assignment]
        required=False, help_text='The code of kind "function".'
    )
    function = serializers.CharField(required=False, help_text="The function's name.")
    argv = serializers.ListField(required=False, help_text='The words of kind "command".')
    requirements = serializers.ListField(child=serializers.CharField(), required=False)
    parameters = Declarations(required=False)
    queue = serializers.CharField(required=False, default="default")
    note = Text(required=False, default="")
    comment = Text(required=False)
    tags = Labels(required=False, default=list)
    type = TypeField(required=False)


class NewTask(TemplateBody):
    """A task to be made, in draft; with ``template`` true, a template or its next version.

    A template's ``parameters`` are declarations, a plain task's are values by name; a plain task
    may give declarations too, as ``declared``.
    """

    template = serializers.BooleanField(required=False, default=False)
    parameters = serializers.JSONField(required=False)  # type: ignore[assignment]
    declared = Declarations(required=False)
    type = TypeField(required=False, default="training")
    configuration = Configuration(required=False)
    key = Key()


class TaskChange(StrictSerializer):
    """What may be changed of a draft task, or by a running script of its own task.

    Of other tasks only the words: name, comment and tags.
    """

    name = serializers.CharField(max_length=200, required=False)
    comment = Text(required=False, max_length=10_000)
    tags = Labels(required=False)
    type = TypeField(required=False)
    parent: Any = serializers.UUIDField(required=False, allow_null=True)
    queue = serializers.CharField(required=False)
    parameters = ObjectField(required=False, help_text="Put in the place of what has these names.")
    replace_parameters = ObjectField(required=False, help_text="Put in the place of all.")
    configuration = ConfigurationChange(
        required=False, help_text="Texts by name, put in their place; null takes one out."
    )
    progress = serializers.FloatField(
        required=False, min_value=0, max_value=1, help_text="For a running task, by its own token."
    )


class CloneTask(StrictSerializer):
    """How the clone differs."""

    name = serializers.CharField(max_length=200, required=False)
    project = serializers.CharField(required=False)
    comment = Text(required=False, max_length=10_000)
    parent: Any = serializers.UUIDField(required=False)
    tags = Labels(required=False)
    parameters = ObjectField(required=False)
    key = Key()


class EnqueueTask(StrictSerializer):
    """Which queue, if not the task's own."""

    queue = serializers.CharField(required=False, allow_null=True, default=None)
    key = Text(
        required=False,
        default="",
        max_length=190,
        help_text="Of a script: under which it is enqueued once.",
    )
    name = Text(
        required=False,
        default="",
        max_length=200,
        help_text="Of a script: what the step is called; usually as the task.",
    )


class KeepTask(StrictSerializer):
    """Which template the task becomes, if not one of its own."""

    slug = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    declare = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=list,
        max_length=500,
        help_text="Parameters that steps are to set although the task has none of these names.",
    )


class KeptShape(serializers.Serializer[Any]):
    """The template, for a document's step, and the version that executes what the task does."""

    template = serializers.CharField(help_text="project/slug")
    version = serializers.IntegerField()
    created = serializers.BooleanField(help_text="False: it was there already.")


class TemplateVersionShape(serializers.ModelSerializer[TemplateVersion]):
    """A numbered, immutable state of a template."""

    kind = serializers.CharField(source="definition.kind")
    body = serializers.DictField(source="definition.body")
    hash = serializers.CharField(source="definition_id")
    declared = ParameterShape(many=True, source="specs")
    configuration = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = TemplateVersion
        fields = (
            "number",
            "kind",
            "body",
            "hash",
            "declared",
            "queue",
            "configuration",
            "author",
            "note",
            "created_at",
        )


class ArtifactShape(serializers.ModelSerializer[Artifact]):
    """A named result of an execution."""

    kind = serializers.ChoiceField(artifacts.KINDS)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Artifact
        fields = (
            "name",
            "sha256",
            "size",
            "media_type",
            "kind",
            "metadata",
            "preview",
            "created_at",
            "url",
        )

    def get_url(self, artifact: Artifact) -> str:
        return artifact_address(artifact)


class Preview(serializers.Serializer[Any]):
    """An artifact to be looked at: text, json, table or image; none says why there is nothing."""

    kind = serializers.CharField(help_text="text, json, table, image or none.")
    truncated = serializers.BooleanField()
    text = serializers.CharField(required=False)
    json = serializers.JSONField(required=False)
    header = serializers.ListField(child=serializers.CharField(), required=False)
    types = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="What each column holds: whole, number, flag, time or text.",
    )
    rows = serializers.ListField(required=False)
    data = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="An image as a data: address."
    )
    reason = serializers.CharField(required=False)


class ReportedArtifact(StrictSerializer):
    """A table, an image, a plot (Plotly's JSON) or a text that was uploaded as an artifact."""

    kind = serializers.ChoiceField(REPORTS)
    artifact = serializers.CharField(max_length=128)


class NewSample(StrictSerializer):
    """A reported value, or in its place what an artifact holds."""

    title = serializers.CharField(max_length=200)
    series = serializers.CharField(max_length=200)
    step = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=-(2**62), max_value=2**62
    )
    value = serializers.FloatField(allow_null=True, required=False, default=None)
    reference = ReportedArtifact(required=False, allow_null=True, default=None)


class ReportEntry(serializers.Serializer[Any]):
    """One that was reported, and the artifact that holds it."""

    step = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    artifact = ArtifactShape()


class Report(serializers.Serializer[Any]):
    """The tables, images, plots or texts that were reported under a title and series."""

    title = serializers.CharField()
    series = serializers.CharField()
    kind = serializers.ChoiceField(REPORTS)
    entries = ReportEntry(many=True, help_text="The newest first, and only so many.")


class Kept(serializers.Serializer[Any]):
    """What was taken of a batch."""

    kept = serializers.IntegerField(help_text="How many values; none of a batch sent again.")


class Series(serializers.Serializer[Any]):
    """What was reported under a title and series.

    Of a long series the ends come, and of each stretch the least and the greatest value.
    """

    title = serializers.CharField()
    series = serializers.CharField()
    count = serializers.IntegerField(help_text="How many values there are in all.")
    first = serializers.IntegerField(help_text="The number of the first one here.")
    newest = serializers.IntegerField(help_text="Where to go on from, with since.")
    last = serializers.FloatField(allow_null=True)
    points = serializers.ListField(help_text="Pairs of step and value.")


class Piece(serializers.Serializer[Any]):
    """A stretch of output."""

    stream = serializers.ChoiceField(["stdout", "stderr", "agent"])
    byte_from = serializers.IntegerField()
    line_from = serializers.IntegerField()
    text = serializers.CharField()


class Log(serializers.Serializer[Any]):
    """Output from a byte on; ask again from ``to`` until ``end``."""

    task = serializers.UUIDField()
    fence = serializers.IntegerField()
    end = serializers.BooleanField()
    pieces = Piece(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # "from" cannot be written as an attribute in Python.
        ends = {"from": serializers.IntegerField(), "to": serializers.IntegerField()}
        return {**super().get_fields(), **ends}
