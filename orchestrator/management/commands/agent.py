"""Execute tasks from one or more queues."""

import platform
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orchestrator.management.readiness import tell_when_ready


class Command(BaseCommand):
    help = "Executes tasks from the named queues until it is stopped."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default="default", help="names, with commas between them")
        parser.add_argument("--slots", type=int, default=2, help="tasks at the same time")
        parser.add_argument("--name", default="", help="what the pages call this agent")

    def handle(self, *args: Any, **options: Any) -> None:
        from orchestrator.agent import run_agent

        queues = [name.strip() for name in options["queues"].split(",") if name.strip()]
        if not queues:
            raise CommandError("--queues must name at least one queue")
        if options["slots"] < 1:
            raise CommandError("--slots must be at least 1")
        name = options["name"] or f"{platform.node()}-{queues[0]}"
        tell_when_ready()
        sys.exit(run_agent(queues=queues, slots=options["slots"], name=name))
