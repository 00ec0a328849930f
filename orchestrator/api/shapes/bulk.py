"""Shapes of one verb for many runs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.actions.bulk import VERBS
from orchestrator.api.base import StrictSerializer


class RunFilter(StrictSerializer):
    """Which runs: as the list of runs filters them."""

    project = serializers.CharField(required=False)
    pipeline = serializers.CharField(required=False)
    status = serializers.CharField(required=False)
    actor = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)


class BulkVerb(StrictSerializer):
    """What is asked of which runs: exactly one of ``runs`` (ids) and ``filter``."""

    verb = serializers.ChoiceField(list(VERBS))
    runs = serializers.ListField(child=serializers.UUIDField(), required=False, min_length=1)
    filter = RunFilter(required=False)
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only say what would be asked, and of whom not."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("runs" in attrs) is ("filter" in attrs):
            raise serializers.ValidationError('say which runs by one of "runs" and "filter"')
        return attrs


class BulkResult(serializers.Serializer[Any]):
    """What one run was asked, or why not."""

    run = serializers.UUIDField()
    project = serializers.CharField(allow_null=True)
    pipeline = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(allow_null=True, help_text="As it was when it was asked.")
    steps = serializers.DictField(
        child=serializers.IntegerField(), help_text="The steps that it is about, by status."
    )
    signal = serializers.IntegerField(allow_null=True, help_text="None: it was not asked.")
    refused = serializers.CharField(allow_null=True, help_text="Why it was not asked.")
    url = serializers.CharField(allow_null=True)


class BulkAnswer(serializers.Serializer[Any]):
    """A result for each run, in the order in which they were named, or newest first."""

    verb = serializers.CharField()
    dry_run = serializers.BooleanField()
    asked = serializers.IntegerField(help_text="How many were asked, or would be.")
    refused = serializers.IntegerField()
    results = BulkResult(many=True)
