"""``manage.py import_records company accounts.csv --as mina --match external_id --mode update``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import schema_context

from apps.core.change import Source, change
from apps.core.exceptions import Refused, UnknownType
from apps.core.registry import Definition, definition_for
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.runner import run_job
from apps.records.importing.checking import dry_run
from apps.records.importing.mapping import (
    ColumnPlan,
    ImportPlan,
    Mode,
    Unknown,
    finding_keys,
    targets,
)
from apps.records.importing.reading import Layout, UnreadableFile, recognise
from apps.records.importing.services import keep_upload, start_import, suggested_plan
from apps.users.models import User
from apps.workspaces.models import Workspace

BLOCK = 1024 * 1024
WHOLE = 10_000_000


class Command(BaseCommand):
    """Import a file without a browser, by the same rules and as one of the people."""

    help = "Import records of one type from a CSV or spreadsheet file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", help="record type, for example company")
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", default="w_main", help="schema of the workspace")
        parser.add_argument("--as", dest="username", required=True, help="user name of whoever imports")
        parser.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.CREATE.value)
        parser.add_argument(
            "--match", action="append", default=[], metavar="FIELD", help="field by which rows find their records"
        )
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="empty FIELD: leave out"
        )
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="the same for all rows")
        parser.add_argument("--factor", action="append", default=[], metavar="COLUMN=NUMBER")
        parser.add_argument("--unknown-empty", action="append", default=[], metavar="COLUMN")
        parser.add_argument("--unknown-create", action="append", default=[], metavar="COLUMN")
        parser.add_argument(
            "--find-by", action="append", default=[], metavar="COLUMN=FIELD", help="field of the records it refers to"
        )
        parser.add_argument("--system", default="", help="short name of where the external ids come from")
        parser.add_argument("--blank-overwrites", action="store_true")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Workspace.objects.filter(schema_name=options["workspace"]).exists():
            raise CommandError(f"There is no workspace {options['workspace']}.")
        with schema_context(options["workspace"]):
            try:
                self._import(options)
            except (Refused, UnreadableFile, PermissionDenied) as error:
                raise CommandError(str(error)) from None

    def _import(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["username"].lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody is called {options['username']} here.")
        try:
            definition = definition_for(options["type"], user)
        except UnknownType:
            raise CommandError(f"There is no record type {options['type']}.") from None
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        layout = recognise(path)
        plan = self._plan(definition, layout, path, options)
        if layout.above:
            self.stdout.write(f"  left out above line {layout.header_line}: {' / '.join(layout.above)}")
        for column in plan.columns:
            self.stdout.write(f"  {column.column} → {column.path or '(left out)'}")
        if options["dry_run"]:
            found = dry_run(path, layout, plan, definition, user, limit=WHOLE, refused=self._refused)
            self.stdout.write(f"created {found.created}, updated {found.will_change}, skipped {found.unchanged}, "
                              f"refused {found.refused}")  # fmt: skip
            return
        with change(by=user, source=Source.IMPORT) as opened, path.open("rb") as file:
            stored, layout = keep_upload(iter(lambda: file.read(BLOCK), b""), name=path.name, by=user, change=opened)
            job = start_import(definition, stored, layout, plan, by=user, change=opened)
        self._watch(job)

    def _refused(self, line: int, words: str) -> None:
        self.stdout.write(f"  line {line}: {words}")

    def _plan(self, definition: Definition, layout: Layout, path: Path, options: dict[str, Any]) -> ImportPlan:
        plan = suggested_plan(definition, path, layout)
        plan.mode, plan.blank_overwrites = options["mode"], options["blank_overwrites"]
        plan.match_key, plan.match_also = next(iter(options["match"]), ""), options["match"][1:]
        plan.system = options["system"]
        columns = {column.column: column for column in plan.columns}
        for name, value in _pairs(options["map"]):
            column = self._column(columns, name)
            column.path, column.given = value, {}
        fields = {target.path: target.declared for target in targets(definition, layout.columns)}
        for name, value in _pairs(options["find_by"]):
            column = self._column(columns, name)
            if column.path not in fields or value not in finding_keys(fields[column.path]):
                raise CommandError(f"What the column {name} refers to isn't found by {value}.")
            column.find_by = value
        for name, value in _pairs(options["factor"]):
            self._column(columns, name).factor = value
        for name in options["unknown_empty"]:
            self._column(columns, name).unknown = Unknown.EMPTY.value
        for name in options["unknown_create"]:
            self._column(columns, name).unknown = Unknown.CREATE.value
        plan.constants = dict(_pairs(options["set"]))
        return plan

    def _column(self, columns: dict[str, ColumnPlan], name: str) -> ColumnPlan:
        if name not in columns:
            raise CommandError(f"The file has no column {name}.")
        return columns[name]

    def _watch(self, job: Job) -> None:
        """Run the job here; a worker that took it already is only watched through its lease."""
        run_job(job.pk)
        job.refresh_from_db()
        self._bar(job)
        counts = ", ".join(f"{word} {number}" for word, number in sorted(job.result.get("counts", {}).items()))
        self.stdout.write(f"{job.get_state_display()}: {counts or 'nothing'}")
        for entry in job.ledger.filter(action="refused").order_by("position")[:50]:
            self.stdout.write(f"  line {entry.data.get('line')}: {entry.message}")
        if job.state == JobState.FAILED:
            raise CommandError(job.error)

    def _bar(self, job: Job) -> None:
        if sys.stdout.isatty() and job.total:
            done = int(40 * job.done / job.total)
            self.stdout.write(f"[{'█' * done}{'·' * (40 - done)}] {job.done}/{job.total}")


def _pairs(texts: list[str]) -> list[tuple[str, str]]:
    found = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise CommandError(f"“{text}” has no “=”.")
        found.append((name, value))
    return found
