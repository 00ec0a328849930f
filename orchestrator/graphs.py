"""Graphs of versions, kept in memory: the document of a version never changes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from orchestrator.domain.document import graph_of
from orchestrator.domain.graph import Graph
from orchestrator.models import PipelineVersion

KEPT = 32


def document_of(version_id: int, content_hash: str) -> dict[str, Any]:
    """The document of a version. Shared: do not write into it."""
    return _read(version_id, content_hash)[0]


def graph_of_version(version_id: int, content_hash: str) -> Graph:
    """The graph of a version; read from the database at first only."""
    return _read(version_id, content_hash)[1]


# The hash belongs to the key because a row's number can be given out again.
@lru_cache(maxsize=KEPT)
def _read(version_id: int, content_hash: str) -> tuple[dict[str, Any], Graph]:
    document = PipelineVersion.objects.values_list("document", flat=True).get(
        pk=version_id, content_hash=content_hash
    )
    return document, graph_of(document)
