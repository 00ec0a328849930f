"""Calls of hooks and of the callbacks in a run's script."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import AsItCame, Text


class CallShape(serializers.Serializer[Any]):
    """A question to a hook or a script, and its answer."""

    number = serializers.IntegerField(help_text="Rises with each call of the run.")
    kind = serializers.CharField(help_text="pre, created, completed, post, status or ended.")
    by = serializers.CharField(help_text="python, webhook or script.")
    step = serializers.CharField(allow_null=True)
    attempt = serializers.IntegerField(allow_null=True)
    round = serializers.IntegerField()
    event_status = serializers.CharField(help_text="The status that is told of.")
    arguments = serializers.JSONField(
        help_text="What is told: event, at, run, and of a step's call step, with its parameters, "
        "its task, its status and, where that has changed, its previous_status."
    )
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


class AnswerCall(StrictSerializer):
    """What a script says to its call: a value, or why it has none."""

    value = AsItCame(
        required=False,
        allow_null=True,
        help_text='pre: nothing, false, {"skip": "why"} or {"parameters": {…}}; created: the same '
        "without parameters; what others answer does not matter.",
    )
    reason = Text(required=False, help_text="Why the step fails: what the callback has raised.")
    traceback = Text(required=False)
