"""Words for the schema: one decorator that says what an endpoint takes and answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from orchestrator.api.shapes.common import Accepted, Answered, ErrorShape

View = TypeVar("View", bound=Callable[..., Any])

WAIT_FOR_ANSWER = (
    "So many seconds: answer when it is known what came of it (200, or 409 when the run has "
    "refused it); 202 as usual when it takes longer."
)
WAIT_FOR_END = "So many seconds: answer when the run has ended, or when they are over."
_PROBLEM = "application/problem+json"
_ERRORS = {
    400: "What was given is not valid; problems names it.",
    401: "No token, or none that counts.",
    403: "Known, but not allowed.",
    404: "Unknown, or not yours to see.",
    409: "Not possible as things stand.",
    413: "Larger than is allowed.",
    412: "The draft has been changed in the meantime.",
    415: "The type of the body's content is none that is taken here.",
    428: "Say with If-Match which revision you have seen.",
}


def describe(
    tag: str,
    *,
    body: Any = None,
    answer: Any = None,
    status: int = 200,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Callable[[View], View]:
    """Say what an endpoint takes and answers; its summary is its docstring's first line.

    ``more`` may hold ``pages`` (the answer is a page of that), ``needed`` (headers that must be
    sent), ``also`` (further answers by status) and ``errors`` (further statuses).
    """
    parameters = [
        OpenApiParameter(name, description=words, location=OpenApiParameter.QUERY)
        for name, words in (query or {}).items()
    ]
    parameters += [
        OpenApiParameter(
            name,
            description=words,
            location=OpenApiParameter.HEADER,
            required=name in more.get("needed", ()),
        )
        for name, words in (headers or {}).items()
    ]
    if more.get("pages"):
        answer = _page_of(answer)
        parameters += [
            OpenApiParameter("limit", int, description="How many a page, at most 500."),
            OpenApiParameter("cursor", description="Where the page begins; see next."),
        ]
    responses: dict[Any, Any] = {status: answer, **more.get("also", {})}
    if answer is None:
        responses[status] = OpenApiResponse(description="Done.")
    usual = {400, 401, 403, 404} | ({409, 413, 415} if body is not None else set())
    for code in sorted(usual | set(more.get("errors", ()))):
        responses[(code, _PROBLEM)] = OpenApiResponse(ErrorShape, description=_ERRORS[code])

    def decorate(view: View) -> View:
        # One sign for code, as Markdown has it.
        words = (view.__doc__ or "").replace("``", "`").strip().partition("\n")
        decorated: View = extend_schema(
            operation_id=_id_of(view),
            tags=[tag],
            summary=words[0].rstrip("."),
            description="\n".join(line.strip() for line in words[2].strip().splitlines()),
            request=body,
            responses=responses,
            parameters=parameters,
        )(view)
        return decorated

    return decorate


def describe_verb(
    tag: str, *, body: Any, also: dict[int, Any] | None = None, **more: Any
) -> Callable[[View], View]:
    """Say it of a verb that is asked for now and done by the run's next turn."""
    answers = {200: Answered, **(also or {})}
    query = {"wait": WAIT_FOR_ANSWER, **more.pop("query", {})}
    return describe(tag, body=body, answer=Accepted, status=202, also=answers, query=query, **more)


def _id_of(view: Callable[..., Any]) -> str:
    """Name an operation by its method and class: ``get_pipeline``, ``post_abort_run``."""
    owner, _, method = view.__qualname__.rpartition(".")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", owner.removesuffix("View")).lower()
    return f"{method}_{words}"


def _page_of(shape: Any) -> Any:
    name = f"{shape.__name__}Page"
    if name not in _PAGES:
        _PAGES[name] = type(
            name,
            (serializers.Serializer,),
            {
                "__doc__": "A page of a list.",
                "next": serializers.CharField(allow_null=True),
                "previous": serializers.CharField(allow_null=True),
                "results": shape(many=True),
            },
        )
    return _PAGES[name]


_PAGES: dict[str, Any] = {}
