"""The Celery application: how messages travel.

Messages only say *look*; the database holds the truth. So there is no result backend, nothing is
prefetched and agents acknowledge early.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")

app = Celery("pipelines")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["orchestrator"])
