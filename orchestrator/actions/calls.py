"""Answers that a run's script gives to its calls."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from orchestrator import dispatch
from orchestrator.domain.errors import CapExceeded, Invalid, NotFound
from orchestrator.domain.names import CAPS
from orchestrator.models import Call, Run
from orchestrator.store import script_calls

REASON_LENGTH = 2000


def answer_call(*, run: Run, number: int, said: dict[str, Any]) -> None:
    """Keep what the script says to a call: a *value*, or the *reason* why it has none, with a
    *traceback*. Saying the same twice is saying it once.

    Raises Conflict for another answer than the one that is kept, or when nobody waits any more.
    """
    _check(said)
    try:
        with transaction.atomic():
            if script_calls.reply(run, number, said):
                dispatch.ask_for_turn(run.pk)
    except Call.DoesNotExist:
        raise NotFound(f"this run has not asked its script anything as call {number}") from None


def _check(said: dict[str, Any]) -> None:
    if ("reason" in said) == ("value" in said):
        raise Invalid.at("value", "bad_value", 'say either "value" or "reason"')
    size = len(json.dumps(said, ensure_ascii=False).encode())
    if size > CAPS.output_bytes:
        raise CapExceeded("answer of a callback", CAPS.output_bytes, size, "bytes")
    if "reason" in said:
        said["reason"] = said["reason"].strip()[:REASON_LENGTH] or "it raised"
