"""Questions about fan-outs: how many items there are, how they stand, what each is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Count

from orchestrator.domain.graph import Graph
from orchestrator.domain.states import DISPLAY_ORDER, ENDED_BADLY
from orchestrator.models import Run, Step

SHOWN: Final = 50
"""So many items a page shows of one fan-out; those that ended badly come first."""

_AT_ONCE = 1000


def item_of(row: Step) -> dict[str, Any] | None:
    """What an item is about: its place in the list, and the element there."""
    if row.item_index is None:
        return None
    return {"index": row.item_index, "value": row.item_value}


def items_of(row: Step) -> dict[str, int] | None:
    """How many items a fan-out has; none before its list is known."""
    if row.items is None:
        return None
    return {"total": row.items, "open": row.items_open}


def items_shown(run: Run, graph: Graph, row: Step) -> dict[str, Any]:
    """How many items of a fan-out stand how, and some of them: the bad ones, then the first."""
    listed = graph.items.get(row.node, ())[: row.items or 0]
    counts: dict[str, int] = {}
    for chunk in _chunks(listed):
        rows = Step.objects.filter(run_id=run.pk, index__in=chunk).values_list("status")
        for status, count in rows.annotate(Count("id")).order_by("status"):
            counts[status] = counts.get(status, 0) + count
    bad = _rows(run, listed, bad=True)
    rest = _rows(run, listed[:SHOWN], bad=False)
    items = [*bad, *rest][:SHOWN]
    return {
        "counts": {word.value: counts[word] for word in DISPLAY_ORDER if word in counts},
        "items": [
            {"name": one.path, "status": one.status, "reason": one.reason, "item": item_of(one)}
            for one in items
        ],
        "more": len(listed) - len(items),
    }


def _rows(run: Run, listed: Sequence[int], *, bad: bool) -> list[Step]:
    words = [status.value for status in ENDED_BADLY]
    found: list[Step] = []
    for chunk in _chunks(listed):
        rows = Step.objects.filter(run_id=run.pk, index__in=chunk).order_by("index")
        rows = rows.filter(status__in=words) if bad else rows.exclude(status__in=words)
        found += rows[: SHOWN - len(found)]
        if len(found) >= SHOWN:
            break
    return found


def _chunks(indexes: Sequence[int]) -> list[Sequence[int]]:
    return [indexes[start : start + _AT_ONCE] for start in range(0, len(indexes), _AT_ONCE)]
