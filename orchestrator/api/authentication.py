"""Who asks: a person's browser session, a program's token, or a step with its attempt's token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from orchestrator.actions.attempts import is_running
from orchestrator.actions.tokens import note_use
from orchestrator.models import ApiToken, User
from orchestrator.queries.tokens import valid_token
from orchestrator.store.execution import read_attempt_token

SCHEME = "Bearer"
PREFIX = "pu_"


@dataclass(frozen=True, slots=True)
class AttemptAccess:
    """What a running step may use: its own task with this fence, and its run's things."""

    task_id: UUID
    fence: int


class AttemptUser(AnonymousUser):
    """A running step: no person, and nothing but its attempt's access says what it may do."""

    @property
    def is_authenticated(self) -> Any:
        return True


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer pu_…``; cookies do not count then."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        text = bearer_of(request)
        if text is None:
            return None
        token = valid_token(text) if text.startswith(PREFIX) else None
        if token is None:
            raise AuthenticationFailed("this token is not valid (any more)", "bad_token")
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="pipelines"'


class AttemptAuthentication(BaseAuthentication):
    """``Authorization: Bearer <attempt's token>``; any other token is left to whom it is for."""

    def authenticate(self, request: Request) -> tuple[AttemptUser, AttemptAccess] | None:
        text = bearer_of(request)
        if text is None or text.startswith(PREFIX):
            return None
        access = read_attempt_token(text)
        if access is None:
            raise AuthenticationFailed("this token is none of this server's", "bad_token")
        if not is_running(*access):
            raise AuthenticationFailed("this token's attempt is over", "bad_token")
        return AttemptUser(), AttemptAccess(*access)

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="pipelines"'


class BrowserSession(SessionAuthentication):
    """A signed-in browser, with its CSRF token on everything that changes something."""


def bearer_of(request: Request) -> str | None:
    """Read the token of a request; a header that is none of ours is refused, not ignored."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        return None
    scheme, _, text = header.partition(" ")
    if scheme.lower() != SCHEME.lower() or not text.strip():
        raise AuthenticationFailed(f'the Authorization header must be "{SCHEME} <token>"')
    return str(text.strip())
