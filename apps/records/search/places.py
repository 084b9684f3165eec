"""Forgetting access lists that no search term stands under any more.

Owners, teams and shares change, and each combination there ever was has left its places; those that a person could
see are looked up at each of her searches.
"""

from __future__ import annotations

import random

from django.db import OperationalError, connection, transaction

AT_ONCE = 500
"""Places looked at in one sweep: some milliseconds."""


def sweep_places(at_once: int = AT_ONCE) -> int:
    """Delete unused places among ``at_once`` that chance picks; returns how many.

    Whoever writes terms has the table of places open for writing until the commit. While somebody has, nothing is
    deleted: the terms that use a place might not be seen yet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM records_searchplace")
        first = random.randint(0, cursor.fetchone()[0])  # noqa: S311 - not a secret
        unused = "NOT EXISTS (SELECT 1 FROM records_searchterm term WHERE term.place = seen.place)"
        cursor.execute(
            f"""
            SELECT id FROM (
              (SELECT id, place FROM records_searchplace WHERE id >= %(first)s ORDER BY id LIMIT %(count)s)
              UNION ALL
              (SELECT id, place FROM records_searchplace WHERE id < %(first)s ORDER BY id LIMIT %(count)s)
              LIMIT %(count)s
            ) seen WHERE {unused}
            """,
            {"first": first, "count": at_once},
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if not ids:
        return 0
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE records_searchplace IN SHARE ROW EXCLUSIVE MODE NOWAIT")
            cursor.execute(f"DELETE FROM records_searchplace seen WHERE id = ANY(%s) AND {unused}", [ids])
            return int(cursor.rowcount)
    except OperationalError:
        return 0
