"""Links that sign a person in once."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from orchestrator.models import SignInLink, User

HOURS_VALID = 24


def person_named(name: str) -> User:
    """The user; the first one is made, as an administrator without a password."""
    found, is_new = User.objects.get_or_create(
        username=name, defaults={"is_superuser": True, "is_staff": True}
    )
    if is_new:
        found.set_unusable_password()
        found.save(update_fields=["password"])
    return found


def make_sign_in_link(user: User) -> str:
    """A new address; only the hash of its secret is stored."""
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        user=user,
        expires_at=timezone.now() + timedelta(hours=HOURS_VALID),
    )
    return f"{settings.PIPELINES_BASE_URL}/sign-in/link/{secret}/"
