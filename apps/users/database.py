"""SQL of the people room: the triggers that raise the version of the set-up."""

from __future__ import annotations

from collections.abc import Iterable

RAISE_SETUP_VERSION = """
CREATE OR REPLACE FUNCTION raise_setup_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO %I.users_setupversion AS row (id, version)
     VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
     ON CONFLICT (id) DO UPDATE SET version = greatest(row.version + 1, excluded.version)',
    TG_TABLE_SCHEMA);
  RETURN NULL;
END $$
"""
"""At least the clock in microseconds: a number that was rolled back is never given out again, so nothing that
was remembered under it can come back."""

SETUP_TABLES = (
    "users_role",
    "users_rolemembership",
    "users_grant",
    "users_fieldrule",
    "users_team",
    "users_teammembership",
    "users_territory",
    "users_territorymembership",
    "users_securitysettings",
)
USER_COLUMNS = ("team_id", "manager_id", "kind", "is_active", "is_superuser")


def setup_version_statements(tables: Iterable[str], update_columns: Iterable[str] = ()) -> list[str]:
    """Triggers that raise the version when rows of ``tables`` change; apps above add their definitions.

    With ``update_columns`` an UPDATE counts only when it names one of them (signing in writes ``last_login``).
    """
    only = ", ".join(f'"{column}"' for column in update_columns)
    update = f"UPDATE OF {only}" if only else "UPDATE"
    statements = []
    for table in tables:
        statements += [
            f'DROP TRIGGER IF EXISTS raise_setup_version ON "{table}"',
            f'CREATE TRIGGER raise_setup_version AFTER INSERT OR {update} OR DELETE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_setup_version()",
        ]
    return statements


def workspace_objects() -> list[str]:
    """Everything of this room that belongs into a workspace's schema besides its tables."""
    return [
        RAISE_SETUP_VERSION,
        *setup_version_statements(SETUP_TABLES),
        *setup_version_statements(["users_user"], USER_COLUMNS),
    ]
