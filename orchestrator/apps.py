"""Registers the engine with Django."""

from django.apps import AppConfig


class OrchestratorConfig(AppConfig):
    name = "orchestrator"
    verbose_name = "Engine"
    default_auto_field = "django.db.models.BigAutoField"
