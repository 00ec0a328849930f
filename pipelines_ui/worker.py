"""How our Celery workers reach the broker again after it was away, and take the next message."""

from functools import partial
from typing import Any

from celery.signals import task_postrun
from celery.worker import state
from celery.worker.consumer import Consumer

FREE_SLOT_SECONDS = 0.01


class WakefulConsumer(Consumer):
    """Asks every two seconds; Celery's own pauses grow to thirty, and runs would wait for that.

    While all slots are busy Celery asks for no message, and nothing wakes its loop when one is
    free again: it would look a second later. Here the end of a task wakes it.
    """

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(
            conn.ensure_connection, interval_start=0.2, interval_step=0.3, interval_max=2
        )
        return super().ensure_connected(conn)

    def loop_args(self) -> Any:
        if self.hub is not None:
            task_postrun.connect(self._wake, weak=False, dispatch_uid="wake")
        return super().loop_args()

    def _wake(self, **_: Any) -> None:
        self.hub.call_soon(self._look)

    def _look(self) -> None:
        # The signal comes a moment before the slot is free.
        if len(state.reserved_requests) >= self.pool.num_processes:
            self.hub.call_later(FREE_SLOT_SECONDS, self._look)
