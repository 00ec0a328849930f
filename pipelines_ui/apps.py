"""Registers the pages and makes the Celery application the current one wherever Django runs."""

from django.apps import AppConfig


class PipelinesUiConfig(AppConfig):
    name = "pipelines_ui"
    verbose_name = "Pages"

    def ready(self) -> None:
        # The package's __init__ stays empty so that the supervisor can live in it without Celery.
        from pipelines_ui import celery  # noqa: F401
