"""Shapes of what a log says when it is asked by lines."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class _FromALine(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="How many lines there are.")
    end = serializers.BooleanField(help_text="True when no line will follow.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # "from" cannot be written as an attribute in Python.
        return {**super().get_fields(), "from": serializers.IntegerField()}


class LogLines(_FromALine):
    """Lines of a log; the first of all has the number 0."""

    lines = serializers.ListField(help_text="Each as number, text with colours, level, stream.")


class LogHits(_FromALine):
    """Where lines were found; go on from ``to`` until that is the total."""

    to = serializers.IntegerField(help_text="Before this line everything was searched.")
    steps = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="The found lines, each as its distance from the one before it.",
    )
