"""Print an address that signs somebody in once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orchestrator.management.sign_in import make_sign_in_link, person_named
from orchestrator.models import User


class Command(BaseCommand):
    help = "Prints an address that signs the named person in once."
    # The checks would import every page; they belong to the tests.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", nargs="?", default="admin")
        parser.add_argument(
            "--create", action="store_true", help="make an administrator of that name if unknown"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["user"]
        known = User.objects.filter(username=name).exists()
        # The very first person must come from somewhere; later a misspelt name must not.
        if not known and not options["create"] and User.objects.exists():
            raise CommandError(f'no user is called "{name}"; --create makes one')
        self.stdout.write(make_sign_in_link(person_named(name)))
