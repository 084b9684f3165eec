"""``manage.py prepare``: what ``bin/start`` and a deployment run before the servers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.workspaces.preparing import prepare


class Command(BaseCommand):
    """Exit code 3: demo data must be rebuilt with ``bin/start --reset``."""

    help = "Bring the database to this version: tables, triggers, the default workspace, demo data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="Load no demo data.")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(demo=not options["no_demo"], report=self.stdout.write)
