"""Everything of one workspace in one file that needs no NexaConnect to be read."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import get_public_schema_name, schema_context

from apps.workspaces.files import walk
from apps.workspaces.models import Workspace
from apps.workspaces.schemas import applied_migrations, tables_of

FORMAT_VERSION = 1
LEFT_OUT = frozenset({"django_session", "usersessions_usersession"})
"""Open sessions are keys to the workspace and no data of it."""
BLOCK = 1024 * 1024


def export_workspace(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Write a zip to ``path``: a CSV per table, every file, and ``manifest.json`` that counts both.

    The tables are read in one snapshot and streamed, so memory stays flat and other work goes on. The zip
    appears under its name only when it is whole. Returns the manifest.
    """
    unfinished = path.with_name(path.name + ".part")
    manifest: dict[str, Any] = {
        "format": FORMAT_VERSION,
        "workspace": {"name": workspace.name, "schema": workspace.schema_name},
        "exported_at": timezone.now().isoformat(),
        "left_out": sorted(LEFT_OUT),
    }
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            manifest["tables"] = _write_tables(archive, workspace.schema_name)
            manifest["files"] = _write_files(archive, workspace.schema_name)
            manifest["migrations"] = sorted(map(".".join, applied_migrations(workspace.schema_name)))
            archive.writestr("manifest.json", json.dumps(manifest, indent=2))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write_tables(archive: zipfile.ZipFile, schema: str) -> list[dict[str, Any]]:
    quote = connection.ops.quote_name
    written = []
    with schema_context(get_public_schema_name()), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in tables_of(schema):
            if table in LEFT_OUT:
                continue
            name = f"tables/{table}.csv"
            statement = f"COPY {quote(schema)}.{quote(table)} TO STDOUT WITH (FORMAT csv, HEADER)"
            with archive.open(name, "w", force_zip64=True) as target, cursor.copy(statement) as source:
                for block in source:
                    target.write(block)
            written.append({"table": table, "file": name, "rows": cursor.rowcount})
    return written


def _write_files(archive: zipfile.ZipFile, folder: str) -> int:
    listing = io.StringIO()
    writer = csv.writer(listing)
    writer.writerow(["path", "bytes"])
    count = 0
    for path in walk(default_storage, folder):
        with (
            default_storage.open(path) as source,
            archive.open(f"files/{path}", "w", force_zip64=True) as target,
        ):
            while block := source.read(BLOCK):
                target.write(block)
        writer.writerow([path, default_storage.size(path)])
        count += 1
    archive.writestr("files.csv", listing.getvalue())
    return count
