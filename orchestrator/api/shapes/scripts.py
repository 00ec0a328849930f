"""What a script says to the run that it drives, and what it is answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import Text


class MakeRun(StrictSerializer):
    """Which pipeline a running task becomes a run of: its project has it, or it is made."""

    project = Text(
        required=False, allow_null=True, default=None, help_text="The task's, and no other."
    )
    pipeline = Text(required=False, allow_blank=True, default="", max_length=128)
    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        help_text="By number; without it one whose script is what the task executes.",
    )


class Registration(StrictSerializer):
    """Which version of its pipeline the run executes, by number."""

    version = serializers.IntegerField(min_value=1)


class KeyedStep(StrictSerializer):
    """A step, and the key under which it is added once."""

    key = Text(max_length=190)
    step: Any = serializers.DictField(
        help_text="As a document's step. Instead of a template it may have a task: a draft's id."
    )


class NewSteps(StrictSerializer):
    """Steps that are added to a run."""

    steps = KeyedStep(many=True)


class AddedStepShape(serializers.Serializer[Any]):
    """A step that is there now."""

    key = serializers.CharField()
    name = serializers.CharField(help_text="Its own: a number is added when others have that name.")
    index = serializers.IntegerField()


class AddedSteps(serializers.Serializer[Any]):
    """The steps, in the order in which they were asked for."""

    steps = AddedStepShape(many=True)
