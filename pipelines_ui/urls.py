"""Addresses of the pages, the REST interface and the websocket."""

from importlib.util import find_spec
from typing import Any

from django.urls import include, path

urlpatterns: list[Any] = []
if find_spec("orchestrator.api") and find_spec("orchestrator.api.urls"):
    urlpatterns.append(path("api/v1/", include("orchestrator.api.urls")))

websocket_urlpatterns: list[Any] = []
