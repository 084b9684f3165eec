"""``manage.py workspace create|list|suspend|resume|export|delete``."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import get_public_schema_name, schema_context

from apps.core.exceptions import Refused
from apps.workspaces import services
from apps.workspaces.exporting import export_workspace
from apps.workspaces.models import SCHEMA_PREFIX, Workspace


class Command(BaseCommand):
    """One sub-command per verb of ``services``; a refusal is printed as one sentence, exit code 1."""

    requires_system_checks: list[str] = []
    help = "Make, list, suspend, resume, export or delete a workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="Make a workspace that people can sign in to.")
        create.add_argument("slug", help="Short name: small letters, digits and underscores.")
        create.add_argument("--name", help="Name that people see; the slug when left out.")
        create.add_argument("--domain", default="", help="Host name that leads to the workspace.")
        verbs.add_parser("list", help="Show every workspace with its state and host names.")
        for verb, text in (
            ("suspend", "Close a workspace and keep its data."),
            ("resume", "Open a suspended workspace again."),
        ):
            verbs.add_parser(verb, help=text).add_argument("slug")
        export = verbs.add_parser("export", help="Write everything of a workspace into one zip file.")
        export.add_argument("slug")
        export.add_argument("file", type=Path)
        delete = verbs.add_parser("delete", help="Remove a workspace for good.")
        delete.add_argument("slug")
        delete.add_argument("--confirm", help="The slug again, instead of being asked for it.")
        delete.add_argument("--by", default="", help="Who deletes; the system account when left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = getattr(self, f"_{options['verb']}")
        with schema_context(get_public_schema_name()):
            try:
                verb(options)
            except Refused as refusal:
                raise CommandError(str(refusal.message)) from None

    def _create(self, options: dict[str, Any]) -> None:
        workspace = services.create_workspace(options["name"] or options["slug"], options["slug"], options["domain"])
        self.stdout.write(f"The workspace {workspace.slug} was made.")

    def _list(self, options: dict[str, Any]) -> None:
        for workspace in Workspace.objects.prefetch_related("domains"):
            hosts = ", ".join(domain.domain for domain in workspace.domains.all())
            if workspace.is_default:
                hosts = hosts or "(default)"
            states = f"{workspace.get_state_display()}, {workspace.get_migration_state_display()}"
            self.stdout.write(f"{workspace.slug}\t{workspace.name}\t{states}\t{hosts}")

    def _suspend(self, options: dict[str, Any]) -> None:
        services.suspend_workspace(_workspace(options["slug"]))
        self.stdout.write("Suspended.")

    def _resume(self, options: dict[str, Any]) -> None:
        services.resume_workspace(_workspace(options["slug"]))
        self.stdout.write("In use again.")

    def _export(self, options: dict[str, Any]) -> None:
        manifest = export_workspace(_workspace(options["slug"]), options["file"])
        rows = sum(table["rows"] for table in manifest["tables"])
        self.stdout.write(f"{rows} rows and {manifest['files']} files are in {options['file']}.")

    def _delete(self, options: dict[str, Any]) -> None:
        workspace = _workspace(options["slug"])
        confirmation = options["confirm"]
        if confirmation is None:
            confirmation = input(f"Everything in “{workspace.name}” will be gone. Type {workspace.slug} to go on: ")
        by = options["by"] or getpass.getuser()
        deletion = services.delete_workspace(workspace, confirmation=confirmation.strip(), by=by)
        self.stdout.write(f"Deleted. The record of it is {deletion.pk}.")


def _workspace(slug: str) -> Workspace:
    workspace = Workspace.objects.filter(schema_name=SCHEMA_PREFIX + slug).first()
    if workspace is None:
        raise CommandError(f"There is no workspace {slug}.")
    return workspace
