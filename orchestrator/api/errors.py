"""Every error as problem+json: one shape, made in one place from whatever went wrong."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from orchestrator.actions.pipelines import StaleDraft
from orchestrator.domain.errors import (
    CapExceeded,
    Conflict,
    IllegalMove,
    Invalid,
    NotAllowed,
    NotFound,
    PipelinesError,
)

MEDIA_TYPE: Final = "application/problem+json"
_LOG = logging.getLogger(__name__)

# The first class that fits decides; what is not named here is the asker's mistake.
_STATUS_BY_ERROR: Final[tuple[tuple[type[PipelinesError], HTTPStatus], ...]] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (StaleDraft, HTTPStatus.PRECONDITION_FAILED),
    (Conflict, HTTPStatus.CONFLICT),
    (IllegalMove, HTTPStatus.CONFLICT),
    (CapExceeded, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (PipelinesError, HTTPStatus.BAD_REQUEST),
)


class PreconditionRequired(PipelinesError):
    """Say with If-Match which revision you have seen."""

    code = "precondition_required"


class TooLarge(exceptions.APIException):
    """The body is larger than is taken here."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "the body is larger than is taken here"


def problem(
    status: int, code: str, detail: str, problems: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Give the body of an error."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        "problems": problems or [],
    }


def answer_error(error: Exception, context: dict[str, Any]) -> Response:
    """Answer an error that a view raised; what nobody foresaw is logged under an id."""
    headers: dict[str, str] = {}
    if isinstance(error, PreconditionRequired):
        body = problem(HTTPStatus.PRECONDITION_REQUIRED, error.code, error.message)
    elif isinstance(error, PipelinesError):
        body = _of_domain(error)
    elif isinstance(error, exceptions.APIException):
        body = _of_framework(error)
        headers = _headers_of(error)
    elif isinstance(error, Http404):
        body = problem(HTTPStatus.NOT_FOUND, NotFound.code, NotFound().message)
    elif isinstance(error, PermissionDenied):
        body = problem(HTTPStatus.FORBIDDEN, NotAllowed.code, NotAllowed().message)
    elif isinstance(error, RequestDataTooBig):
        body = problem(TooLarge.status_code, TooLarge.default_code, TooLarge.default_detail)
    else:
        body = _of_accident(error, context)
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def _of_domain(error: PipelinesError) -> dict[str, Any]:
    status = next(status for kind, status in _STATUS_BY_ERROR if isinstance(error, kind))
    problems = [one.as_dict() for one in error.problems] if isinstance(error, Invalid) else []
    return problem(status, error.code, error.message, problems)


def _of_framework(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        problems = list(_findings(error.detail, ""))
        sentence = "; ".join(_with_place(one) for one in problems[:3])
        return problem(error.status_code, Invalid.code, sentence, problems)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "error"
    code = {"permission_denied": NotAllowed.code, "throttled": "too_many"}.get(code, code)
    return problem(error.status_code, code, str(error.detail))


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _of_accident(error: Exception, context: dict[str, Any]) -> dict[str, Any]:
    accident = uuid.uuid4().hex
    request = context.get("request")
    _LOG.error(
        "error %s: %s %s failed",
        accident,
        getattr(request, "method", "?"),
        getattr(request, "path", "?"),
        exc_info=error,
    )
    detail = f"something is wrong on our side; the log has it under {accident}"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)


def _findings(detail: Any, where: str) -> Iterator[dict[str, Any]]:
    """Flatten what serializers found into places and sentences."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from _findings(inner, _place(where, key))
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _findings(inner, f"{where}[{place}]" if nested else where)
    else:
        code = {"required": "missing", "null": "missing", "blank": "missing"}.get(
            detail.code, "bad_value" if detail.code == "invalid" else detail.code
        )
        yield {
            "where": where,
            "step": None,
            "code": code,
            "message": str(detail),
            "severity": "error",
        }


def _place(where: str, key: Any) -> str:
    if key == "non_field_errors":
        return where
    if isinstance(key, int):
        return f"{where}[{key}]"
    return f"{where}.{key}" if where else str(key)


def _with_place(finding: dict[str, Any]) -> str:
    return f"{finding['where']}: {finding['message']}" if finding["where"] else finding["message"]
