"""The calls of attempts, as the rules look at them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection

from orchestrator.domain.hooks import HOLDING, CallKind, CallState, CallView
from orchestrator.models import Call

Key = tuple[int, int]
"""An attempt, by its step and number."""


def views_of(run: uuid.UUID, attempts: Collection[Key]) -> dict[Key, tuple[CallView, ...]]:
    """The calls that hold the launch or the end of these attempts."""
    wanted = frozenset(attempts)
    if not wanted:
        return {}
    rows = Call.objects.filter(
        run_id=run,
        step__in={step for step, _ in wanted},
        kind__in=[kind.value for kind in HOLDING],
    )
    found: dict[Key, list[CallView]] = defaultdict(list)
    for row in rows.order_by("number"):
        if row.step is not None and row.attempt is not None:
            found[row.step, row.attempt].append(view_of(row))
    return {key: tuple(calls) for key, calls in found.items() if key in wanted}


def view_of(row: Call) -> CallView:
    """A call as the rules see it; whoever has replied is still waited for until it is taken up."""
    state = CallState(row.state)
    answer = row.answer or {}
    return CallView(
        kind=CallKind(row.kind),
        place=row.place,
        state=CallState.OPEN if state is CallState.REPLIED else state,
        answer=answer.get("value"),
        reason=answer.get("reason", ""),
        traceback=answer.get("traceback", ""),
        draft=row.arguments.get("draft", ""),
        by=row.by,
    )
