"""Telling whoever started a worker that it is ready."""

import os
from pathlib import Path
from typing import Any

from celery.signals import worker_ready
from django.conf import settings


def tell_when_ready() -> None:
    """Write this process's number into the ready file once the worker consumes."""
    if settings.PIPELINES_READY_FILE:
        worker_ready.connect(_tell, weak=False)


def _tell(**_: Any) -> None:
    path = Path(settings.PIPELINES_READY_FILE)
    written = path.with_suffix(f".{os.getpid()}")
    written.write_text(f"{os.getpid()}\n", encoding="utf-8")
    written.replace(path)
