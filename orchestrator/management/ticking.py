"""The tick's loop: once a second, whatever happens to one round."""

import logging
import threading

from django.conf import settings
from django.db import close_old_connections

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
        except Exception:
            # Whatever it was, the next round asks again: a tick that ends is missed by nobody.
            logger.exception("this round of the tick failed")
            if once:
                raise
        if once or stop.wait(settings.PIPELINES_TICK_SECONDS):
            return
