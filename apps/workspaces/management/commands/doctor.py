"""``manage.py doctor``: is every workspace as it should be?"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.workspaces.checking import check_everything


class Command(BaseCommand):
    """Prints one line per problem. Exit code 1 when there is any."""

    requires_system_checks: list[str] = []
    help = "Check every workspace: migrations, triggers, schemas that belong to nobody, workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-workers", action="store_true", help="Don't ask whether workers and beat run.")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = list(check_everything(workers=not options["no_workers"]))
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            sys.exit(1)
        self.stdout.write("Everything is as it should be.")
