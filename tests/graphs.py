"""Named graphs for tests, each drawn where it is made."""

from __future__ import annotations

from typing import Any

from orchestrator.domain.document import graph_of
from orchestrator.domain.graph import Graph


def document_of(edges: dict[str, str], **more: Any) -> dict[str, Any]:
    """Make a document: ``{"load": "", "train": "load"}`` are steps and their parents' names."""
    steps = [
        {"name": name, "template": "work", **({"parents": above.split()} if above else {})}
        for name, above in edges.items()
    ]
    return {"schema": 1, "steps": steps, **more}


def graph(edges: dict[str, str]) -> Graph:
    """Make the graph of such a document."""
    return graph_of(document_of(edges))


# load ── clean ── train
CHAIN = {"load": "", "clean": "load", "train": "clean"}

#         ┌─ left ──┐
# load ───┤         ├── join
#         └─ right ─┘
DIAMOND = {"load": "", "left": "load", "right": "load", "join": "left right"}

#         ┌─ a
# load ───┼─ b
#         └─ c
FAN_OUT = {"load": "", "a": "load", "b": "load", "c": "load"}

# load ── train      count ── report
TWO_ISLANDS = {"load": "", "train": "load", "count": "", "report": "count"}
