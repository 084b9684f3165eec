"""Records that stand above and below one another by a reference to their own type: companies, reporting lines.

The walk goes over ids alone and through rows that the reader may not see, because what she may see can stand below
them; names are read afterwards, through ``visible_to``. Whatever the data looks like, a walk ends: it is bounded in
depth, in children of one node and in rows, and never passes the same row twice on one way down.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from apps.core.conditions.compiling import value_expression
from apps.core.database import SortKey
from apps.core.fields import Field
from apps.core.keyset import COUNT_LIMIT, Count
from apps.core.registry import Definition

DEPTH = 20
"""Levels above a record, and below the root that is shown."""
CHILDREN = 50
"""Children of one node; the others are counted."""
ROWS = 1_000
"""Rows of one walk downwards."""

_ABOVE = """
WITH RECURSIVE above(id, step, path) AS (
  SELECT %s::uuid, 1, ARRAY[%s::uuid, %s::uuid]
  UNION ALL
  SELECT every.parent_id, above.step + 1, above.path || every.parent_id
  FROM above JOIN ({every}) AS every(id, parent_id) ON every.id = above.id
  WHERE every.parent_id IS NOT NULL AND above.step < %s AND NOT every.parent_id = ANY(above.path)
)
SELECT above.id, EXISTS (SELECT FROM ({seen}) AS seen(id, parent_id, place) WHERE seen.id = above.id)
FROM above ORDER BY step
"""

# Of each node so many children that she may see, in the order of their names, and some that she may not: they are
# shown only where they lead to one that she may. Both look at no more rows than a count would.
_BELOW = """
WITH RECURSIVE below(id, parent_id, depth, seen, place, siblings, path) AS (
  SELECT start.id, NULL::uuid, 0, true, 0::bigint, 0::bigint, ARRAY[start.id] FROM unnest(%s::uuid[]) AS start(id)
  UNION ALL
  SELECT child.id, below.id, below.depth + 1, child.seen, child.place, child.siblings, below.path || child.id
  FROM below CROSS JOIN LATERAL (
    (SELECT few.id, true AS seen, row_number() OVER (ORDER BY few.place, few.id) AS place,
            count(*) OVER () AS siblings
     FROM (SELECT seen.id, seen.place FROM ({seen}) AS seen(id, parent_id, place)
           WHERE seen.parent_id = below.id LIMIT %s) few
     ORDER BY few.place, few.id LIMIT %s)
    UNION ALL
    (SELECT few.id, false, 0, 0
     FROM (SELECT every.id FROM ({every}) AS every(id, parent_id) WHERE every.parent_id = below.id LIMIT %s) few
     WHERE NOT EXISTS (SELECT FROM ({seen}) AS seen(id, parent_id, place) WHERE seen.id = few.id) LIMIT %s)
  ) child
  WHERE below.depth < %s AND NOT child.id = ANY(below.path)
)
SELECT id, parent_id, depth, seen, place, siblings FROM below LIMIT %s
"""

_PARENTS = """
SELECT leaf.id FROM unnest(%s::uuid[]) AS leaf(id)
WHERE EXISTS (SELECT FROM ({seen}) AS seen(id, parent_id, place) WHERE seen.parent_id = leaf.id)
"""


@dataclass(frozen=True)
class Above:
    """One record above another. ``seen`` says whether the reader may know it."""

    id: uuid.UUID
    seen: bool


@dataclass(frozen=True)
class Below:
    """One row of a walk downwards; the starts have depth 0. ``siblings`` counts the visible children of its parent."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    depth: int
    seen: bool
    place: int
    siblings: int


def tree_field(definition: Definition) -> Field | None:
    """The field that makes a tree of this type for this reader; a hidden or masked one must tell nothing."""
    field = definition.fields.get(definition.type.tree_field)
    return None if field is None or field.masked else field


class Tree:
    """The tree of one type as one reader may walk it."""

    def __init__(self, definition: Definition, field: Field, user: Any) -> None:
        self.definition, self.field, self.user = definition, field, user
        self.column = definition.type.model._meta.get_field(field.key).attname

    def above(self, record: Any) -> list[Above]:
        """What stands above ``record``, the nearest first; one query, none for a record without a parent."""
        parent = getattr(record, self.column)
        if parent is None:
            return []
        # Rows in the bin lead upwards too; they say "restricted" like all that is out of sight.
        every, every_params = _sql(self.definition.type.rows().values_list("pk", self.column))
        seen, seen_params = self._seen()
        return [
            Above(*row)
            for row in _read(
                _ABOVE.format(every=every, seen=seen),
                [parent, record.pk, parent, *every_params, DEPTH, *seen_params],
            )
        ]

    def below(self, starts: Sequence[uuid.UUID], depth: int = DEPTH) -> list[Below]:
        """What stands below ``starts``, at most ``ROWS`` with them; one query."""
        every, every_params = _sql(self.definition.type.rows().values_list("pk", self.column))
        seen, seen_params = self._seen()
        look = COUNT_LIMIT + 1
        params = [
            list(starts), *seen_params, look, CHILDREN, *every_params, look, *seen_params, CHILDREN, depth, ROWS,
        ]  # fmt: skip
        return [Below(*row) for row in _read(_BELOW.format(every=every, seen=seen), params)]

    def parents_among(self, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Those of ``ids`` that have a child which the reader may see; one query."""
        seen, seen_params = self._seen()
        return {row[0] for row in _read(_PARENTS.format(seen=seen), [list(ids), *seen_params])}

    def _seen(self) -> tuple[str, tuple[Any, ...]]:
        """Id, parent and place of the rows in sight. A masked or hidden name must not tell its value by the order."""
        title = self.definition.fields.get(self.definition.type.title_field)
        place = F("pk") if title is None or title.masked else SortKey(value_expression(title))
        rows = self.definition.type.visible_to(self.user).annotate(tree_place=place)
        return _sql(rows.values_list("pk", self.column, "tree_place"))


def siblings_left(siblings: int, shown: int) -> Count:
    """How many of so many children are not shown."""
    return Count(max(0, min(siblings, COUNT_LIMIT) - shown), capped=siblings > COUNT_LIMIT)


def _sql(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    sql, params = rows.order_by().query.sql_with_params()
    return sql, params


def _read(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
