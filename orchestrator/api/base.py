"""What all views share: who asks, strict bodies, pages, and errors in one shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from orchestrator.api.authentication import (
    AttemptAccess,
    AttemptAuthentication,
    BrowserSession,
    TokenAuthentication,
)
from orchestrator.api.errors import answer_error
from orchestrator.api.pagination import Pages
from orchestrator.api.parsing import StrictJSONParser
from orchestrator.domain.errors import Invalid, NotAllowed, NotFound, shortened
from orchestrator.queries.rights import Actor, actor_of
from orchestrator.queries.scripts import actor_of_script


class StrictSerializer(Serializer[Any]):
    """A body's shape in which a field that nobody knows is an error."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [key for key in data if key not in self.fields]
            if unknown:
                known = ", ".join(name for name, f in self.fields.items() if not f.read_only)
                message = f"there is no such field; there are {known}"
                faults = {shortened(str(key)): [message] for key in unknown[:20]}
                raise ValidationError(faults, code="unknown_key")
        return super().to_internal_value(data)


class ApiView(APIView):
    """A view of the REST edge. A script's token may do what its user may in its project; that of
    a step counts only where the view looks at ``attempt``."""

    authentication_classes: Sequence[Any] = (
        AttemptAuthentication,
        TokenAuthentication,
        BrowserSession,
    )
    permission_classes: Sequence[Any] = (IsAuthenticated,)
    parser_classes: Sequence[Any] = (StrictJSONParser,)
    renderer_classes: Sequence[Any] = (JSONRenderer,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any("\0" in str(part) for part in kwargs.values()):
            raise NotFound
        for name, values in request.query_params.lists():
            if any("\0" in text for text in (name, *values)):
                message = "this holds a NUL character, which nothing here has"
                raise Invalid.at(shortened(name.replace("\0", "␀")), "bad_value", message)

    def get_exception_handler(self) -> Callable[..., Response]:
        return answer_error

    def handle_exception(self, exc: Exception) -> Response:
        # An error is JSON, whatever form the answer was to have.
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)

    @property
    def actor(self) -> Actor:
        """Who asks, when it is a person, a program of one, or a script that runs for one."""
        if self.attempt is None:
            return actor_of(self.request)
        if self.script is None:
            raise NotAllowed("a step's own token does not allow that")
        return self.script

    @property
    def attempt(self) -> AttemptAccess | None:
        """Which running step asks, when it is one."""
        access = self.request.auth
        return access if isinstance(access, AttemptAccess) else None

    @cached_property
    def script(self) -> Actor | None:
        """For whom the running script asks, when it is one and no step of a run."""
        return None if self.attempt is None else actor_of_script(self.attempt.task_id)

    def body(self, shape: type[BaseSerializer[Any]], *, many: bool = False) -> Any:
        """Read and check the request's body."""
        serializer = shape(data=self.request.data, many=many)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def page(
        self,
        rows: QuerySet[Any],
        shape: type[BaseSerializer[Any]] | Callable[[Any], Any],
        *,
        ordering: str | tuple[str, ...] = "-id",
    ) -> Response:
        """Answer one page of a list."""
        pages = Pages()
        pages.ordering = ordering
        found = pages.paginate_queryset(rows, self.request, view=self) or []
        if isinstance(shape, type):
            return pages.get_paginated_response(shape(found, many=True).data)
        return pages.get_paginated_response([shape(row) for row in found])

    def query_filters(self, *known: str) -> dict[str, str]:
        """Read a list's filters; one that does not exist must not silently filter nothing."""
        allowed = {*known, "limit", "cursor", "format"}
        given = self.request.query_params
        for name in given:
            if name not in allowed:
                offered = ", ".join(sorted(allowed - {"format"}))
                message = f"there is no such filter; there are {offered}"
                raise Invalid.at(shortened(name), "unknown_key", message)
        return {name: given[name] for name in known if name in given}


def created(body: Any, location: str) -> Response:
    """Answer what was made, and where it is."""
    return Response(body, status=201, headers={"Location": location})


def accepted(signal: int) -> Response:
    """Answer that something was asked for; the change that tells its end carries the number."""
    return Response({"signal": signal}, status=202)


def number_from(request: Request, name: str, default: int = 0) -> int:
    """Read a whole number of the query string that is not negative."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        message = f'"{name}" is a whole number, not "{shortened(text, 40)}"'
        raise Invalid.at(name, "bad_value", message)
    return int(text)


def yes_or_no(text: str | None, name: str) -> bool | None:
    """Read a flag of the query string."""
    if text is None:
        return None
    if text in {"1", "true", "yes"}:
        return True
    if text in {"0", "false", "no"}:
        return False
    raise Invalid.at(name, "bad_value", f'"{name}" is true or false, not "{shortened(text, 40)}"')


def reference(parts: Mapping[str, Any]) -> str | UUID:
    """Give the id or the ``project/slug`` that an address holds."""
    if "id" in parts:
        return UUID(str(parts["id"]))
    return f"{parts['project']}/{parts['slug']}"


def path_of(row: Model) -> str:
    """Give the API's address of a row."""
    return f"/api/v1/{_PLURALS[type(row).__name__]}/{row.pk}/"


_PLURALS = {
    "Project": "projects",
    "Task": "tasks",
    "Pipeline": "pipelines",
    "Run": "runs",
    "ApiToken": "tokens",
}
