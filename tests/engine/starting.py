"""Runs to work on, made in a line."""

from __future__ import annotations

from typing import Any

from orchestrator.actions.runs import start_run
from orchestrator.models import Run
from tests.makers import make_pipeline, make_project, make_template

Document = dict[str, Any]


def started(document: Document, **parameters: Any) -> Run:
    """A run of the document, waiting for its first turn."""
    project = make_project()
    make_template(project)
    pipeline = make_pipeline(project, document=document)
    return start_run(actor="ada", pipeline=pipeline, parameters=parameters)


def diamond(**left: Any) -> Document:
    """load → left, right → join."""
    return {
        "schema": 1,
        "steps": [
            {"name": "load", "template": "load"},
            {"name": "left", "template": "load", "parents": ["load"], **left},
            {"name": "right", "template": "load", "parents": ["load"]},
            {"name": "join", "template": "load", "parents": ["left", "right"]},
        ],
    }


def wide(width: int, **each: Any) -> Document:
    """start → many → end."""
    names = [f"work {place}" for place in range(width)]
    return {
        "schema": 1,
        "steps": [
            {"name": "start", "template": "load"},
            *({"name": n, "template": "load", "parents": ["start"], **each} for n in names),
            {"name": "end", "template": "load", "parents": names},
        ],
    }


def long_chain(length: int) -> Document:
    """One after the other."""
    steps: list[Document] = [{"name": "step 0", "template": "load"}]
    for place in range(1, length):
        parents = [f"step {place - 1}"]
        steps.append({"name": f"step {place}", "template": "load", "parents": parents})
    return {"schema": 1, "steps": steps}
