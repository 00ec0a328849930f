"""The graph of a run as pages and programs see it: what is connected with what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.document import graph_of
from orchestrator.domain.graph import Graph, Node
from orchestrator.graphs import (
    document_of,
    graph_of_run,
    graph_of_version,
    pins_of_run,
    pins_of_version,
)
from orchestrator.models import PipelineVersion, Run


def document_of_run(run: Run) -> dict[str, Any]:
    """The document that this run executes. Shared: do not write into it."""
    return document_of_version(run.version) if run.version else {}


def graph(run: Run) -> dict[str, Any]:
    """What the chart draws; changes only with its revision."""
    layout = document_of_run(run).get("layout")
    return _drawn(graph_of_run(run), pins_of(run), layout, revision=run.graph_revision)


def version_graph(version: PipelineVersion) -> dict[str, Any]:
    """The same for a version that no run executes."""
    key = (version.pk, version.content_hash)
    layout = document_of_version(version).get("layout")
    return _drawn(graph_of_version(*key), pins_of_version(*key), layout)


def version_calls_script(version: PipelineVersion) -> bool:
    """Whether its runs ask their script something."""
    return graph_of_version(version.pk, version.content_hash).calls_script


def document_of_version(version: PipelineVersion) -> dict[str, Any]:
    """What a version says. Shared: do not write into it."""
    return document_of(version.pk, version.content_hash)


def draft_graph(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a document that is no version yet; it must have no problems."""
    return _drawn(graph_of(document), {}, document.get("layout"))


def graph_etag(run: Run) -> str:
    """Names exactly this graph."""
    version = run.version
    return f'"{version.content_hash if version else "none"}.{run.graph_revision}"'


def pins_of(run: Run) -> dict[str, dict[str, Any]]:
    """Which template version each step uses: pinned when published, or resolved at creation."""
    return {**_published_pins(run), **pins_of_run(run)}


def pin_of(run: Run, name: str) -> dict[str, Any]:
    """The same for one step: with many steps, merging the pins for each would be quadratic."""
    pin: dict[str, Any] = pins_of_run(run).get(name) or _published_pins(run).get(name) or {}
    return pin


def _published_pins(run: Run) -> dict[str, Any]:
    return pins_of_version(run.version.pk, run.version.content_hash) if run.version else {}


def _drawn(
    graph: Graph, pins: Mapping[str, Any], layout: object, *, revision: int = 0
) -> dict[str, Any]:
    return {
        "revision": revision,
        "nodes": [_node(node, pins.get(node.step) or {}) for node in graph.nodes],
        "layout": layout or None,
    }


def _node(node: Node, pin: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": node.index,
        "name": node.name,
        "kind": str(node.kind),
        "template": made_of(node, pin),
        "version": pin.get("version"),
        "parents": sorted(set(node.parents)),
        "of": node.of,
        "item": node.item,
        "group": node.group,
        "comment": node.comment,
    }


def made_of(node: Node, pin: Mapping[str, Any]) -> str | None:
    """The template or pipeline of a step, with its project once it is pinned."""
    name: str | None = pin.get("template") or pin.get("pipeline") or node.template
    return name


def columns(graph: Mapping[str, Any]) -> dict[str, Any]:
    """A graph for scripts, by columns: what many steps share is written once.

    Each step is named by its place; `uses` says which of `kinds` (kind, template, version) it is.
    `items` are [of, first, how many, step, item]: that many items of one fan-out, each so many
    places after the one before, beginning with that item.
    """
    kinds: dict[tuple[Any, ...], int] = {}
    nodes = graph["nodes"]
    uses = [
        kinds.setdefault((node["kind"], node["template"], node["version"]), len(kinds))
        for node in nodes
    ]
    return {
        "revision": graph["revision"],
        "names": [node["name"] for node in nodes],
        "parents": [node["parents"] for node in nodes],
        "kinds": list(kinds),
        "uses": uses,
        "items": _runs_of_items(nodes),
        "groups": {node["index"]: node["group"] for node in nodes if node["group"]},
        "comments": {node["index"]: node["comment"] for node in nodes if node["comment"]},
        "layout": graph["layout"],
    }


def _runs_of_items(nodes: Iterable[Mapping[str, Any]]) -> list[list[int]]:
    by_fan_out: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for node in nodes:
        if node["of"] is not None:
            by_fan_out[node["of"]].append(node)
    runs: list[list[int]] = []
    for of, items in by_fan_out.items():
        last: list[int] | None = None
        for node in items:
            index, item = node["index"], node["item"]
            if last and last[2] == 1 and item == last[4] + 1:
                last[2:4] = [2, index - last[1]]
            elif last and (index, item) == (last[1] + last[2] * last[3], last[4] + last[2]):
                last[2] += 1
            else:
                last = [of, index, 1, 1, item]
                runs.append(last)
    return runs
