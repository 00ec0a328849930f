"""Make the database ready: tables, on the first start a sample project, a sign-in link."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from orchestrator.management.sign_in import make_sign_in_link, person_named
from orchestrator.models import Project


class Command(BaseCommand):
    help = "Migrates, seeds an empty database, and prints a one-time sign-in link last."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="admin", help="whom the link signs in")
        parser.add_argument("--no-sample", action="store_true", help="leave an empty one empty")

    def handle(self, *args: Any, **options: Any) -> None:
        if _is_behind():
            call_command("migrate", verbosity=0, interactive=False)
        if not options["no_sample"] and not Project.objects.exists():
            call_command("seed_sample", stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(make_sign_in_link(person_named(options["user"])))


def _is_behind() -> bool:
    """Whether a migration is missing; looking costs a tenth of running `migrate` for nothing."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
