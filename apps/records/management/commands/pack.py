"""``manage.py pack load fixtures/packs/real_estate.json --as admin``; ``check`` and ``remove`` likewise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.core.change import Source, change
from apps.core.exceptions import Refused
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import run_job
from apps.records.models import Pack
from apps.records.shaping.packs.loading import load, plan
from apps.records.shaping.packs.reading import PackError, PackFile, read_pack
from apps.records.shaping.packs.removing import losses, start_removal
from apps.users.models import User


class Command(BaseCommand):
    """Load, check and remove packs without a browser."""

    help = "Load, check or remove a pack: objects, fields, choices and demo rows in one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["check", "load", "remove"])
        parser.add_argument("file", help="the pack's file, or to remove it also its key")
        parser.add_argument("--workspace", default="w_main", help="schema of the workspace")
        parser.add_argument("--as", dest="username", help="user name of whoever loads it and owns its demo rows")
        parser.add_argument("--yes", action="store_true", help="remove the data that is told, without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        with schema_context(options["workspace"]):
            try:
                getattr(self, f"_{options['verb']}")(options)
            except PackError as error:
                raise CommandError("\n".join(error.problems)) from None
            except Refused as refusal:
                raise CommandError(str(refusal.message)) from None

    def _file(self, options: dict[str, Any]) -> PackFile:
        try:
            return read_pack(Path(options["file"]).read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None

    def _user(self, options: dict[str, Any]) -> User:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError("Say with --as who loads the pack: nobody active has this user name.")
        return user

    def _check(self, options: dict[str, Any]) -> None:
        for step in plan(self._file(options)):
            self.stdout.write(f"{step.action:8} {step.kind:12} {step.key}")

    def _load(self, options: dict[str, Any]) -> None:
        loaded = load(self._file(options), by=self._user(options), source=Source.SYSTEM)
        for action, number in sorted(loaded.counts.items()):
            self.stdout.write(f"{action:8} {number}")
        # The worker makes the indexes that its fields ask for.
        if loaded.problems:
            raise CommandError("\n".join(loaded.problems))

    def _remove(self, options: dict[str, Any]) -> None:
        key = self._file(options).key if options["file"].endswith(".json") else options["file"]
        pack = Pack.objects.filter(key=key).first()
        if pack is None:
            raise CommandError(f"No pack “{key}” is loaded.")
        for loss in losses(pack):
            self.stdout.write(f"{loss.kind:12} {loss.label}: {loss.records} records")
        if not options["yes"]:
            raise CommandError("This goes for good. Say --yes to remove it.")
        user = self._user(options) if options["username"] else None
        with change(by=user, source=Source.SYSTEM) as opened:
            job = start_removal(pack, change=opened)
        run_job(job.pk)
        job = Job.objects.get(pk=job.pk)
        if job.state != JobState.DONE:
            raise CommandError(job.error or "The removal goes on in a worker.")
        self.stdout.write("removed")
