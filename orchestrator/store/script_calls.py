"""Calls that the run's own script answers: how long they may take, and when nobody will answer.

The clock of a call runs only while the script does: it may wait in its queue for an hour, or be
taken up after its machine was lost, and has the same time to answer as before.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Min, QuerySet

from orchestrator.domain.errors import Conflict
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import TOLD, CallState, in_words
from orchestrator.domain.states import FINAL, Status
from orchestrator.models import Call, Run
from orchestrator.store import signals
from orchestrator.store.turns import Mail

ENDED: Final = "its script has ended"
_AT_WORK: Final = (Status.RUNNING, Status.ABORTING)


class AnsweredOtherwise(Conflict):
    """This call has been answered already, in another way."""

    code = "answered"


class CallIsOver(Conflict):
    """Nobody waits for the answer to this call any more."""

    code = "over"


def keep_time(mail: Mail, now: datetime) -> list[Call]:
    """Let the clocks of the open calls run or stand still, as the script does; answers those
    that were given up: nobody will answer them, or not in time.
    """
    if not mail.graph.calls_script:
        return []
    still_open = _open(mail.run.pk)
    status = Status(mail.run.task.status)
    if status in FINAL:
        return [call for call in still_open.order_by("number") if _end(call, mail, now)]
    if status in _AT_WORK:
        for call in still_open.filter(left_seconds__isnull=False):
            _go_on(call, now)
        late = still_open.filter(deadline_at__lte=now).order_by("number")
        return [call for call in late if _give_up(call, _too_late(call), now)]
    for call in still_open.filter(deadline_at__isnull=False):
        _stand_still(call, now)
    return []


def start_clock(mail: Mail, call: Call, seconds: float, now: datetime) -> None:
    """Say until when a new call is to be answered; what nobody waits for may take any time."""
    call.deadline_at = None
    if call.kind in TOLD:
        return
    if mail.run.task.status in _AT_WORK:
        call.deadline_at = now + timedelta(seconds=seconds)
    else:
        call.left_seconds = seconds


def is_in_vain(mail: Mail, call: Call) -> bool:
    """True of what is only told to a script that will not hear it any more."""
    return call.kind in TOLD and mail.run.task.status in FINAL


def tell_of_end(mail: Mail, call: Call) -> None:
    """Let the next turn give a new call up at once when its script has ended for good."""
    if mail.run.task.status in FINAL:
        signals.put(mail.run.pk, "call", {"step": call.step, "call": call.pk})


def next_deadline(run: Run) -> datetime | None:
    """When the first of the open calls is late."""
    at: datetime | None = _open(run.pk).aggregate(at=Min("deadline_at"))["at"]
    return at


def reply(run: Run, number: int, said: dict[str, Any]) -> bool:
    """Keep what the script answered, with a signal for its run; False: it was kept before.

    Raises Call.DoesNotExist, AnsweredOtherwise or CallIsOver.
    """
    with transaction.atomic():
        call = Call.objects.get(run=run, number=number, by=SCRIPT)
        answer = _as_kept(call, said)
        if _open(run.pk).filter(pk=call.pk).update(state=CallState.REPLIED, answer=answer):
            signals.put(run.pk, "call", {"step": call.step, "call": call.pk})
            return True
    call.refresh_from_db()
    kept = call.answer or {}
    if call.state == CallState.DROPPED or "over" in kept:
        raise CallIsOver(f"nobody waits for {in_words(call.kind, SCRIPT)} any more")
    if kept != answer:
        raise AnsweredOtherwise
    return False


def _as_kept(call: Call, said: dict[str, Any]) -> dict[str, Any]:
    if "reason" not in said:
        return {"value": said.get("value")}
    reason = f"{in_words(call.kind, SCRIPT)} failed: {said['reason']}"
    return {"reason": reason, "traceback": said.get("traceback", "")}


def _open(run: uuid.UUID) -> QuerySet[Call]:
    return Call.objects.filter(run=run, by=SCRIPT, state=CallState.OPEN)


def _go_on(call: Call, now: datetime) -> None:
    deadline = now + timedelta(seconds=call.left_seconds or 0.0)
    Call.objects.filter(pk=call.pk).update(deadline_at=deadline, left_seconds=None)


def _stand_still(call: Call, now: datetime) -> None:
    assert call.deadline_at is not None
    left = max(0.0, (call.deadline_at - now).total_seconds())
    Call.objects.filter(pk=call.pk).update(deadline_at=None, left_seconds=left)


def _too_late(call: Call) -> str:
    assert call.deadline_at is not None
    return f"{in_words(call.kind, SCRIPT)} was not answered in time"


def _end(call: Call, mail: Mail, now: datetime) -> bool:
    """The script has ended for good: what somebody waits for fails, the rest is over."""
    if call.kind in TOLD or mail.run.status == Status.ABORTING:
        return _settle(call, CallState.DROPPED, None, now)
    return _give_up(call, f"{in_words(call.kind, SCRIPT)} was not answered: {ENDED}", now)


def _give_up(call: Call, reason: str, now: datetime) -> bool:
    return _settle(call, CallState.FAILED, {"reason": reason, "traceback": "", "over": True}, now)


def _settle(call: Call, state: CallState, answer: dict[str, Any] | None, now: datetime) -> bool:
    """Close a call unless it is answered at this moment; the answer is taken up then."""
    call.state, call.answer, call.answered_at = state, answer, now
    call.deadline_at = call.left_seconds = None
    rows = Call.objects.filter(pk=call.pk, state=CallState.OPEN)
    return bool(
        rows.update(
            state=state, answer=answer, answered_at=now, deadline_at=None, left_seconds=None
        )
    )
