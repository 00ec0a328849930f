"""Questions about tokens."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from orchestrator.domain.errors import NotFound
from orchestrator.models import ApiToken
from orchestrator.queries.rights import Actor


def hashed(text: str) -> str:
    """Give what is kept of a secret: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def valid_token(text: str) -> ApiToken | None:
    """Find the token that a text is, if it is one that still counts."""
    return (
        ApiToken.objects.select_related("user", "project")
        .filter(secret_hash=hashed(text), revoked_at=None, user__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
        .first()
    )


def tokens_of(actor: Actor) -> QuerySet[ApiToken]:
    """Give somebody's own tokens that were not revoked, newest first."""
    return (
        ApiToken.objects.select_related("project")
        .filter(user_id=actor.user_id, revoked_at=None)
        .order_by("-id")
    )


def find_token(actor: Actor, key: UUID) -> ApiToken:
    """Find one of somebody's own tokens."""
    found = tokens_of(actor).filter(pk=key).first()
    if found is None:
        raise NotFound("there is no such token of yours")
    return found
