"""Database objects of records: shares folded into the rows, definitions that raise the version, statistics."""

from __future__ import annotations

from django.apps import apps

from apps.core.registry import registry
from apps.records.models import Record
from apps.users.database import setup_version_statements

DEFINITION_TABLES = ("records_choiceset", "records_choice", "records_objecttype", "records_fielddefinition")


def record_tables() -> dict[str, str]:
    """Table by record type key, for the types declared in code."""
    return {found.key: found.model._meta.db_table for found in registry.code_types()}


def statements() -> list[str]:
    """Repeatable SQL for one workspace."""
    return [*share_statements(), *setup_version_statements(DEFINITION_TABLES), *statistics_statements()]


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


def statistics_statements() -> list[str]:
    """The planner must know the common arms of ``acl`` well: it decides between two good plans by them."""
    return [
        f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN acl SET STATISTICS 500'
        for model in apps.get_models()
        if issubclass(model, Record)
    ]
