"""Pages by keyset: each page begins where the last one ended, so the thousandth costs what the first does.

The place is compared as a row, ``(sort, id) > (a, b)``, which one index on (sort, id) answers; written as
``a > x OR a = x AND id > y`` it would be scanned. Records without a value come last in both directions, by a
second query of their own: one query with OR would lose the index.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import Col
from django.utils.translation import gettext as _

from apps.core import ways
from apps.core.access import RecordQuerySet
from apps.core.arms import sight_last
from apps.core.conditions.compiling import value_expression
from apps.core.database import SortKey
from apps.core.dates import moment_in
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.kinds import Choice, Date, DateTime, Decimals, Integer, MultiChoice, plain_text
from apps.core.registry import Definition
from apps.core.search import Hits
from apps.core.walking import Place, first_along, first_by_arms
from apps.core.ways import PAGE_SIZE

COUNT_LIMIT = 1_000
MAX_CURSOR = 2_000
SORT_VALUE = "keyset_value"
"""Annotation under which a row carries the value it is sorted by."""

Way = Literal["next", "previous"]


class RowComparison(Func):
    """``(a, b) > (c, d)``: the first half of the expressions against the second."""

    output_field = BooleanField()

    def __init__(self, sign: Literal["<", ">"], left: Sequence[Any], right: Sequence[Any]) -> None:
        super().__init__(_Row(*left), _Row(*right), template="%(expressions)s", arg_joiner=f" {sign} ")


class _Row(Func):
    template = "ROW(%(expressions)s)"
    output_field = BooleanField()


class _Unindexed(Func):
    """The same value, for which no index stands ready."""

    template = "COALESCE(%(expressions)s)"

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, expression)


class IsNull(Func):
    """Whether an expression has no value."""

    output_field = BooleanField()

    def __init__(self, expression: Any, *, null: bool) -> None:
        super().__init__(expression, template=f"(%(expressions)s) IS {'NULL' if null else 'NOT NULL'}")


@dataclass(frozen=True)
class Sort:
    """An order of records: one field, the id after it in the same direction."""

    field: Field
    descending: bool
    nullable: bool

    @property
    def text(self) -> str:
        """As it stands in an address: ``-name`` is descending."""
        return f"-{self.field.key}" if self.descending else self.field.key

    @property
    def expression(self) -> Any:
        """What the database sorts by; texts without accents and case."""
        value = value_expression(self.field)
        return SortKey(value) if self.field.behaviour.empty == "" and not self._by_key else value

    @property
    def _by_key(self) -> bool:
        return isinstance(self.field.behaviour, Choice)


@dataclass(frozen=True)
class Cursor:
    """A place between two records. ``value`` is None among those without a value."""

    sort: str
    way: Way
    value: Any
    id: uuid.UUID


@dataclass(frozen=True)
class Page:
    """Some records in their order, and the cursors of the pages beside them ("" at the ends)."""

    rows: list[Any]
    next_cursor: str = ""
    previous_cursor: str = ""


@dataclass(frozen=True)
class Count:
    """How many there are; ``capped`` says "at least so many"."""

    number: int
    capped: bool = False

    @property
    def text(self) -> str:
        """The number for people, as "1,000+"."""
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"


def sort_of(text: str, definition: Definition) -> Sort:
    """The sort that ``name`` or ``-name`` spells. Raises ``ValidationError`` for one that isn't offered."""
    key = text.removeprefix("-")
    if key not in definition.sort_keys():
        raise ValidationError(
            _("Records can't be sorted by “%(key)s”. Offered: %(offered)s."),
            "sort",
            {"key": key[:100], "offered": ", ".join(definition.sort_keys())},
        )
    field = definition.fields[key]
    if field.behaviour.is_reference or isinstance(field.behaviour, MultiChoice):
        raise ValidationError(_("Records can't be sorted by “%(key)s”."), "sort", {"key": key})
    nullable = field.custom or definition.type.model._meta.get_field(key).null
    return Sort(field, text.startswith("-"), nullable)


def default_sort(definition: Definition) -> Sort | None:
    """The type's own sort, or the first one that this viewer may use; None leaves the order of creation."""
    offered = definition.sort_keys()
    wanted = definition.type.default_sort
    key = wanted if wanted.removeprefix("-") in offered else next(iter(offered), "")
    return sort_of(key, definition) if key else None


def fetch_page(queryset: QuerySet[Any], sort: Sort | None, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """The page of ``queryset`` at ``cursor``. Raises ``ValidationError`` for a cursor that isn't one of this sort."""
    place = read_cursor(cursor, sort) if cursor else None
    backwards = place is not None and place.way == "previous"
    rows = _rows(queryset, sort, place, size + 1, backwards=backwards)
    more = len(rows) > size
    del rows[size:]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([])
    has_next = more if not backwards else True
    has_previous = more if backwards else place is not None
    return Page(
        rows,
        next_cursor=write_cursor(rows[-1], sort, "next") if has_next else "",
        previous_cursor=write_cursor(rows[0], sort, "previous") if has_previous else "",
    )


def _rows(
    queryset: QuerySet[Any], sort: Sort | None, place: Cursor | None, limit: int, *, backwards: bool
) -> list[Any]:
    if sort is None:
        return _Stretch("id", [], [place.id] if place else [], backwards).first(queryset, limit)
    falling = sort.descending != backwards
    valued = queryset.annotate(**{SORT_VALUE: sort.expression})
    phases: list[bool] = [False, True] if sort.nullable else [False]
    if backwards:
        phases.reverse()
    if place is not None:
        phases = phases[phases.index(place.value is None) :]
    found: list[Any] = []
    for empty in phases:
        beyond: list[Any] = []
        if place is not None and (place.value is None) == empty:
            beyond = [place.id] if empty else [place.value, place.id]
        only = IsNull(sort.expression, null=empty) if sort.nullable else None
        stretch = _Stretch(sort.field.column, [] if empty else [sort.expression], beyond, falling, only)
        found += stretch.first(valued, limit - len(found))
        if len(found) >= limit:
            break
    return found


@dataclass(frozen=True)
class _Stretch:
    """A run of an order without a break: records sorted by ``keys`` and the id, those after ``beyond``."""

    column: str
    """Of the sort; a condition on it lets the index begin where the matches do."""
    keys: list[Any]
    beyond: list[Any]
    falling: bool
    only: Any = None
    """With a value, or without."""

    def first(self, rows: QuerySet[Any], limit: int) -> list[Any]:
        """The first records: along the index, or gathered and sorted, or the one after the other."""
        at_most = getattr(rows, "walk_at_most", None)
        among = getattr(rows, "walked", None)
        if among is None:
            among = rows
        if at_most == 0:
            return self._gather(rows, limit)
        place = self._place(limit)
        near = first_by_arms(among, self.column, place) if self.keys == [F(self.column)] and not self.only else None
        if near is None and (at_most is None or self.column in _columns(among.query.where)):
            return self._walk(rows, among, limit)
        if near is None:
            near = first_along(among if self.only is None else among.filter(self.only), place, at_most or 0)
        found = None if near is None else self._of(rows, near, limit)
        # Fewer are there when somebody changed one in between: the page is looked for again, in one query.
        return self._gather(rows, limit) if found is None or len(found) < len(near or ()) else found

    def _place(self, limit: int) -> Place:
        if self.keys:
            return Place(self.keys[0], self.beyond, limit, self.falling, nullable=self.only is not None)
        return Place(F("id"), self.beyond * 2, limit, self.falling)

    def _walk(self, rows: QuerySet[Any], among: QuerySet[Any], limit: int) -> list[Any]:
        """Along the index of the sort, record by record."""
        if among is rows and getattr(rows, "arms", None) is None:
            return list(self._sorted(self._within(rows))[:limit])
        found = self._sorted(self._within(sight_last(among)))[:limit]
        return self._of(rows, found.values("pk"), limit)

    def _gather(self, rows: QuerySet[Any], limit: int) -> list[Any]:
        """All that match, sorted by what no index offers."""
        among = getattr(rows, "gathered", None)
        found = self._sorted(self._within(rows if among is None else among), by=_Unindexed)[:limit]
        return self._of(rows, found.values("pk"), limit)

    def _of(self, rows: QuerySet[Any], ids: Any, limit: int) -> list[Any]:
        """These of the rows, in order."""
        return list(self._sorted(rows.filter(pk__in=ids), by=_Unindexed)[:limit])

    def _within(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = rows.filter(self.only) if self.only is not None else rows
        return rows.filter(self._compared(self.beyond, falling=self.falling)) if self.beyond else rows

    def _compared(self, values: list[Any], *, falling: bool) -> RowComparison:
        return RowComparison("<" if falling else ">", [*self.keys, F("id")], [Value(value) for value in values])

    def _sorted(self, rows: QuerySet[Any], by: Callable[[Any], Any] | None = None) -> QuerySet[Any]:
        first, *others = [*self.keys, F("id")]
        keys = [by(first) if by else first, *others]
        return rows.order_by(*(key.desc() if self.falling else key.asc() for key in keys))


def _columns(condition: Any) -> set[str]:
    """The columns that a condition asks for."""
    if isinstance(condition, Col):
        return {str(condition.target.column)}
    parts = condition.get_source_expressions() if hasattr(condition, "get_source_expressions") else ()
    return {column for part in parts for column in _columns(part)}


def write_cursor(row: Any, sort: Sort | None, way: Way) -> str:
    """The cursor of the page after (or before) ``row``. It is no secret and needs no signature: it gives no right."""
    value = getattr(row, SORT_VALUE) if sort is not None else None
    spelt = value if isinstance(value, bool | int) or value is None else _spelling(value)
    body = [sort.text if sort else "", way[0], spelt, row.pk.hex]
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _spelling(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def read_cursor(text: str, sort: Sort | None) -> Cursor:
    """The place that a cursor of this sort names. Raises ``ValidationError``."""
    fault = ValidationError(_("This page address is damaged or belongs to another sort order."), "cursor")
    if len(text) > MAX_CURSOR:
        raise fault
    try:
        body = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise fault from None
    if not isinstance(body, list) or len(body) != 4 or body[0] != (sort.text if sort else ""):
        raise fault
    record_id = parse_uuid(body[3]) if isinstance(body[3], str) else None
    if body[1] not in {"n", "p"} or record_id is None:
        raise fault
    try:
        value = _value(body[2], sort)
    except (ValueError, ValidationError, ArithmeticError):
        raise fault from None
    return Cursor(body[0], "next" if body[1] == "n" else "previous", value, record_id)


def _value(raw: Any, sort: Sort | None) -> Any:
    """The sort value in a cursor. Raises ``ValueError`` where the sort can have no such value."""
    if sort is None or (raw is None and sort.nullable):
        if raw is not None:
            raise ValueError(raw)
        return None
    behaviour = sort.field.behaviour
    if isinstance(behaviour, Integer | Decimals):
        number = Decimals.parse(raw)
        if number is None:
            raise ValueError(raw)
        return int(number) if number == number.to_integral_value() else number
    if isinstance(raw, bool) and sort.field.kind == "checkbox":
        return raw
    if not isinstance(raw, str):
        raise ValueError(raw)
    if isinstance(behaviour, DateTime):
        return moment_in(raw)
    if isinstance(behaviour, Date):
        return dt.date.fromisoformat(raw)
    plain_text(raw, one_line=False)
    return raw


def capped_count(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> Count:
    """How many rows there are, counted no further than ``limit`` and one."""
    number = queryset.order_by()[: limit + 1].count()
    return Count(limit, capped=True) if number > limit else Count(number)


def counted(
    queryset: QuerySet[Any], limit: int = COUNT_LIMIT, hits: Hits | None = None
) -> tuple[Count, QuerySet[Any]]:
    """The capped count of what a list matches, and the rows to take pages of, with the ways to find them.

    ``hits`` is what a search text finds, asked for besides what ``queryset`` asks for.

    Matching records that hang together are the trap of a sort index: the planner expects the page after a short
    walk, and walks the whole index where all of Lisbon stands behind half of the countries, or where what was
    imported yesterday is out of sight (0.1 to 2 s over 700,000 companies). So few records are gathered and
    sorted. More are looked for along the index, but no further than ``ways.PATIENCE`` allows; then they are gathered
    too. Only very many are looked for without end. How many there are says the count, and beyond it the
    planner's estimate; never the clock.
    """
    if not isinstance(queryset, RecordQuerySet):
        return capped_count(queryset, limit), queryset
    if hits is not None:
        return _counted_hits(queryset, limit, hits)
    rows, count = queryset.all(), capped_count(queryset, limit)
    rows.walk_at_most = ways.way(queryset) if count.capped else 0
    if count.capped:
        rows.gathered = ways.narrowest_first(queryset)
    return count, rows


def _counted_hits(queryset: RecordQuerySet[Any], limit: int, hits: Hits) -> tuple[Count, QuerySet[Any]]:
    """The words of a search are looked up, except where very common ones are asked for among fewer records."""
    rows, count = queryset.all(), capped_count(queryset.filter(hits.some), limit)
    asked, found = queryset.filter(hits.each), sight_last(queryset).filter(hits.listed)
    rows.walked = asked
    rows.gathered = asked if hits.many and ways.expected(queryset) < hits.terms else found
    if not (count.capped or hits.some_are_all):
        count = capped_count(rows.gathered, limit)
    rows.walk_at_most = ways.PATIENCE * ways.WALKED_HITS if count.capped and hits.many else 0
    return count, rows
