"""Functions and triggers that models can't declare, written from the models themselves.

``apply_public_objects`` gives the immutable functions that generated columns and indexes name with their
schema; ``apply_workspace_objects`` gives each workspace its triggers: history, versions, and whatever the
apps register. Both are idempotent: a hash of the SQL stands in the schema's comment, and nothing is touched
when it fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

PUBLIC_OBJECTS = [
    "CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public",
    "CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public",
    # unaccent() itself is only STABLE, because its dictionary could be changed; ours is not. It is slow, and most
    # texts, as their bytes tell, have no accents. PL/pgSQL, because PostgreSQL never inlines an immutable function
    # that calls a stable one, and calling one of SQL takes three times as long as all of this.
    """
    CREATE OR REPLACE FUNCTION public.nc_unaccent(value text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
    BEGIN
      RETURN CASE WHEN octet_length(value) = length(value) THEN value
                  ELSE public.unaccent('public.unaccent'::regdictionary, value) END;
    END $$
    """,
    # What a text is sorted by: no accents, no case, short enough for a b-tree page.
    """
    CREATE OR REPLACE FUNCTION public.nc_sort_key(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN left(lower(public.nc_unaccent(btrim(value))), 200)
    """,
    """
    CREATE OR REPLACE FUNCTION public.nc_acl(owner uuid, team uuid, territory uuid, shared text[]) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_remove(ARRAY['o' || owner::text, 't' || team::text, 'r' || territory::text], NULL)
           || coalesce(shared, '{}'::text[])
    """,
    # Values of custom fields come as text out of JSONB; an odd one gives NULL and never an error.
    """
    CREATE OR REPLACE FUNCTION public.nc_number(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN CASE WHEN value ~ '^[+-]?[0-9]{1,30}([.][0-9]{1,20})?$' THEN value::numeric END
    """,
    """
    CREATE OR REPLACE FUNCTION public.nc_date(value text) RETURNS date
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
    BEGIN
      IF value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN RETURN NULL; END IF;
      RETURN make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, substr(value, 9, 2)::int);
    EXCEPTION WHEN datetime_field_overflow THEN RETURN NULL;
    END $$
    """,
]

WorkspaceObjects = Callable[[], list[str]]
_registered: list[WorkspaceObjects] = []


def register_workspace_objects(statements: WorkspaceObjects) -> None:
    """Add SQL of an app to every workspace; each statement must be repeatable."""
    if statements not in _registered:
        _registered.append(statements)


def apply_public_objects() -> bool:
    """Create the shared functions in ``public``; True when something had to be done."""
    return _apply("public", PUBLIC_OBJECTS)


def apply_workspace_objects(schema: str) -> bool:
    """Create functions and triggers of one workspace, whose schema must be the current one."""
    return _apply(schema, workspace_statements())


def workspace_objects_hash() -> str:
    """The hash that a workspace's schema comment ends with when its objects are current."""
    return _hash(workspace_statements())


def stored_hash(schema: str) -> str:
    """The hash in the schema's comment, or an empty string."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s)::oid, 'pg_namespace')", [f'"{schema}"'])
        row = cursor.fetchone()
    return (row[0] or "").rpartition("objects:")[2] if row else ""


def workspace_statements() -> list[str]:
    """All SQL of one workspace, in an order that works."""
    statements: list[str] = []
    for model in models_with_history():
        statements += history_statements(model)
        if getattr(model, "parent_field", None):
            statements += part_statements(model)
        if getattr(model, "history_strict", False) and _has_column(model, "version"):
            statements += version_statements(model)
    for registered in _registered:
        statements += registered()
    return statements


def _hash(statements: list[str]) -> str:
    return hashlib.sha256("\n;\n".join(statements).encode()).hexdigest()[:32]


def _apply(schema: str, statements: list[str]) -> bool:
    wanted = _hash(statements)
    if stored_hash(schema) == wanted:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '10s', false)")
        try:
            for statement in statements:
                cursor.execute(statement)
            quoted = connection.ops.quote_name(schema)
            cursor.execute(f"COMMENT ON SCHEMA {quoted} IS 'NexaConnect objects:{wanted}'")
        finally:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    return True


def _has_column(model: type[models.Model], name: str) -> bool:
    return any(field.attname == name for field in model._meta.concrete_fields)


def models_with_history() -> Iterator[type[models.Model]]:
    """Every model that declares ``history``, in a stable order."""
    for model in sorted(apps.get_models(), key=lambda model: model._meta.db_table):
        if history_model(model) is not None:
            yield model


def history_model(model: type[models.Model]) -> Any:
    """The history model of ``model``, or None."""
    manager_name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, manager_name).model if manager_name else None


NEVER_BUSINESS = frozenset({"version", "updated_at", "updated_by_id"})


def versioned_columns(model: type[models.Model]) -> list[str]:
    """Columns that stand in a model's history, in the order of the model."""
    in_history = {field.attname for field in history_model(model)._meta.concrete_fields}
    return [str(field.column) for field in model._meta.concrete_fields if field.attname in in_history]


def key_column(model: type[models.Model]) -> str:
    """The column of the primary key."""
    return str(model._meta.pk.column)


def business_columns(model: type[models.Model]) -> list[str]:
    """Columns whose change makes a new version: those of the history without key, version, time stamps, and what
    the model says to follow from the others.
    """
    never = NEVER_BUSINESS | {key_column(model)} | getattr(model, "derived_columns", frozenset())
    return [name for name in versioned_columns(model) if name not in never]


def _row(prefix: str, columns: list[str]) -> str:
    return "ROW(" + ", ".join(f'{prefix}."{column}"' for column in columns) + ")"


def history_statements(model: type[models.Model]) -> list[str]:
    """Three statement triggers that copy each inserted, changed or deleted row into the history table.

    A strict model refuses a write of business columns while no change is open (SQLSTATE NC001). The schema
    is compared, because the function names its tables without one. What these triggers can't see, TRUNCATE and
    a changed key, is refused by two more.
    """
    table, history_table = model._meta.db_table, history_model(model)._meta.db_table
    key = key_column(model)
    columns = versioned_columns(model)
    names = ", ".join(f'"{column}"' for column in columns)
    guard = ""
    if getattr(model, "history_strict", False):
        guard = f"""
      IF touched > 0 AND coalesce(current_setting('app.change_id', true), '') = '' THEN
        RAISE EXCEPTION 'No change is open: {table} is only written inside a change' USING ERRCODE = 'NC001';
      END IF;"""

    def copy(rows: str, kind: str, joined: str = "") -> str:
        values = ", ".join(f'{rows}."{column}"' for column in columns)
        return f"""
        INSERT INTO "{history_table}" ({names}, history_date, history_type, history_user_id,
          history_change_reason, change_id, change_source, change_request)
        SELECT {values}, clock_timestamp(), '{kind}', nullif(current_setting('app.actor_id', true), '')::uuid,
          coalesce(current_setting('app.reason', true), ''),
          nullif(current_setting('app.change_id', true), '')::uuid,
          coalesce(nullif(current_setting('app.source', true), ''), 'system'),
          coalesce(current_setting('app.request_id', true), '')
        FROM {rows} {joined};
        GET DIAGNOSTICS touched = ROW_COUNT;"""

    business = business_columns(model)
    differs = (
        f'JOIN old_rows ON old_rows."{key}" = new_rows."{key}" '
        f"WHERE {_row('new_rows', business)} IS DISTINCT FROM {_row('old_rows', business)}"
    )
    function = f"""
    CREATE OR REPLACE FUNCTION "history_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE touched bigint;
    BEGIN
      IF TG_TABLE_SCHEMA <> current_schema() THEN
        RAISE EXCEPTION 'Row of workspace % written from %', TG_TABLE_SCHEMA, current_schema();
      END IF;
      IF TG_OP = 'INSERT' THEN {copy("new_rows", "+")}
      ELSIF TG_OP = 'UPDATE' THEN {copy("new_rows", "~", differs)}
      ELSE {copy("old_rows", "-")}
      END IF;{guard}
      RETURN NULL;
    END $$"""
    triggers = []
    for operation, tables in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    ):
        name = f"history_{operation.lower()}"
        triggers += [
            f'DROP TRIGGER IF EXISTS {name} ON "{table}"',
            f'CREATE TRIGGER {name} AFTER {operation} ON "{table}" REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "history_{table}"()',
        ]
    refusals = [
        """
    CREATE OR REPLACE FUNCTION refuse_unseen_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% of % would go round the history', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'NC001';
    END $$""",
        f'DROP TRIGGER IF EXISTS refuse_truncate ON "{table}"',
        f'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_unseen_write('TRUNCATE')",
        f'DROP TRIGGER IF EXISTS refuse_new_key ON "{table}"',
        f'CREATE TRIGGER refuse_new_key BEFORE UPDATE OF "{key}" ON "{table}" FOR EACH ROW '
        f'WHEN (OLD."{key}" IS DISTINCT FROM NEW."{key}") '
        "EXECUTE FUNCTION refuse_unseen_write('A new key')",
    ]
    return [function, *triggers, *refusals]


def version_statements(model: type[models.Model]) -> list[str]:
    """A row trigger that raises ``version`` and stamps who and when, only if business columns differ."""
    table = model._meta.db_table
    business = business_columns(model)
    return [
        """
    CREATE OR REPLACE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.version := OLD.version + 1;
      NEW.updated_at := clock_timestamp();
      NEW.updated_by_id := nullif(current_setting('app.actor_id', true), '')::uuid;
      RETURN NEW;
    END $$""",
        f'DROP TRIGGER IF EXISTS raise_version ON "{table}"',
        f'CREATE TRIGGER raise_version BEFORE UPDATE ON "{table}" FOR EACH ROW '
        f"WHEN ({_row('OLD', business)} IS DISTINCT FROM {_row('NEW', business)}) "
        "EXECUTE FUNCTION raise_version()",
    ]


def part_statements(model: type[models.Model]) -> list[str]:
    """A changed part raises the version of its record, unless this change has written the record itself."""
    table = model._meta.db_table
    parent: Any = model._meta.get_field(model.parent_field)  # type: ignore[attr-defined]
    record_table, column = parent.related_model._meta.db_table, parent.column

    record_history = history_model(parent.related_model)._meta.db_table

    def touch(rows: str) -> str:
        return f"""UPDATE "{record_table}" SET version = version + 1, updated_at = clock_timestamp(),
          updated_by_id = nullif(current_setting('app.actor_id', true), '')::uuid
        WHERE id IN (SELECT "{column}" FROM {rows} EXCEPT SELECT id FROM "{record_history}"
          WHERE change_id = nullif(current_setting('app.change_id', true), '')::uuid);"""

    function = f"""
    CREATE OR REPLACE FUNCTION "touch_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN {touch("old_rows")} ELSE {touch("new_rows")} END IF;
      RETURN NULL;
    END $$"""
    triggers = []
    for operation, rows in (("INSERT", "NEW TABLE AS new_rows"), ("UPDATE", "NEW TABLE AS new_rows"),
                            ("DELETE", "OLD TABLE AS old_rows")):  # fmt: skip
        name = f"touch_record_{operation.lower()}"
        triggers += [
            f'DROP TRIGGER IF EXISTS {name} ON "{table}"',
            f'CREATE TRIGGER {name} AFTER {operation} ON "{table}" REFERENCING {rows} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "touch_{table}"()',
        ]
    return [function, *triggers]


class SortKey(models.Func):
    """What a text is sorted and compared by: without accents and case (``public.nc_sort_key``)."""

    function = "public.nc_sort_key"
    arity = 1
    output_field = models.TextField()
