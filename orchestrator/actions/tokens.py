"""Keys for programs: made, shown once, kept as a hash, revoked at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from orchestrator.actions.audit import record
from orchestrator.actions.projects import find_user
from orchestrator.domain.errors import Invalid, shortened
from orchestrator.models import ApiToken, Project
from orchestrator.queries.rights import SCOPES
from orchestrator.queries.tokens import hashed

LONGEST = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)
NAME_LENGTH: Final = 128


@transaction.atomic
def create_token(
    *,
    actor: str,
    name: str,
    scopes: Sequence[str],
    project: Project | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token of the actor's own; the text beside it is never to be had again."""
    user = find_user(actor)
    if not name.strip() or len(name) > NAME_LENGTH:
        raise Invalid.at("name", "bad_name", f"a name has 1 to {NAME_LENGTH} characters")
    _check_scopes(scopes)
    now = timezone.now()
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        message = f"a token expires in the future, within {LONGEST.days} days"
        raise Invalid.at("expires_at", "bad_value", message)
    prefix = f"pu_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        name=name.strip(),
        user=user,
        project=project,
        prefix=prefix,
        secret_hash=hashed(text),
        scopes=sorted(set(scopes)),
        expires_at=expires_at or now + LONGEST,
    )
    record(actor, "token.create", prefix, project, scopes=token.scopes, name=token.name)
    return token, text


@transaction.atomic
def revoke_token(*, actor: str, token: ApiToken) -> None:
    """End a token at once."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    record(actor, "token.revoke", token.prefix, token.project)


def note_use(token: ApiToken) -> None:
    """Remember that a token was used, at most once a minute: reading must not cost a write."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _check_scopes(scopes: Sequence[str]) -> None:
    if not scopes:
        message = f"a token needs at least one scope of {', '.join(SCOPES)}"
        raise Invalid.at("scopes", "missing", message)
    for place, scope in enumerate(scopes):
        if scope not in SCOPES:
            message = f'there is no scope "{shortened(scope)}"; there are {", ".join(SCOPES)}'
            raise Invalid.at(f"scopes[{place}]", "bad_value", message)
