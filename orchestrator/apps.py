"""Registers the engine with Django, and makes the queues that exist from the start."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from orchestrator.domain.names import LOCAL_QUEUE, SERVICES_QUEUE

FIRST_QUEUES = {
    "default": "Steps run here unless they name another queue.",
    SERVICES_QUEUE: "Long-lived controllers; its agents never hold a step's slot.",
    LOCAL_QUEUE: "Steps that run where their script runs; no agent gets them.",
}


class OrchestratorConfig(AppConfig):
    name = "orchestrator"
    verbose_name = "Engine"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(make_first_queues, sender=self)


def make_first_queues(*, using: str, **_: Any) -> None:
    """Make the first queues after each migration, unless they are there."""
    from orchestrator.models import Line

    for name, description in FIRST_QUEUES.items():
        Line.objects.using(using).get_or_create(
            kind=Line.Kind.QUEUE, name=name, defaults={"description": description}
        )
