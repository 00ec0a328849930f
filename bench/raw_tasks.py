"""The yardstick's Celery application: tasks that do nothing, on the broker that the product uses.

A worker imports it by name; nothing of the product is in it.
"""

from __future__ import annotations

import os
import time

from celery import Celery

app = Celery("yardstick")
app.conf.update(
    broker_url=os.environ.get("BENCH_REDIS_URL", ""),
    result_backend=os.environ.get("BENCH_REDIS_URL", ""),
    task_default_queue="yardstick",
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
)


@app.task
def noop(*_: object) -> None:
    """Do nothing."""


@app.task
def stamp() -> float:
    """Say when the body began."""
    return time.time()
