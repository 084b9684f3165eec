"""How the page of a list is best looked for, by how many records the planner expects."""

from __future__ import annotations

import json
import time
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from apps.core.access import RecordQuerySet
from apps.core.arms import sight_alone, sight_by_columns, sight_last, without_sight

PAGE_SIZE = 50
GATHER = 12_000
"""So many matching records are read and sorted in 30 ms; looking for them along the index of a sort may take longer
than that by far."""
MANY = 4
"""From one in so many records on, the index is walked however far it goes: sorting them all is no quicker."""
PATIENCE = 3
"""A walk may be so many times as long as it would be if what matches were spread evenly."""
WALKED_HITS = 1_000
"""Records among which a page of those that a very common word finds is expected."""
REMEMBERED, REMEMBERED_SECONDS = 5_000, 300
"""Estimates of this process: how many, and how long they stand."""


def way(queryset: RecordQuerySet[Any]) -> int | None:
    """How far to walk along the index for one page; 0 not at all, None without end."""
    matching = expected(queryset)
    if matching <= GATHER:
        return 0
    if hasattr(queryset.model, "type_key"):
        return None  # the sort indexes of a shared table begin with the type: its rows hang together by it
    if sight_alone(queryset) and matching > PATIENCE * GATHER:
        return None  # an importer's run of records is passed sooner than so many are gathered
    every = expected(queryset.model._base_manager.all())
    return None if matching * MANY >= every else PATIENCE * PAGE_SIZE * every // matching


def narrowest_first(queryset: RecordQuerySet[Any]) -> QuerySet[Any] | None:
    """The rows to gather, looked for by what else is asked for where that finds fewer than sight does."""
    rest = without_sight(queryset)
    if rest is None:
        return None
    seen = queryset.model._base_manager.filter(deleted_at=None, acl__overlap=sorted(queryset.arms or ()))
    return sight_last(queryset) if expected(rest) < expected(seen) else sight_by_columns(queryset)


def expected(queryset: QuerySet[Any]) -> int:
    """How many rows the planner expects: only to choose a way, so it is asked once in some minutes a condition."""
    rows = queryset.order_by().values("pk")
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0
    key = (connection.schema_name, sql, repr(params))  # type: ignore[attr-defined]
    known = _expected.get(key)
    if known is None or known[0] < time.monotonic():
        plan = json.loads(rows.explain(format="json"))[0]["Plan"]
        if len(_expected) >= REMEMBERED:
            _expected.clear()
        known = _expected[key] = (time.monotonic() + REMEMBERED_SECONDS, int(plan["Plan Rows"]))
    return known[1]


_expected: dict[tuple[str, str, str], tuple[float, int]] = {}
