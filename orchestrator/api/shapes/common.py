"""Shapes that several resources share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orchestrator.api.base import StrictSerializer


class Nothing(StrictSerializer):
    """An empty object."""


class Place(serializers.Serializer[Any]):
    """A place in a document, and what to put there; without a value it is to be taken out."""

    path = serializers.ListField(help_text="Keys and numbers from the document down.")
    value = serializers.JSONField(required=False)


class FixShape(serializers.Serializer[Any]):
    """A change that mends a problem; ``ask`` leads to what only its author can say."""

    label: Any = serializers.CharField()
    set = Place(many=True)
    ask = serializers.ListField(required=False)


class ProblemShape(serializers.Serializer[Any]):
    """One finding: where, of which step, and what."""

    where = serializers.CharField()
    step = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning"])
    line = serializers.IntegerField(
        required=False, help_text="Of the text, when it was a script that was read."
    )
    fix = FixShape(required=False, help_text="Where there is an obvious one.")


class ErrorShape(serializers.Serializer[Any]):
    """An error, as application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="A word that stays, for programs.")
    detail = serializers.CharField(help_text="A sentence, for people.")
    problems = ProblemShape(many=True)


class Accepted(serializers.Serializer[Any]):
    """Asked for; the change that tells of it carries the signal's number."""

    signal = serializers.IntegerField()


class Answered(serializers.Serializer[Any]):
    """What came of it: the number of the change that tells it, and what it says."""

    signal = serializers.IntegerField()
    change = serializers.IntegerField()
    verb = serializers.CharField()
    detail = serializers.DictField()


class ParameterShape(serializers.Serializer[Any]):
    """A declared parameter."""

    name = serializers.CharField()
    type = serializers.ChoiceField(["string", "integer", "number", "boolean", "choice", "json"])
    default = serializers.JSONField(required=False)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]
    choices = serializers.ListField(required=False)
    minimum = serializers.FloatField(required=False)
    maximum = serializers.FloatField(required=False)
    help = serializers.CharField(required=False)
    section = serializers.CharField(required=False)


@extend_schema_field(ParameterShape(many=True))
class Declarations(serializers.JSONField):
    """Declared parameters as they came: the domain reads them, and says what is wrong where."""


class Text(serializers.CharField):
    """Text that may be empty and is kept as it came."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_blank": True, "trim_whitespace": False, **options})


class Labels(serializers.ListField):
    """A few short words."""

    def __init__(self, **options: Any) -> None:
        label = serializers.CharField(max_length=64)
        super().__init__(**{"child": label, "max_length": 50, **options})


class AsItCame(serializers.JSONField):
    """A JSON value that the parser has read; writing it again only to check it takes long."""

    def to_internal_value(self, data: Any) -> Any:
        return data


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ObjectField(serializers.JSONField):
    """A JSON object, and no other JSON value."""

    default_error_messages = {"not_object": "this must be an object"}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("not_object")
        return value
