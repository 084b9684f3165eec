"""Database objects of the contacts room."""

from __future__ import annotations

from apps.contacts.models import Company, Contact
from apps.contacts.models.company import NO_RING
from apps.contacts.models.contact import NO_REPORTING_RING


def statements() -> list[str]:
    """Nobody stands below themselves: neither companies by their parents nor people by whom they report to."""
    return [
        *refuse_rings(Company._meta.db_table, "parent_id", NO_RING),
        *refuse_rings(Contact._meta.db_table, "reports_to_id", NO_REPORTING_RING),
    ]


def refuse_rings(table: str, column: str, constraint: str) -> list[str]:
    """Refuse a row below itself: a rule about many rows, which no single one can keep.

    All changed rows are judged at once and after the write, so that a ring which only the rows of one import
    make together is found too.
    """
    moved = {
        "INSERT": f"SELECT id, {column} FROM new_rows WHERE {column} IS NOT NULL",
        "UPDATE": f"SELECT new_rows.id, new_rows.{column} FROM new_rows JOIN old_rows ON old_rows.id = new_rows.id "
        f"WHERE new_rows.{column} IS DISTINCT FROM old_rows.{column} AND new_rows.{column} IS NOT NULL",
    }
    rows = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}
    found = []
    for operation, changed in moved.items():
        name = f"{constraint}_{operation.lower()}"
        found += [
            f"""
    CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (
        WITH RECURSIVE above(start, id) AS (
          {changed}
          UNION SELECT above.start, upper_row.{column} FROM above JOIN "{table}" upper_row ON upper_row.id = above.id
                WHERE upper_row.{column} IS NOT NULL
        ) SELECT FROM above WHERE id = start
      ) THEN
        RAISE EXCEPTION 'A row of {table} would stand below itself'
          USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';
      END IF;
      RETURN NULL;
    END $$""",
            f'DROP TRIGGER IF EXISTS {name} ON "{table}"',
            f'CREATE TRIGGER {name} AFTER {operation} ON "{table}" REFERENCING {rows[operation]} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]
    return found
