"""The yardstick's Celery application: tasks that do nothing, on the broker that the product uses.

A worker imports it by name; nothing of the product is in it.
"""

from __future__ import annotations

import os
import time

from celery import Celery


def make_app(url: str) -> Celery:
    """An application of its own for each Redis: one that has spoken to another keeps to it."""
    made = Celery("yardstick", broker=url, backend=url)
    made.conf.update(
        task_default_queue="yardstick",
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
    )
    made.task(_noop, name="yardstick.noop", shared=False)
    made.task(_stamp, name="yardstick.stamp", shared=False)
    return made


def _noop(*_: object) -> None:
    """Do nothing."""


def _stamp() -> float:
    """Say when the body began."""
    return time.time()


app = make_app(os.environ.get("BENCH_REDIS_URL", ""))
