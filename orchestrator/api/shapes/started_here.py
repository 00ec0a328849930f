"""What a process asks that runs a task without an agent, and what it is told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.actions.started_here import ENDS, LEAVES
from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import ObjectField, Text


class StartTask(StrictSerializer):
    """Which machine it is that the task runs on."""

    host = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class StartedShape(serializers.Serializer[Any]):
    """What the process needs to be the agent of its task."""

    token = serializers.CharField(help_text="The attempt's token, for everything that follows.")
    fence = serializers.IntegerField()
    renew_every = serializers.FloatField(help_text="Seconds after which to renew the lease.")
    lease = serializers.FloatField(help_text="Seconds after which the task is lost otherwise.")
    timeout = serializers.FloatField(
        allow_null=True, help_text="Seconds that it may take; the process sees to it."
    )


class RenewedShape(serializers.Serializer[Any]):
    """Whether the process is to end its task, and how many seconds it has for that."""

    abort = serializers.BooleanField()
    grace = serializers.FloatField(allow_null=True)


class SentPiece(StrictSerializer):
    """A stretch of output."""

    stream = serializers.ChoiceField(["stdout", "stderr"])
    text = Text()


class SentOutput(StrictSerializer):
    """Output in the order of its coming."""

    pieces = SentPiece(many=True)


class FinishTask(StrictSerializer):
    """How the task ended; as draft or queued it is left to another machine."""

    status = serializers.ChoiceField([status.value for status in (*ENDS, *LEAVES)])
    queue = serializers.CharField(
        required=False, allow_null=True, default=None, help_text="Where to, if it is left."
    )
    reason = Text(required=False, default="", max_length=10_000)
    traceback = Text(required=False, default="")
    exit_code = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=-(2**31), max_value=2**31
    )
    outputs = ObjectField(required=False, default=dict)
