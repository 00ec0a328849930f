"""What an editor asks for beside a draft and its versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import ParameterShape, ProblemShape, Text


class PaletteItem(serializers.Serializer[Any]):
    """What may become a step; a template's facts, or a pipeline's."""

    kind = serializers.CharField()
    template = serializers.CharField(required=False, help_text="As this document names it.")
    pipeline = serializers.CharField(required=False, help_text="As this document names it.")
    name = serializers.CharField(required=False, help_text="project/slug")
    slug = serializers.CharField(required=False)
    title = serializers.CharField()
    description = serializers.CharField(required=False)
    project = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    type = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False, help_text="The current one.")
    versions = serializers.ListField(child=serializers.IntegerField(), required=False)
    parameters = ParameterShape(many=True, required=False)
    page = serializers.CharField(required=False)
    last_used = serializers.DateTimeField(
        required=False, allow_null=True, help_text="In this project, as far as one looks back."
    )


class Palette(serializers.Serializer[Any]):
    """What may be put on the canvas: this project's first, then by name, at most 500."""

    results = PaletteItem(many=True)


class ChangedSteps(serializers.Serializer[Any]):
    """Steps by name; of those in both, the ways to what differs."""

    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())
    changed = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class ChangedEdges(serializers.Serializer[Any]):
    """Pairs of parent and child."""

    added = serializers.ListField()
    removed = serializers.ListField()


class DiffLineShape(serializers.Serializer[Any]):
    """A line of a comparison."""

    kind = serializers.CharField(help_text="same, added, removed or jump")
    text = serializers.CharField()


class Comparison(serializers.Serializer[Any]):
    """What differs between two states of a pipeline."""

    same = serializers.BooleanField()
    steps = ChangedSteps()
    edges = ChangedEdges()
    other = serializers.ListField(child=serializers.CharField(), help_text="Ways outside of steps.")
    text = DiffLineShape(many=True, allow_null=True, help_text="As YAML; null when too long.")

    def get_fields(self) -> dict[str, Any]:
        # Two words that Python has taken, or that read badly as names of attributes.
        ends = {name: serializers.CharField() for name in ("from", "to")}
        return {**ends, **super().get_fields()}


class StepValues(serializers.Serializer[Any]):
    """What the last good attempt of a step has left; long values are cut."""

    run = serializers.IntegerField()
    status = serializers.CharField()
    id = serializers.CharField()
    parameters = serializers.DictField()
    outputs = serializers.DictField()
    artifacts = serializers.DictField(help_text="url, size, hash, kind, media_type, preview")
    metrics = serializers.DictField(help_text="By title and series.")


class LastRun(serializers.Serializer[Any]):
    """The pipeline's newest run."""

    number = serializers.IntegerField()
    url = serializers.CharField()
    status = serializers.CharField()


class LastValues(serializers.Serializer[Any]):
    """What references would have given, had they stood there in the last runs."""

    run = LastRun(allow_null=True)
    pipeline = serializers.DictField(help_text="The newest run's parameters.")
    steps = serializers.DictField(child=StepValues())


class DocumentText(StrictSerializer):
    """A document as JSON, YAML or a script."""

    text = Text()


class StepLines(serializers.Serializer[Any]):
    """Which lines of a text, from 1, belong to a step."""

    step = serializers.CharField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class ReadDocument(serializers.Serializer[Any]):
    """What the text says, and what is wrong with it."""

    document = serializers.DictField()
    problems = ProblemShape(many=True)
    steps = StepLines(many=True, help_text="Of a script.")


class DocumentToWrite(StrictSerializer):
    """A document as it is edited, saved or not."""

    document = serializers.JSONField()


class WrittenDocument(serializers.Serializer[Any]):
    """A document as a script."""

    text = serializers.CharField()
    steps = StepLines(many=True)
