"""Delivering webhooks: what is due is sent, outside of any transaction, by a few threads.

Safe in several processes at once: each delivery is taken by compare-and-set. One that was sent
while its process died is sent again, with the same number.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection, transaction

from orchestrator import dispatch, webhooks
from orchestrator.domain.hooks import ASKED
from orchestrator.models import Delivery
from orchestrator.store import deliveries

THREADS = 4

logger = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
_under_way: set[Future[None]] = set()


def deliver_due() -> int:
    """Send what is due, one after another; answers how many were tried."""
    taken = deliveries.take_due()
    for row in taken:
        deliver(row)
    return len(taken)


def deliver_in_background() -> None:
    """Send what is due without waiting for it, unless all threads are at it still."""
    _under_way.difference_update([one for one in _under_way if one.done()])
    if len(_under_way) < THREADS:
        for row in deliveries.take_due():
            _under_way.add(_pool.submit(_deliver_alone, row))


def _deliver_alone(row: Delivery) -> None:
    try:
        deliver(row)
    except Exception:
        # It is tried again when it is nobody's any more.
        logger.exception("Webhook %s could not be sent", row.pk)
    finally:
        connection.close()


def deliver(row: Delivery) -> None:
    """Try one delivery, and leave what came of it."""
    call, run = row.call, row.call.run
    # Of the others it does not matter what they say.
    asks = call.kind in ASKED
    letter = webhooks.Letter(row.url, call.kind, f"{run.pk}.{call.number}", row.payload, asks)
    try:
        answer = webhooks.send(letter, webhooks.secret_of(run.project))
    except webhooks.CannotDeliver as error:
        is_over = deliveries.failed(row, error.message, again=error.again)
    else:
        is_over = deliveries.delivered(row, answer)
    if is_over:
        with transaction.atomic():
            dispatch.ask_for_turn(run.pk)
