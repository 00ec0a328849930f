"""How our Celery workers reach the broker again after it was away."""

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer


class SoonReconnecting(Consumer):
    """Asks every two seconds; Celery's own pauses grow to thirty, and runs would wait for that."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(
            conn.ensure_connection, interval_start=0.2, interval_step=0.3, interval_max=2
        )
        return super().ensure_connected(conn)
