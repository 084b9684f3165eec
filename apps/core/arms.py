"""What lets somebody see records, said of their columns.

``visible_to`` is the only door to records, and compares ``acl`` with what somebody reaches by. That is dear where many
records are looked at and few are shown: a manager has 30 arms, and the index of ``acl`` gives all that she sees. So
records are looked for by the columns that ``acl`` is made of, and shown through the door.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import Overlap
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, UUIDField, Value
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.where import WhereNode

from apps.core.conditions.compiling import Infix, IsAnyOf

INDEXED = {"t": "team_id", "o": "owner_id"}
"""Arms of ``acl`` that are a column, with which indexes may begin."""


def without_sight(rows: QuerySet[Any]) -> QuerySet[Any] | None:
    """What is asked for besides sight, whoever may see it: only to look for records, never to show them.

    None where it can't be told apart.
    """
    arms: frozenset[str] | None = getattr(rows, "arms", None)
    where = rows.query.where
    if not arms or where.connector != "AND" or where.negated:
        return None
    rest = [part for part in where.children if not _is_sight(part, arms)]
    if len(rest) == len(where.children):
        return None
    found = rows.all()
    found.query.where = WhereNode(rest)
    return found


def sight_alone(rows: QuerySet[Any]) -> bool:
    """Whether nothing is asked for but what somebody sees, outside the bin."""
    rest = without_sight(rows)
    return rest is not None and all(_is_about(part, "deleted_at") for part in rest.query.where.children)


def sight_last(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows, where sight is asked of each record that all else has found, and by no index.

    Comparing ``acl`` with the 30 arms of a manager costs more than reading the record (2 µs), and a bitmap of all
    that she sees costs more than what is looked for; owner and team say the same.
    """
    rest = without_sight(rows)
    return rows if rest is None else rest.filter(Q(_IsTrue(_seen(rows))))


def sight_by_columns(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows, where indexes of owner and team may find what is in sight."""
    rest = without_sight(rows)
    return rows if rest is None else rest.filter(Q(_seen(rows)))


def _seen(rows: QuerySet[Any]) -> Any:
    """What ``acl && arms`` means, said of the columns that ``acl`` is made of."""
    arms: frozenset[str] = rows.arms  # type: ignore[attr-defined]
    tests: list[Any] = []
    for arm, column in INDEXED.items():
        keys = sorted(uuid.UUID(one[1:]) for one in arms if one.startswith(arm))
        if keys:
            tests.append(IsAnyOf(F(column), Value(keys, ArrayField(UUIDField()))))
    others = sorted(one for one in arms if one[0] not in INDEXED)
    if others:
        tests.append(Infix("&&", F("acl"), Value(others, ArrayField(TextField()))))
    return tests[0] if len(tests) == 1 else Infix("OR", *tests)


class _IsTrue(Func):
    """True, and neither false nor NULL; no index is looked into for what stands inside."""

    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()


def _is_sight(part: Any, arms: frozenset[str]) -> bool:
    """Is it the condition of ``visible_to`` that gave these arms?"""
    return (
        isinstance(part, Overlap)
        and _is_about(part, "acl")
        and arms == {one.value for one in part.rhs.get_source_expressions() if isinstance(one, Value)}
    )


def _is_about(part: Any, column: str) -> bool:
    return isinstance(part, Lookup) and isinstance(part.lhs, Col) and part.lhs.target.column == column
