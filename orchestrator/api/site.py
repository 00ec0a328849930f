"""Everything below /api/: the interface's versions, its schema, its page."""

from __future__ import annotations

from django.urls import include, path, re_path

from orchestrator.api import docs, schema

urlpatterns = [
    path("v1/", include("orchestrator.api.urls")),
    path("schema/", schema.SchemaView.as_view(), name="api_schema"),
    path("docs/", docs.docs, name="api_docs"),
    re_path("", schema.Unknown.as_view(schema=None)),
]
