"""Projects, members and tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orchestrator.api.base import StrictSerializer
from orchestrator.api.shapes.common import Text
from orchestrator.models import ApiToken, Membership, Project
from orchestrator.queries.rights import SCOPES


class ProjectShape(serializers.ModelSerializer[Project]):
    """A project."""

    class Meta:
        model = Project
        fields = ("id", "slug", "name", "description", "created_at")


class NewProject(StrictSerializer):
    """A project to be made; the slug is made of the name when it is left out."""

    name = serializers.CharField(max_length=128)
    slug = serializers.CharField(required=False, default="")
    description = Text(required=False, default="")


class ProjectChange(StrictSerializer):
    """What may be changed of a project."""

    name = serializers.CharField(max_length=128, required=False)
    description = Text(required=False)


class MemberShape(serializers.ModelSerializer[Membership]):
    """A user's role in a project."""

    user = serializers.CharField(source="user.username")

    class Meta:
        model = Membership
        fields = ("user", "role")


class MemberChange(StrictSerializer):
    """The role that somebody is to have."""

    role = serializers.CharField()


class TokenShape(serializers.ModelSerializer[ApiToken]):
    """A token, without its secret."""

    project: Any = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(list(SCOPES)))

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "project",
            "created_at",
            "expires_at",
            "last_used_at",
        )


class NewToken(StrictSerializer):
    """A token to be made. Without a project it counts in all of its user's."""

    name = serializers.CharField(max_length=128)
    scopes = serializers.ListField(child=serializers.CharField(), max_length=20)
    project = serializers.CharField(required=False, allow_null=True, default=None)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class TokenMade(TokenShape):
    """A fresh token with its secret, which is never shown again."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenShape.Meta):
        fields = (*TokenShape.Meta.fields, "token")  # type: ignore[assignment]


class WebhookSecret(serializers.Serializer[Any]):
    """What webhooks are signed with."""

    secret = serializers.CharField()
