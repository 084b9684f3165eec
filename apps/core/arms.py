"""The first records of a list by what lets somebody see them: her own, her team's, what is shared with her.

Whoever imported a file last owns the head of a list by date. Everybody else's page lies behind it, and a walk along
the index of the sort has to pass all of it (200,000 records: 90 to 300 ms). Each arm of ``acl`` that has an index of
its own, ``(team, date, id)``, gives its first records at once; the page is among those, and ``visible_to`` still says
which of them may be seen.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import Col, RawSQL
from django.db.models.lookups import Lookup

OF_SIGHT = frozenset({"acl", "deleted_at"})
INDEXED = {"t": "team_id", "o": "owner_id"}
"""Arms of ``acl`` whose column a list index may begin with."""
MOST_ARMS = 100


def sight_alone(rows: QuerySet[Any]) -> bool:
    """Whether nothing is asked for but what somebody sees, outside the bin."""
    where = rows.query.where
    plain = where.connector == "AND" and not where.negated
    return plain and all(
        isinstance(part, Lookup) and isinstance(part.lhs, Col) and part.lhs.target.column in OF_SIGHT
        for part in where.children
    )


def arm_index(model: Any, arm: str, column: str) -> bool:
    """Whether records of one owner, or of one team, can be had in the order of ``column``."""
    names = [INDEXED[arm].removesuffix("_id"), column, "id"]
    return any(index.fields == names for index in model._meta.indexes)


def first_of_each_arm(
    rows: QuerySet[Any], column: str, beyond: list[Any], limit: int, *, falling: bool
) -> RawSQL | None:
    """The ids among which the first ``limit`` of ``rows`` are; None where there is no short way to them.

    ``beyond`` is the value and id after which they come, or nothing.
    """
    arms: frozenset[str] | None = getattr(rows, "arms", None)
    model = rows.model
    if not arms or len(arms) > MOST_ARMS or not all(arm_index(model, arm, column) for arm in INDEXED):
        return None
    if not sight_alone(rows):
        return None
    table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
    way = "DESC" if falling else "ASC"
    place = f"AND ({name}, id) {'<' if falling else '>'} (%s, %s)" if beyond else ""
    seen = f"AND deleted_at IS NULL {place}"
    order = f"ORDER BY {name} {way}, id {way} LIMIT {int(limit)}"
    parts, values = [], []
    for arm, owner in INDEXED.items():
        keys = sorted(one[1:] for one in arms if one.startswith(arm))
        parts.append(
            f"SELECT near.id FROM unnest(%s::uuid[]) arm(key) "
            f"CROSS JOIN LATERAL (SELECT id FROM {table} WHERE {owner} = arm.key {seen} {order}) near"
        )
        values += [keys, *beyond]
    others = sorted(one for one in arms if one[0] not in INDEXED)
    # What is shared is little: gathered, because its walk would be the longest of all (rows of one value: no index).
    gathered = order.replace(f"BY {name}", f"BY ROW({name})")
    parts.append(f"(SELECT id FROM {table} WHERE acl && %s::text[] {seen} {gathered})")
    values += [others, *beyond]
    return RawSQL(" UNION ALL ".join(parts), values)  # noqa: S611 (names of our own models; values are parameters)
