"""The tick: asks again, every second, for whatever a lost message or a dead process left undone.

Safe in several copies at once: each thing it does is a compare-and-set or an idempotent turn.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from redis import RedisError

from orchestrator import announce, controller, delivering, dispatch
from orchestrator.models import Agent, Broker, Run, Signal
from orchestrator.store import admission, lines, progress, tasks

EPOCH_KEY = "pipelines:epoch"
OLD_SIGNAL_SECONDS = 1.0
UNCLAIMED_SECONDS = 5.0
RUNS_A_TICK = 100

log = logging.getLogger(__name__)


def tick() -> None:
    """One look at everything that may have been left lying.

    A fault in one run must not keep the others from going on, so it is logged and passed over.
    """
    end_leases()
    tell_progress()
    delivering.deliver_in_background()
    for run_id in runs_to_advance():
        try:
            controller.advance(run_id)
        except Exception:
            log.exception("The turn of run %s failed", run_id)
    publish_again()
    for queue in lines.queues_that_wait():
        controller.serve_line(queue)
    for line in admission.lines_that_wait():
        controller.serve_runs(line)


def end_leases() -> None:
    """End the tasks and the agents whose lease is over."""
    with transaction.atomic():
        lost = tasks.end_lost_leases()
        gone = Agent.objects.filter(lease_until__lt=Now(), ended_at__isnull=True)
        if gone.update(ended_at=Now()) or lost:
            announce.poke("lines", *(f"task:{task.pk}" for task in lost))
    for task in lost:
        log.warning("Task %s: its agent did not renew the lease", task.pk)


def tell_progress() -> None:
    """Tell runs the last progress of steps that reported more often than is told."""
    late = progress.untold()
    if late:
        with transaction.atomic():
            for run_id in progress.tell(late):
                dispatch.ask_for_turn(run_id)


def runs_to_advance() -> list[uuid.UUID]:
    """Runs with something due, or with a signal that nobody took up.

    In no order, so that runs whose turn fails each time do not keep the others from theirs.
    """
    late = Signal.objects.filter(at__lt=Now() - timedelta(seconds=OLD_SIGNAL_SECONDS))
    waiting = Q(due_at__lte=Now()) | Q(pk__in=late.values("run"))
    found = Run.objects.filter(waiting).order_by("?")
    return list(found.values_list("pk", flat=True)[:RUNS_A_TICK])


def publish_again() -> None:
    """Send again what the broker must have lost.

    1. Its key is not the one that we know: it was emptied, or is another one, so everything that
       was published before is lost.
    2. It has fewer messages for a queue than published tasks of that queue wait for seconds.
    """
    epoch = _epoch()
    if epoch is None:
        return
    lost = not Broker.objects.filter(epoch=epoch).exists()
    for queue, places in lines.unclaimed(0 if lost else UNCLAIMED_SECONDS).items():
        waiting = dispatch.waiting_in_broker(queue)
        if lost or (waiting is not None and waiting < len(places)):
            log.info("Publishing %d tasks of queue %s again", len(places), queue)
            with transaction.atomic():
                lines.mark_published(places)
                dispatch.publish(places)
    if lost:
        # Only now: a tick that ends before this line is followed by one that does it all again.
        with transaction.atomic():
            Broker.objects.exclude(epoch=epoch).delete()
            Broker.objects.get_or_create(epoch=epoch, defaults={"set_at": Now()})


def _epoch() -> str | None:
    """The value of our key in the broker, set if it is missing; None: it cannot be asked."""
    try:
        announce.server().set(EPOCH_KEY, secrets.token_hex(16), nx=True)
        found = announce.server().get(EPOCH_KEY)
    except RedisError as error:
        announce.reachability.failed(error)
        return None
    return found.decode() if isinstance(found, bytes) else None
