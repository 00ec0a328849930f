"""Which queues the worker hears: none while its agent is drained."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

logger = logging.getLogger(__name__)


class Listening:
    """Lets a running worker stop hearing its queues, and hear them again.

    Messages that nobody hears stay in the broker for the other agents of the queue.
    """

    def __init__(self, worker: Any, queues: Sequence[str]) -> None:
        self._worker = worker
        self._queues = tuple(queues)

    def set_draining(self, draining: bool) -> bool:
        """Ask for it from any thread; False: the worker has no connection, ask again later."""
        consumer = self._worker.consumer
        if consumer is None or getattr(consumer, "task_consumer", None) is None:
            return False
        # The connection belongs to the worker's own thread.
        consumer.call_soon(self._apply, consumer, draining)
        return True

    def _apply(self, consumer: Any, draining: bool) -> None:
        try:
            for queue in self._queues:
                if draining:
                    consumer.cancel_task_queue(queue)
                else:
                    consumer.add_task_queue(queue)
        except Exception:
            # The connection is lost in this moment: what Celery selects holds for the next one.
            logger.exception("the worker could not %s its queues", "leave" if draining else "join")
