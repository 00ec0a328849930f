"""Make the database ready: tables, on the first start a sample project, a sign-in link."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from orchestrator.management.sign_in import make_sign_in_link, person_named
from orchestrator.models import Project


class Command(BaseCommand):
    help = "Migrates, seeds an empty database, and prints a one-time sign-in link last."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="admin", help="whom the link signs in")
        parser.add_argument("--no-sample", action="store_true", help="leave an empty one empty")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        is_wanted = not options["no_sample"] and "seed_sample" in get_commands()
        if is_wanted and not Project.objects.exists():
            call_command("seed_sample", stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(make_sign_in_link(person_named(options["user"])))
