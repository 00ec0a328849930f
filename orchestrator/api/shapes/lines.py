"""Queues, what waits in them, and agents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import ObjectField, Text


class QueueShape(serializers.Serializer[Any]):
    """A queue, how much waits and runs in it, and the agents that serve it."""

    name = serializers.CharField()
    description = serializers.CharField()
    limit = serializers.IntegerField(allow_null=True)
    paused = serializers.BooleanField()
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    agents = serializers.ListField(child=serializers.CharField())
    draining = serializers.ListField(child=serializers.CharField())
    slots = serializers.IntegerField(help_text="Of the live agents that are not drained.")


class NewQueue(StrictSerializer):
    """A queue to be made."""

    name = serializers.CharField()
    description = Text(required=False, default="")
    limit = serializers.IntegerField(required=False, allow_null=True, default=None)


class QueueChange(StrictSerializer):
    """What may be changed of a queue; a limit of null is none."""

    description = Text(required=False)
    limit = serializers.IntegerField(required=False, allow_null=True)
    paused = serializers.BooleanField(required=False)


class LineTaskShape(serializers.Serializer[Any]):
    """A task in a line or in a slot; of a project that you do not see only that it is there."""

    id = serializers.UUIDField(allow_null=True)
    place = serializers.IntegerField()
    priority = serializers.IntegerField()
    status = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True, help_text="Waits or runs since then.")
    name = serializers.CharField()
    project = serializers.CharField()
    run = serializers.CharField(help_text="The pipeline and the number of its run, if it is one's.")
    run_url = serializers.CharField()
    step = serializers.CharField()


class LineShape(serializers.Serializer[Any]):
    """A part of a queue's line."""

    waiting = serializers.IntegerField()
    tasks = LineTaskShape(many=True)


class PriorityChange(StrictSerializer):
    """The priority that a waiting task is to have: higher goes first."""

    priority = serializers.IntegerField()


class AgentShape(serializers.Serializer[Any]):
    """A worker process that executes tasks; alive while its lease lasts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    host = serializers.CharField()
    pid = serializers.IntegerField()
    queues = serializers.ListField(child=serializers.CharField())
    slots = serializers.IntegerField()
    running = serializers.IntegerField()
    load = ObjectField()
    version = serializers.CharField()
    state = serializers.ChoiceField(["serving", "draining", "drained", "lost", "left"])
    alive = serializers.BooleanField()
    draining = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    lease_until = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    tasks = LineTaskShape(many=True)
