"""Signing in: links that work once, and an end to guessing passwords."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from orchestrator.actions.audit import record
from orchestrator.domain.errors import NotFound, PipelinesError
from orchestrator.models import AuditEvent, SignInLink, User

WINDOW = timedelta(minutes=15)
TRIES_FROM_ONE_PLACE = 10
TRIES_FROM_ALL_PLACES = 100
_FAILED = "user.sign_in_failed"


def check_may_try(*, username: str, origin: str) -> None:
    """Raise when too many wrong passwords were given for this name in the last minutes.

    Few are allowed from one address, so that guessing does not pay; many from all together, so
    that somebody else's guessing does not easily keep a person out.
    """
    failed = AuditEvent.objects.filter(
        action=_FAILED, thing=username[:200], at__gt=timezone.now() - WINDOW
    )
    from_here = failed.filter(origin=origin[:64]).count()
    if from_here >= TRIES_FROM_ONE_PLACE or failed.count() >= TRIES_FROM_ALL_PLACES:
        minutes = WINDOW.total_seconds() / 60
        raise PipelinesError(
            f"Too many wrong passwords for this name: try again in {minutes:.0f} minutes."
        )


def note_failure(*, username: str, origin: str) -> None:
    """Keep that a wrong password was given for a name, whether there is such a user or not."""
    AuditEvent.objects.create(actor="", action=_FAILED, thing=username[:200], origin=origin[:64])


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
