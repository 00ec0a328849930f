"""Look once a second for whatever was lost; safe in several copies."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from orchestrator.management.ticking import tick_forever


class Command(BaseCommand):
    help = "Looks for lost leases, due runs and unpublished tasks until it is stopped."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        tick_forever(stop, once=options["once"])
