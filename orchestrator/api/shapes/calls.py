"""Calls of hooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CallShape(serializers.Serializer[Any]):
    """A question to a hook, and its answer."""

    number = serializers.IntegerField(help_text="Rises with each call of the run.")
    kind = serializers.CharField(help_text="pre, created, completed, post, status or ended.")
    by = serializers.CharField(help_text="python or webhook.")
    step = serializers.CharField(allow_null=True)
    attempt = serializers.IntegerField(allow_null=True)
    round = serializers.IntegerField()
    event_status = serializers.CharField(help_text="The status that the hook was told of.")
    state = serializers.CharField(help_text="open, answered, failed or dropped.")
    shown_as = serializers.CharField(help_text="The status that pages show for it.")
    answer = serializers.JSONField(allow_null=True)
    reason = serializers.CharField()
    traceback = serializers.CharField()
    task = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    tries = serializers.IntegerField()
    asked_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
