"""The Celery application: how messages travel.

Messages only say *look*; the database holds the truth. So there is no result backend, nothing is
prefetched, and no copy of a message is kept once a worker has it.
"""

import os
import sys
import threading
import time
from typing import Any

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
# Celery's own call of Django's checks would import every page into every worker: 20 MiB of each.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

app = Celery("pipelines")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["orchestrator"])

# Celery would close the database's connection before and after each message, and a new one costs
# more than all that a short step asks of the database.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize


# A connection that has answered so shortly ago is not asked whether it lives.
_IDLE_SECONDS = 2.0
_this_thread = threading.local()


@task_prerun.connect
def close_what_cannot_be_used(**_: Any) -> None:
    """Drop a connection that is too old or was lost, before the next message is worked on."""
    from django.db import close_old_connections, connection

    now = time.monotonic()
    idle = now - getattr(_this_thread, "last_message", 0.0)
    _this_thread.last_message = now
    if idle > _IDLE_SECONDS or connection.errors_occurred:
        close_old_connections()
