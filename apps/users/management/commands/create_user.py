"""``manage.py create_user olga --email olga@example.com --role sales_rep``: an account from the shell."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.core.change import Source, change
from apps.users.choices import UserKind
from apps.users.models import Role, User
from apps.users.services import save_person


class Command(BaseCommand):
    help = "Makes an account. The password is asked for, or read from the standard input with --password-stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", action="append", default=[], help="key of a role; may be given several times")
        parser.add_argument("--kind", choices=UserKind.values, default=UserKind.STAFF)
        parser.add_argument("--admin", action="store_true", help="sees everything and opens the admin")
        parser.add_argument("--workspace", default=settings.DEFAULT_WORKSPACE, help="schema name of the workspace")
        parser.add_argument("--password-stdin", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with schema_context(options["workspace"]):
            self._create(options)

    def _create(self, options: dict[str, Any]) -> None:
        person = User(
            username=options["username"].lower(),
            email=options["email"].strip().lower(),
            kind=options["kind"],
            is_staff=options["admin"],
            is_superuser=options["admin"],
        )
        keys = options["role"] or (["admin"] if options["admin"] else [])
        roles = list(Role.objects.filter(key__in=keys))
        if len(roles) != len(set(keys)):
            known = ", ".join(Role.objects.values_list("key", flat=True))
            raise CommandError(f"Unknown role. There are: {known}.")
        stdin = options["password_stdin"]
        password = sys.stdin.readline().rstrip("\n") if stdin else getpass.getpass("Password: ")
        try:
            validate_password(password, person)
            person.set_password(password)
            person.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        with change(by=None, source=Source.SYSTEM, reason="create_user") as opened:
            save_person(person, roles, change=opened)
        self.stdout.write(f"{person.username} can sign in.")
