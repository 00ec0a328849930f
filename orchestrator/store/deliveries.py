"""Webhooks on their way: taken by one sender at a time, tried again, answered or given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from orchestrator.domain.hooks import CallState
from orchestrator.models import Call, Delivery
from orchestrator.store import signals
from orchestrator.store.turns import database_now

AT_ONCE: Final = 20
HELD_SECONDS: Final = 60.0
"""So long nobody else tries: longer than one try may take."""

_LONGEST_DELAY: Final = 60.0


def take_due() -> list[Delivery]:
    """The deliveries that this process is to try now."""
    due = Delivery.objects.filter(next_at__lte=Now()).order_by("next_at")
    taken = []
    for row in due.select_related("call__run__project")[:AT_ONCE]:
        mine = Delivery.objects.filter(pk=row.pk, next_at=row.next_at)
        held = database_now() + timedelta(seconds=HELD_SECONDS)
        if mine.update(next_at=held, tries=F("tries") + 1):
            row.tries += 1
            taken.append(row)
    return taken


def delivered(row: Delivery, value: Any) -> bool:
    """It has arrived and was answered; False: nobody waits for it any more."""
    return _settle(row, {"value": value}, "")


def failed(row: Delivery, fault: str, *, again: bool) -> bool:
    """It was tried in vain: later again, as long as its call may be answered; True: given up."""
    now = database_now()
    delay = min(2.0 ** (row.tries - 1), _LONGEST_DELAY)
    if again and _may_wait(row.call, now + timedelta(seconds=delay)):
        Delivery.objects.filter(pk=row.pk, next_at__isnull=False).update(
            next_at=now + timedelta(seconds=delay), fault=fault[:500]
        )
        return False
    tries = f" after {row.tries} tries" if row.tries > 1 else ""
    reason = f"its {row.call.kind} hook could not be called{tries}: {fault}"
    return _settle(row, {"reason": reason, "traceback": ""}, fault)


def _may_wait(call: Call, moment: datetime) -> bool:
    return call.deadline_at is None or moment < call.deadline_at


def _settle(row: Delivery, answer: dict[str, Any], fault: str) -> bool:
    """Leave the answer with the call, and a signal for its run, together."""
    with transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(next_at=None, fault=fault[:500])
        still_open = Call.objects.filter(pk=row.call_id, state=CallState.OPEN)
        if not still_open.update(state=CallState.REPLIED, answer=answer):
            return False
        signals.put(row.call.run_id, "call", {"step": row.call.step, "call": row.call_id})
    return True
