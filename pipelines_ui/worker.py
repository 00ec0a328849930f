"""How our Celery workers take messages, and reach the broker again after it was away."""

from functools import partial
from typing import Any

from celery.signals import task_postrun
from celery.worker import state
from celery.worker.consumer import Consumer
from kombu.transport import redis

FREE_SLOT_SECONDS = 0.01


class ForgetfulChannel(redis.Channel):
    """Takes messages without keeping a copy of each in Redis until it is acknowledged.

    The copies took two thirds of an agent's processor time, and helped nobody: what a lost message
    spoke of is in the database, and the tick asks for it again.
    """

    def basic_consume(self, queue: str, *args: Any, **details: Any) -> Any:
        return super().basic_consume(queue, *args, **{**details, "no_ack": True})

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        """There is no copy to forget."""


class Transport(redis.Transport):
    """Redis, as kombu speaks to it, with channels of ours."""

    Channel = ForgetfulChannel


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
