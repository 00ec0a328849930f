"""Documents are merged as the scenario files say; JavaScript runs the same files."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.document import merge

FOLDER = Path(__file__).parent.parent / "scenarios" / "merge"
CASES = [
    case
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_merging_gives_the_document_and_tells_of_what_clashes(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case)
    merged = merge(case["base"], case["mine"], case["theirs"])
    assert merged.document == case["document"]
    assert [clash.as_dict() for clash in merged.conflicts] == case["conflicts"]
    assert case == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_is_merged_once_is_merged(case: dict[str, Any]) -> None:
    merged = merge(case["base"], case["mine"], case["theirs"]).document
    assert merge(case["theirs"], merged, case["theirs"]).document == merged
    assert merge(case["base"], merged, case["base"]).document == merged
