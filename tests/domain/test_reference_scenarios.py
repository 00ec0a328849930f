"""References are read and renamed as the scenario files say; JavaScript runs the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain import references
from orchestrator.domain.document import implied_parents, rename_step
from orchestrator.domain.errors import BadReference
from orchestrator.domain.references import Reference

FOLDER = Path(__file__).parent.parent / "scenarios" / "references"


def cases(name: str) -> list[dict[str, Any]]:
    told: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    read: list[dict[str, Any]] = told["cases"]
    return read


def shown(piece: str | Reference) -> Any:
    if isinstance(piece, str):
        return piece
    return {
        "source": str(piece.source),
        "what": str(piece.what),
        "path": list(piece.path),
        "step": piece.step,
        "each": piece.each,
    }


@pytest.mark.parametrize("case", cases("reading.json"), ids=lambda case: case["text"])
def test_a_text_is_read_as_the_file_says(case: dict[str, Any]) -> None:
    try:
        pieces = [shown(piece) for piece in references.parse(case["text"])]
    except BadReference:
        assert case["pieces"] is None
    else:
        assert pieces == case["pieces"]


@pytest.mark.parametrize("case", cases("renaming.json"), ids=lambda case: str(case["before"]))
def test_a_value_is_renamed_as_the_file_says(case: dict[str, Any]) -> None:
    assert references.rename_steps(case["before"], {case["from"]: case["to"]}) == case["after"]


@pytest.mark.parametrize("case", cases("documents.json"), ids=lambda case: case["from"])
def test_a_document_has_these_edges_and_is_renamed_so(case: dict[str, Any]) -> None:
    edges = []
    for step in case["before"]["steps"]:
        plain, implied = step.get("parents", ()), implied_parents(step)
        for name in dict.fromkeys((*plain, *implied)):
            kind = "both" if name in plain and name in implied else "order"
            edges.append([name, step["name"], kind if name in plain else "reference"])
    assert edges == case["edges"]
    assert rename_step(case["before"], case["from"], case["to"]) == case["after"]
