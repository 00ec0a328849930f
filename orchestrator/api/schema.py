"""The schema (OpenAPI 3.1), who may ask for it, and what is answered at unknown addresses."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.api.base import ApiView
from orchestrator.domain.errors import NotFound, shortened


class TokenScheme(OpenApiAuthenticationExtension):
    """How a program says who it is."""

    target_class = "orchestrator.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the tokens page.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    """How a browser does."""

    target_class = "orchestrator.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A signed-in browser; what changes something needs X-CSRFToken too.",
        }


class AttemptScheme(OpenApiAuthenticationExtension):
    """How a running script or step does."""

    target_class = "orchestrator.api.authentication.AttemptAuthentication"
    name = "attempt"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "PIPELINES_TOKEN of a running script or step; it counts while that runs. A script "
                "may do what its user may in its project, a step has its run's things."
            ),
        }


def say_null_once(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let a value that may be anything not be "anything or else null": null would fit both."""
    _mend(result)
    return result


def _mend(part: Any) -> None:
    if isinstance(part, dict):
        if {} in part.get("oneOf", ()):
            del part["oneOf"]
        for inner in part.values():
            _mend(inner)
    elif isinstance(part, list):
        for inner in part:
            _mend(inner)


class SchemaView(ApiView, SpectacularAPIView):
    """The schema, in YAML or JSON, for who is signed in or has a token."""

    renderer_classes = SpectacularAPIView.renderer_classes
    authentication_classes = ApiView.authentication_classes
    permission_classes = ApiView.permission_classes
    serve_public = True


class _Anything(DefaultContentNegotiation):
    """An unknown address is unknown whatever is asked for there, and in which form."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Unknown(ApiView):
    """Answers at every address that nothing is at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = _Anything

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs, self.headers = args, kwargs, {}
        self.request = self.initialize_request(request)
        self.initial(self.request)
        return self.finalize_response(self.request, self._answer(self.request))

    def _answer(self, request: Request) -> Response:
        path = request.path
        hint = "" if path.endswith("/") else '; addresses end with "/"'
        return self.handle_exception(
            NotFound(f"there is nothing at {shortened(path)} in this interface{hint}")
        )


@cache
def whole_schema() -> dict[str, Any]:
    """Give the schema as a value; it changes with the program only."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema
