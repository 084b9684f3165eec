"""Database objects of records: shares folded into the rows, definitions that raise the version, statistics."""

from __future__ import annotations

from django.apps import apps

from apps.core.registry import registry
from apps.records.models import Record
from apps.records.search.indexing import TITLE, WEIGHTS, place_sql, places_statement, shelf_sql
from apps.users.database import setup_version_statements

DEFINITION_TABLES = ("records_choiceset", "records_choice", "records_objecttype", "records_fielddefinition",
                     "records_tag")  # fmt: skip


def record_tables() -> dict[str, str]:
    """Table by record type key, for the types declared in code."""
    return {found.key: found.model._meta.db_table for found in registry.code_types()}


def statements() -> list[str]:
    """Repeatable SQL for one workspace."""
    return [
        *share_statements(),
        "ALTER TABLE records_searchterm DROP CONSTRAINT IF EXISTS records_searchterm_pkey",
        *place_statements(),
        *setup_version_statements(DEFINITION_TABLES),
        *statistics_statements(),
    ]


def share_statements() -> list[str]:
    """``shared`` of a record is written by the share table's trigger alone, for all touched rows at once.

    The records are locked in the order of their ids, so two bulk shares can't wait for each other.
    """
    cases = " ".join(f"WHEN '{key}' THEN '{table}'" for key, table in record_tables().items())
    function = f"""
    CREATE OR REPLACE FUNCTION fold_shares() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE kind text; ids uuid[]; target text;
    BEGIN
      FOR kind, ids IN EXECUTE
        'SELECT record_type, array_agg(DISTINCT record_id ORDER BY record_id) FROM ('
        || CASE TG_OP WHEN 'INSERT' THEN 'SELECT record_type, record_id FROM new_rows'
                      WHEN 'DELETE' THEN 'SELECT record_type, record_id FROM old_rows'
                      ELSE 'SELECT record_type, record_id FROM new_rows
                            UNION SELECT record_type, record_id FROM old_rows'
           END || ') touched GROUP BY record_type'
      LOOP
        target := CASE kind {cases} ELSE 'records_customrecord' END;
        EXECUTE format('SELECT 1 FROM %I WHERE id = ANY($1) ORDER BY id FOR UPDATE', target) USING ids;
        EXECUTE format('
          UPDATE %I SET shared = folded.arms FROM (
            SELECT touched.id, coalesce(array_agg(DISTINCT
                CASE share.access WHEN ''change'' THEN ''w'' ELSE ''v'' END
                || coalesce(share.user_id, share.team_id)::text) FILTER (WHERE share.id IS NOT NULL), ''{{}}'') AS arms
            FROM unnest($1) AS touched(id)
            LEFT JOIN users_share share ON share.record_id = touched.id AND share.record_type = $2
            GROUP BY touched.id) folded
          WHERE %I.id = folded.id AND %I.shared IS DISTINCT FROM folded.arms', target, target, target)
        USING ids, kind;
      END LOOP;
      RETURN NULL;
    END $$"""
    found = [function]
    for operation, rows in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    ):
        name = f"fold_shares_{operation.lower()}"
        found += [
            f"DROP TRIGGER IF EXISTS {name} ON users_share",
            f"CREATE TRIGGER {name} AFTER {operation} ON users_share REFERENCING {rows} "
            "FOR EACH STATEMENT EXECUTE FUNCTION fold_shares()",
        ]
    return found


def place_statements() -> list[str]:
    """Search terms follow the access list of their record, whoever changes it: a save, a share, or plain SQL."""
    found = []
    title, other = (place_sql("moved.type_key", weight, "moved.acl") for weight in WEIGHTS)
    for model in record_models():
        table = model._meta.db_table
        type_key = "after.type_key" if hasattr(model, "type_key") else f"'{model.record_type_key}'::text"
        moved = f"""(SELECT after.id, {type_key} AS type_key, after.acl FROM after JOIN before USING (id)
          WHERE after.acl IS DISTINCT FROM before.acl)"""
        found += [
            f"""
    CREATE OR REPLACE FUNCTION "place_terms_{table}"() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS {moved} THEN
        RETURN NULL;
      END IF;
      {places_statement(f"(SELECT DISTINCT type_key, acl FROM {moved} any_moved)")};
      UPDATE records_searchterm term
      SET place = CASE term.shelf WHEN {shelf_sql("moved.type_key", TITLE)} THEN {title} ELSE {other} END
      FROM {moved} moved WHERE term.record_id = moved.id;
      RETURN NULL;
    END $$""",
            f'DROP TRIGGER IF EXISTS place_terms ON "{table}"',
            f'CREATE TRIGGER place_terms AFTER UPDATE ON "{table}" REFERENCING OLD TABLE AS before NEW TABLE AS after '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "place_terms_{table}"()',
        ]
    return found


def record_models() -> list[type[Record]]:
    """Every model of records, those of the workspace's own types too."""
    return [model for model in apps.get_models() if issubclass(model, Record)]


def statistics_statements() -> list[str]:
    """The planner must know the common arms of ``acl`` well: it decides between two good plans by them."""
    return [f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN acl SET STATISTICS 500' for model in record_models()]
