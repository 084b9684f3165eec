"""Database objects of companies."""

from __future__ import annotations

from apps.contacts.models import Company
from apps.contacts.models.company import NO_RING


def statements() -> list[str]:
    """Refuse a company below itself: a rule about many rows, which no single one can keep.

    All changed rows are judged at once and after the write, so that a ring which only the rows of one import
    make together is found too.
    """
    table = Company._meta.db_table
    moved = {
        "INSERT": "SELECT id, parent_id FROM new_rows WHERE parent_id IS NOT NULL",
        "UPDATE": "SELECT new_rows.id, new_rows.parent_id FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id "
        "WHERE new_rows.parent_id IS DISTINCT FROM old_rows.parent_id AND new_rows.parent_id IS NOT NULL",
    }
    rows = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}
    found = []
    for operation, changed in moved.items():
        name = f"refuse_ring_{operation.lower()}"
        found += [
            f"""
    CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (
        WITH RECURSIVE above(start, id) AS (
          {changed}
          UNION SELECT above.start, company.parent_id FROM above JOIN "{table}" company ON company.id = above.id
                WHERE company.parent_id IS NOT NULL
        ) SELECT FROM above WHERE id = start
      ) THEN
        RAISE EXCEPTION 'A company would stand below itself'
          USING ERRCODE = 'check_violation', CONSTRAINT = '{NO_RING}';
      END IF;
      RETURN NULL;
    END $$""",
            f'DROP TRIGGER IF EXISTS {name} ON "{table}"',
            f'CREATE TRIGGER {name} AFTER {operation} ON "{table}" REFERENCING {rows[operation]} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]
    return found
