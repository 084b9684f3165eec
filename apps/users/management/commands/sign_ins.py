"""``manage.py sign_ins``: one sign-in per role of the demo, for the last lines of ``bin/start``."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django_tenants.utils import schema_context

from apps.users.demo import demo_sign_ins


class Command(BaseCommand):
    help = "Prints one sign-in per role of the demo. The password is shown in development only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--workspace", default=settings.DEFAULT_WORKSPACE, help="schema name of the workspace")

    def handle(self, *args: Any, **options: Any) -> None:
        with schema_context(options["workspace"]):
            found = demo_sign_ins(show_password=settings.DEVELOPMENT)
        if options["json"]:
            self.stdout.write(json.dumps([vars(one) for one in found]))
            return
        if not found:
            self.stdout.write("There are no demo people: make an account with manage.py create_user.")
            return
        width = max(len(one.role) for one in found)
        for one in found:
            self.stdout.write(f"  {one.role:<{width}}  {one.username:<8} {one.password}".rstrip())
