"""Graphs of versions and runs, and pins of runs, kept in memory: none of them ever changes.

A run whose fan-outs are spread out has another graph with each revision.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from orchestrator.domain.document import added_node, graph_of
from orchestrator.domain.fan_outs import Added, Part, with_parts
from orchestrator.domain.graph import Graph, Node
from orchestrator.models import GraphPart, PipelineVersion, Run

KEPT = 32
ADDED: Final = "script:"
"""How the keys of those parts of a run's graph begin that a script added under keys of its own."""
_OF_ITEMS: Final = ("body__of", "body__first", "body__start", "body__count")


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
    document, graph = _read(version_id, content_hash)
    defaults = document.get("defaults") or {}
    parts = GraphPart.objects.filter(run_id=run_id, revision__lte=revision)
    added = parts.filter(key__startswith=ADDED).values_list("body__first", "body__step")
    items = parts.exclude(key__startswith=ADDED)
    return with_parts(
        graph,
        (
            *(Part(*row) for row in items.values_list(*_OF_ITEMS)),
            *(Added(first, _maker(step, defaults)) for first, step in added),
        ),
    )


def _maker(
    step: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Callable[[int, Mapping[str, int]], Node]:
    return lambda index, places: added_node(index, step, defaults, places)


def graph_of_version(version_id: int, content_hash: str) -> Graph:
    """The graph of a version; read from the database at first only."""
    return _read(version_id, content_hash)[1]


def pins_of_run(run: Run) -> dict[str, Any]:
    """What each step's template resolved to when the run was created, or the step added. Shared,
    as above."""
    return _pins_of_revision(run.pk, run.version_id, run.graph_revision)


@lru_cache(maxsize=KEPT)
def _pins_of_revision(run_id: uuid.UUID, version_id: int | None, revision: int) -> dict[str, Any]:
    # Another version, and another revision of the graph, have other pins.
    pins: dict[str, Any] = Run.objects.values_list("pins", flat=True).get(pk=run_id)
    if revision:
        parts = GraphPart.objects.filter(run_id=run_id, revision__lte=revision)
        added = parts.filter(key__startswith=ADDED)
        pins = {**pins, **dict(added.values_list("body__step__name", "body__pin"))}
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
