"""Graphs of versions and runs, and pins of runs, kept in memory: none of them ever changes.

A run whose fan-outs are spread out has another graph with each revision.
"""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from orchestrator.domain.document import graph_of
from orchestrator.domain.fan_outs import Part, with_parts
from orchestrator.domain.graph import Graph
from orchestrator.models import GraphPart, PipelineVersion, Run

KEPT = 32


def document_of(version_id: int, content_hash: str) -> dict[str, Any]:
    """The document of a version. Shared: do not write into it."""
    return _read(version_id, content_hash)[0]


def graph_of_run(run: Run) -> Graph:
    """The graph that a run executes now; a run without a version has none of its own."""
    if run.version is None:
        return Graph()
    version = run.version.pk, run.version.content_hash
    if run.graph_revision == 0:
        return graph_of_version(*version)
    return _graph_of_revision(run.pk, run.graph_revision, *version)


@lru_cache(maxsize=KEPT)
def _graph_of_revision(
    run_id: uuid.UUID, revision: int, version_id: int, content_hash: str
) -> Graph:
    parts = GraphPart.objects.filter(run_id=run_id, revision__lte=revision)
    bodies = parts.values_list("body__of", "body__first", "body__start", "body__count")
    return with_parts(graph_of_version(version_id, content_hash), (Part(*row) for row in bodies))


def graph_of_version(version_id: int, content_hash: str) -> Graph:
    """The graph of a version; read from the database at first only."""
    return _read(version_id, content_hash)[1]


@lru_cache(maxsize=KEPT)
def pins_of_run(run_id: uuid.UUID) -> dict[str, Any]:
    """What each step's template resolved to when the run was created. Shared, as above."""
    pins: dict[str, Any] = Run.objects.values_list("pins", flat=True).get(pk=run_id)
    return pins


@lru_cache(maxsize=KEPT)
def pins_of_version(version_id: int, content_hash: str) -> dict[str, Any]:
    """The template version that each step was pinned to when it was published. Shared, too."""
    pins: dict[str, Any] = PipelineVersion.objects.values_list("pins", flat=True).get(
        pk=version_id, content_hash=content_hash
    )
    return pins


# The hash belongs to the key because a row's number can be given out again.
@lru_cache(maxsize=KEPT)
def _read(version_id: int, content_hash: str) -> tuple[dict[str, Any], Graph]:
    document = PipelineVersion.objects.values_list("document", flat=True).get(
        pk=version_id, content_hash=content_hash
    )
    return document, graph_of(document)
