"""The test database: built once for a state of the code, then copied in well under a second.

A template database is made with the real migrations and ``prepare`` when none fits the code; every test
process copies it. It holds ``public``, ``template`` and the workspaces ``w_main`` and ``w_other``. Tests that
commit are undone by putting back the rows that were there at the start.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.utils import schema_context

from apps.core.registry import registry
from apps.workspaces.fingerprints import migrations_on_disk
from apps.workspaces.preparing import prepare
from apps.workspaces.schemas import tables_of
from apps.workspaces.services import create_workspace

ROOT = Path(__file__).resolve().parent.parent
OTHER_HOST = "other.localhost"
BASELINE_SCHEMAS = ("public", "w_main", "w_other")
BUILD_LOCK = 0x7465_7374
KEPT_TEMPLATES = 3


def code_hash() -> str:
    """Changes with whatever makes a fresh database look different."""
    parts = [f"{app}.{name}" for app, name in sorted(MigrationLoader(None).disk_migrations)]
    parts += [f"{key}={value}" for key, value in sorted(migrations_on_disk().items())]
    sources = {ROOT / "apps/core/database.py", Path(__file__)}
    sources |= {ROOT / f"apps/workspaces/{name}.py" for name in ("cloning", "preparing", "schemas", "services")}
    for config in apps.get_app_configs():
        sources.add(Path(config.path) / "database.py")
    sources |= {Path(inspect.getfile(hook)) for hook in registry.new_workspace_hooks}
    for path in sorted(source for source in sources if source.is_file() and ROOT in source.parents):
        parts.append(hashlib.sha256(path.read_bytes()).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def test_database_name(worker: str) -> str:
    """``test_nexaconnect[_<suffix>][_gwN]``: several people and processes share a server."""
    names = ("test_nexaconnect", os.environ.get("TEST_DB_SUFFIX", ""), worker)
    return "_".join(name for name in names if name)


@contextmanager
def copied_database(worker: str, *, rebuild: bool) -> Iterator[str]:
    """Point Django at a copy of the template database; yields the SQL that undoes what tests commit.

    The copy of the last run is taken again when that run left it as it was and the template is still the same:
    dropping a database waits for a checkpoint, which takes seconds on a busy disk.
    """
    name = test_database_name(worker)
    original = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        template = _template_database(cursor, rebuild=rebuild)
        reused = not rebuild and _comment(cursor, name) == f"clean copy of {template}"
        if not reused:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'in use'")
        cursor.execute("SELECT pg_advisory_unlock(%s)", [BUILD_LOCK])
    _point_at(name)
    script = restore_script()
    structure = _structure()
    yield script
    restore(script)
    unchanged = _structure() == structure
    _point_at(original)
    with connection._nodb_cursor() as cursor:
        if unchanged:
            cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS 'clean copy of {template}'")


def _structure() -> Any:
    """Tells whether a test has left an index, a table or a switched-off trigger."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT md5(string_agg(relname || oid::text, ',' ORDER BY oid)) FROM pg_class), "
            "(SELECT md5(string_agg(tgname || oid::text || tgenabled::text, ',' ORDER BY oid)) FROM pg_trigger), "
            "(SELECT md5(string_agg(proname || oid::text || xmin::text, ',' ORDER BY oid)) FROM pg_proc)"
        )
        return cursor.fetchone()


def _comment(cursor: Any, database: str) -> str:
    cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database])
    row = cursor.fetchone()
    return (row and row[0]) or ""


def _template_database(cursor: Any, *, rebuild: bool) -> str:
    name = f"test_nexaconnect_template_{code_hash()}"
    cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
    if cursor.fetchone()[0] and not rebuild:
        return name
    started = time.monotonic()
    building = "test_nexaconnect_building"
    for unwanted in (building, name):
        cursor.execute(f'DROP DATABASE IF EXISTS "{unwanted}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{building}" TEMPLATE template0')
    _point_at(building)
    prepare(demo=False)
    with schema_context("public"):
        create_workspace("Other", "other", OTHER_HOST)
        _keep_baseline()
    connection.close()
    cursor.execute(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    _drop_old_templates(cursor, name)
    print(f"\nThe test database was built in {time.monotonic() - started:.1f} s.")
    return name


def _drop_old_templates(cursor: Any, newest: str) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname::text, 'test_nexaconnect_template_') "
        "AND datname <> %s ORDER BY oid DESC OFFSET %s",
        [newest, KEPT_TEMPLATES - 1],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _point_at(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.set_schema_to_public()


def _keep_baseline() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA baseline")
        for schema in BASELINE_SCHEMAS:
            for table in tables_of(schema):
                cursor.execute(f'SELECT EXISTS (SELECT FROM "{schema}"."{table}")')
                if cursor.fetchone()[0]:
                    cursor.execute(f'CREATE TABLE baseline."{schema}.{table}" AS SELECT * FROM "{schema}"."{table}"')


def restore_script() -> str:
    """SQL that puts every row back as it was when the database was built.

    Triggers and foreign keys are off meanwhile. DELETE and not TRUNCATE: the tables are small, and truncating
    three hundred takes a second.
    """
    script = ["SET lock_timeout = '10s'", "SET session_replication_role = replica"]
    with connection.cursor() as cursor:
        kept = set(tables_of("baseline"))
        for schema in BASELINE_SCHEMAS:
            for table in tables_of(schema):
                script.append(f'DELETE FROM "{schema}"."{table}"')
                if f"{schema}.{table}" not in kept:
                    continue
                cursor.execute(
                    "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass "
                    "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                    [f'"{schema}"."{table}"'],
                )
                columns = cursor.fetchone()[0]
                script.append(
                    f'INSERT INTO "{schema}"."{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                    f'SELECT {columns} FROM baseline."{schema}.{table}"'
                )
    script += ["SET session_replication_role = DEFAULT", "SET lock_timeout = 0"]
    return ";\n".join(script)


def restore(script: str) -> None:
    """Undo what committing tests have left: rows, and workspaces that they made."""
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, 'w_') AND nspname <> ALL(%s)",
            [list(BASELINE_SCHEMAS)],
        )
        for (schema,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        cursor.execute(script)
