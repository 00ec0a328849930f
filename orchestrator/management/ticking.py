"""The tick's loop: once a second, whatever happens to one round."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def start_ticking() -> None:
    thread = threading.Thread(
        target=tick_forever, args=(threading.Event(),), name="tick", daemon=True
    )
    thread.start()


def tick_forever(stop: threading.Event, *, once: bool = False) -> None:
    """Take a round of the tick every second until `stop` is set."""
    from orchestrator.clock import tick

    while True:
        close_old_connections()
        try:
            tick()
        except (DatabaseError, RedisError, OSError):
            # The database or the broker is away: the next round asks again.
            logger.exception("this round of the tick failed")
            if once:
                raise
        if once or stop.wait(settings.PIPELINES_TICK_SECONDS):
            return
