"""Using a link that signs its user in once."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone

from orchestrator.actions.audit import record
from orchestrator.domain.errors import NotFound
from orchestrator.models import SignInLink, User


@transaction.atomic
def use_sign_in_link(*, secret: str) -> User:
    """Spend the link and say whom it signs in; raise NotFound when it counts no more.

    Whoever makes the update change the row has won: the same link used twice at once signs in
    once.
    """
    now = timezone.now()
    secret_hash = hashlib.sha256(secret.encode()).hexdigest()
    links = SignInLink.objects.filter(secret_hash=secret_hash, user__is_active=True)
    if not links.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise NotFound("this link has expired or was used already")
    user = links.select_related("user").get().user
    record(user.username, "user.sign_in", "link", None)
    return user
