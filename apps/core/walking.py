"""The first records of a list, looked for along an index and no further than is worth it.

A walk reads entries of the index of a sort in their order and asks of each record what the list asks for. It ends at
the page's last record, or after so many entries. Then it is told from where on nothing is known, and gives the page
only if that lies behind it: a walk finds the very page that sorting everything would give, or none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import QuerySet

from apps.core.arms import INDEXED, sight_last, without_sight

MOST_ARMS = 100
MOST_ENTRIES = 40_000
"""So many records of all arms together are looked at for one page."""
TIMES_SEEN = 3
"""A record comes by once as its owner's, once as its team's and once as what is shared."""

SQL = tuple[str, list[Any]]


@dataclass(frozen=True)
class Place:
    """Where a page begins and how it goes on: so many records by a key and the id, after ``beyond``, or from the end.

    ``key`` is an expression of the model; ``beyond`` holds a key and an id, or nothing.
    """

    key: Any
    beyond: list[Any]
    limit: int
    falling: bool
    nullable: bool = False
    """There are records without a key; they are left out."""

    @property
    def way(self) -> str:
        """As ORDER BY says it."""
        return "DESC" if self.falling else "ASC"

    @property
    def order(self) -> str:
        """By the column ``key``, then by id."""
        return f"key {self.way}, id {self.way}"

    def after(self, key: SQL) -> SQL:
        """The condition that a record comes later."""
        sql, params = key
        if not self.beyond:
            return "TRUE", []
        return f"({sql}, id) {'<' if self.falling else '>'} (%s, %s)", [*params, *self.beyond]


def first_along(rows: QuerySet[Any], place: Place, most: int) -> list[uuid.UUID] | None:
    """The ids of the first of ``rows`` from ``place`` on, in their order; None after ``most`` entries without them."""
    table, key = _table(rows), _compiled(rows, place.key)
    asked = _asked(sight_last(rows))
    if asked is None:
        return None
    later = place.after(key)
    valued = f"({key[0]}) IS NOT NULL AND" if place.nullable else ""
    entries = (
        f"SELECT id, ({asked[0]}) AS matches FROM {table} WHERE {valued} {later[0]} "
        f"ORDER BY {key[0]} {place.way}, id {place.way} LIMIT {most}"
    )
    # Nothing sorts again what comes out in the order of the index: it is read only as far as the page goes.
    sql = (
        f"SELECT id, matches, entry = {most} FROM (SELECT *, row_number() OVER () AS entry FROM ({entries}) walked) "
        f"numbered WHERE matches OR entry = {most} LIMIT {place.limit}"
    )
    params = [*asked[1], *(key[1] if place.nullable else []), *later[1], *key[1]]
    return _read(sql, params, place.limit)


def first_by_arms(rows: QuerySet[Any], column: str, place: Place) -> list[uuid.UUID] | None:
    """As ``first_along``, for a sort by ``column`` that each owner and each team has an index of.

    Whoever imported a file last owns the head of a list by date. Everybody else's page lies behind it, and a walk
    along the index of the sort has to pass all of it (200,000 records: 90 to 300 ms). The index of an arm,
    ``(team, date, id)``, begins where its own records do; the arms are walked together, as sorted files are merged.
    None where there are no such indexes, or very many arms.
    """
    arms: frozenset[str] | None = getattr(rows, "arms", None)
    if not arms or len(arms) > MOST_ARMS or not all(arm_index(rows.model, arm, column) for arm in INDEXED):
        return None
    rest = without_sight(rows)
    asked = None if rest is None else _asked(rest)
    if asked is None:
        return None
    return _read(*_merged(_table(rows), arms, asked, column, place), place.limit)


def arm_index(model: Any, arm: str, column: str) -> bool:
    """Whether records of one owner, or of one team, can be had in the order of ``column``."""
    names = [INDEXED[arm].removesuffix("_id"), column, "id"]
    return any(index.fields == names for index in model._meta.indexes)


def _merged(table: str, arms: frozenset[str], asked: SQL, column: str, place: Place) -> SQL:
    """One SELECT of (id, does it match, is it the last that was looked at of its arm), all arms in one order."""
    name = connection.ops.quote_name(column)
    condition, given = asked
    later, beyond = place.after((name, []))
    owned = [(INDEXED[one[0]], one[1:]) for one in sorted(arms) if one[0] in INDEXED]
    others = sorted(one for one in arms if one[0] not in INDEXED)
    most = max(place.limit, MOST_ENTRIES // max(1, len(owned)))
    along = f"{name} {place.way}, id {place.way}"
    parts: list[str] = []
    params: list[Any] = []
    for owner, key in owned:
        parts.append(
            f"(SELECT id, key, matches, entry = {most} AS last "
            f"FROM (SELECT id, {name} AS key, ({condition}) AS matches, row_number() OVER (ORDER BY {along}) AS entry "
            f"FROM {table} WHERE {owner} = %s AND deleted_at IS NULL AND {later} ORDER BY {along} LIMIT {most}) "
            f"walked WHERE matches OR entry = {most} ORDER BY {place.order} LIMIT {place.limit})"
        )
        params += [*given, uuid.UUID(key), *beyond]
    if others:
        # What is shared is little, and its walk would be the longest of all: gathered, by what no index offers.
        parts.append(
            f"(SELECT id, {name} AS key, TRUE AS matches, FALSE AS last FROM {table} WHERE acl && %s::text[] "
            f"AND deleted_at IS NULL AND ({condition}) AND {later} "
            f"ORDER BY COALESCE({name}, {name}) {place.way}, id {place.way} LIMIT {place.limit})"
        )
        params += [others, *given, *beyond]
    sql = (
        f"SELECT id, matches, last FROM ({' UNION ALL '.join(parts)}) arm(id, key, matches, last) "
        f"ORDER BY {place.order} LIMIT {place.limit * TIMES_SEEN + len(owned)}"
    )
    return sql, params


def _read(sql: str, params: list[Any], limit: int) -> list[uuid.UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return page_of(cursor.fetchall(), limit)


def page_of(entries: Iterable[tuple[uuid.UUID, bool | None, bool]], limit: int) -> list[uuid.UUID] | None:
    """The first ``limit`` ids that match, each once; None when a walk ended before they came by.

    An entry says its id, whether it matches, and whether its walk looked no further.
    """
    found: dict[uuid.UUID, None] = {}
    for record_id, matches, last in entries:
        if matches:
            found[record_id] = None
        if len(found) == limit:
            break
        if last:
            return None  # what lies behind it may come before what other walks have found
    return list(found)


def _table(rows: QuerySet[Any]) -> str:
    return connection.ops.quote_name(rows.model._meta.db_table)


def _compiled(rows: QuerySet[Any], expression: Any) -> SQL:
    query = rows.model._base_manager.all().query
    sql, params = query.get_compiler(rows.db).compile(expression.resolve_expression(query))
    return sql, list(params)


def _asked(rows: QuerySet[Any]) -> SQL | None:
    """The condition of ``rows`` as SQL; None where it isn't asked of the record alone, or where nothing can match."""
    query = rows.query.clone()
    query.get_initial_alias()
    if sum(1 for uses in query.alias_refcount.values() if uses) > 1:
        return None
    try:
        sql, params = query.get_compiler(rows.db).compile(query.where)
    except FullResultSet:
        return "TRUE", []
    except EmptyResultSet:
        return None
    return sql, list(params)
