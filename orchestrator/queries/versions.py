"""Questions about two states of a pipeline: what differs, by step and field and as text."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.document_text import written_yaml
from orchestrator.domain.document import compare, in_reading_order, normalise
from orchestrator.domain.errors import Invalid, shortened
from orchestrator.models import Pipeline
from orchestrator.queries.pipelines import draft_of, find_version

DRAFT: Final = "draft"
# Finding the changed lines of more text takes seconds.
MOST_LINES: Final = 20_000


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: added, removed, the same, or a jump."""

    kind: str
    text: str


def document_at(pipeline: Pipeline, state: str) -> dict[str, Any]:
    """Give the document of a version by its number, of the latest, or of the draft."""
    document: dict[str, Any]
    if state == DRAFT:
        document = draft_of(pipeline).document
    elif state == "latest":
        document = find_version(pipeline).document
    elif state.isascii() and state.isdigit() and len(state) < 10:
        document = find_version(pipeline, int(state)).document
    else:
        said = shortened(state, 40)
        message = f'a version is a number, "latest" or "draft", not "{said}"'
        raise Invalid.at("version", "bad_value", message)
    return document


def compared(pipeline: Pipeline, before: str, after: str) -> dict[str, Any]:
    """Say what differs between two states; ``text`` is nothing where it would be too long."""
    old, new = document_at(pipeline, before), document_at(pipeline, after)
    return {
        "from": before,
        "to": after,
        **compare(old, new).as_dict(),
        "text": _as_text(old, new),
    }


def _as_text(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, str]] | None:
    texts = [written_yaml(in_reading_order(normalise(one))).splitlines() for one in (old, new)]
    if sum(map(len, texts)) > MOST_LINES:
        return None
    return [{"kind": line.kind, "text": line.text} for line in _lines(*texts)]


def difference(old: str, new: str) -> list[DiffLine]:
    """What changed from the old text to the new, with three lines around each change."""
    return list(_lines(old.splitlines(), new.splitlines()))


def _lines(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    kinds = {"+": "added", "-": "removed", " ": "same", "@": "jump"}
    for place, line in enumerate(difflib.unified_diff(old, new, lineterm="")):
        if place < 2:
            continue
        yield DiffLine(kinds[line[0]], line if line[0] == "@" else line[1:])
