"""Take the turns of runs: a Celery worker on the control queue."""

from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand

from orchestrator.management.readiness import tell_when_ready
from orchestrator.management.ticking import start_ticking


class Command(BaseCommand):
    help = "Takes the turns of runs until it is stopped."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="turns at the same time")
        parser.add_argument("--with-tick", action="store_true", help="run the tick in a thread")

    def handle(self, *args: Any, **options: Any) -> None:
        tell_when_ready()
        if options["with_tick"]:
            start_ticking()
        arguments = ["worker", "--queues", "ctl", "--pool", "threads"]
        arguments += ["--concurrency", str(options["concurrency"]), "--hostname", "controller@%h"]
        arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        current_app.worker_main([*arguments, "--loglevel", "INFO"])
