"""The graph of a run as pages and programs see it: what is connected with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.document import graph_of
from orchestrator.domain.graph import Graph, Node
from orchestrator.graphs import graph_of_version
from orchestrator.models import PipelineVersion, Run


def graph_of_run(run: Run) -> Graph:
    """The graph that this run executes. A run without a version has none of its own."""
    if run.version is None:
        return Graph(())
    return graph_of_version(run.version.pk, run.version.content_hash)


def graph(run: Run) -> dict[str, Any]:
    """What the chart draws; changes only with its revision."""
    layout = run.version.document.get("layout") if run.version else None
    return _drawn(graph_of_run(run), pins_of(run), layout, revision=run.graph_revision)


def version_graph(version: PipelineVersion) -> dict[str, Any]:
    """The same for a version that no run executes."""
    drawn = graph_of_version(version.pk, version.content_hash)
    return _drawn(drawn, version.pins, version.document.get("layout"))


def draft_graph(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a document that is no version yet; it must have no problems."""
    return _drawn(graph_of(document), {}, document.get("layout"))


def graph_etag(run: Run) -> str:
    """Names exactly this graph."""
    version = run.version
    return f'"{version.content_hash if version else "none"}.{run.graph_revision}"'


def pins_of(run: Run) -> dict[str, dict[str, Any]]:
    """Which template version each step uses: pinned when published, or resolved at creation."""
    return {**(run.version.pins if run.version else {}), **run.pins}


def pin_of(run: Run, name: str) -> dict[str, Any]:
    """The same for one step: with many steps, merging the pins for each would be quadratic."""
    pinned = run.version.pins if run.version else {}
    pin: dict[str, Any] = run.pins.get(name) or pinned.get(name) or {}
    return pin


def _drawn(
    graph: Graph, pins: Mapping[str, Any], layout: object, *, revision: int = 0
) -> dict[str, Any]:
    return {
        "revision": revision,
        "nodes": [_node(node, pins.get(node.name) or {}) for node in graph.nodes],
        "layout": layout or None,
    }


def _node(node: Node, pin: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": node.index,
        "name": node.name,
        "kind": str(node.kind),
        "template": pin.get("template", node.template),
        "version": pin.get("version"),
        "parents": sorted(set(node.parents)),
        "group": node.group,
        "comment": node.comment,
    }
