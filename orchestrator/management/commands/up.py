"""Start everything on this machine; what `make run` does, from an existing environment."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Starts web, controller, agents and Redis on this machine until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        # The supervisor is its own small program: it must not carry Django along.
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "pipelines_ui.local", "--no-setup"])
