"""What can be asked about schemas and their migrations, for ``preparing`` and ``doctor``."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_tenants.utils import get_public_schema_name, schema_context

from apps.workspaces.models import SCHEMA_PREFIX

TEMPLATE_SCHEMA = "template"
"""Holds every workspace table and the rows that migrations write, nothing else; new workspaces copy it."""
SMALLEST_SERVER = 180_000

Applied = frozenset[tuple[str, str]]


def schema_exists(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [schema])
        return bool(cursor.fetchone()[0])


def table_exists(schema: str, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = %s AND tablename = %s)", [schema, table]
        )
        return bool(cursor.fetchone()[0])


def server_version() -> int:
    """The server's version as a number: 18.6 is 180006."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def migrate(schema: str) -> bool:
    """Bring ``schema`` to the migrations of the code; True when there was something to do."""
    if not pending_migrations(schema):
        return False
    if schema == get_public_schema_name():
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    else:
        call_command("migrate_schemas", schema_name=schema, tenant=True, interactive=False, verbosity=0)
    return True


def pending_migrations(schema: str) -> list[str]:
    """Names of the migrations that ``schema`` still lacks. An empty schema lacks all."""
    if not table_exists(schema, "django_migrations"):
        return ["everything"]
    with schema_context(schema):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def applied_migrations(schema: str) -> Applied:
    """The migrations that ``schema`` says it has; nothing where it has no such table."""
    if not table_exists(schema, "django_migrations"):
        return frozenset()
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(schema)
        cursor.execute(f"SELECT app, name FROM {quoted}.django_migrations")
        return frozenset(cursor.fetchall())


def workspace_schemas() -> set[str]:
    """Every schema whose name says that it holds a workspace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text, %s)", [SCHEMA_PREFIX])
        return {name for (name,) in cursor.fetchall()}


def tables_of(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", [schema])
        return [name for (name,) in cursor.fetchall()]


def triggers_of(schema: str) -> set[tuple[str, str]]:
    """``(table, trigger)`` of every trigger that is switched on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')",
            [schema],
        )
        return set(cursor.fetchall())


def analyze(schema: str) -> None:
    """Collect column statistics, which a clone doesn't bring along."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in tables_of(schema):
            cursor.execute(f"ANALYZE {quote(schema)}.{quote(table)}")
