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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.utils.translation import gettext as _

from apps.core.conditions.compiling import value_expression
from apps.core.database import SortKey
from apps.core.dates import moment_in
from apps.core.fields import Field
from apps.core.ids import parse_uuid
from apps.core.kinds import Choice, Date, DateTime, Decimals, Integer, MultiChoice, plain_text
from apps.core.registry import Definition

PAGE_SIZE = 50
COUNT_LIMIT = 1_000
FEW = 3_000
"""So many matching records are quicker sorted than looked for along the index of a sort."""
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
    template = "(%(expressions)s)"
    output_field = BooleanField()


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
        rows = queryset.order_by("-id" if backwards else "id")
        if place is not None:
            rows = rows.filter(**{"id__lt" if backwards else "id__gt": place.id})
        return list(rows[:limit])
    falling = sort.descending != backwards
    valued = queryset.annotate(**{SORT_VALUE: sort.expression})
    phases: list[bool] = [False, True] if sort.nullable else [False]
    if backwards:
        phases.reverse()
    if place is not None:
        phases = phases[phases.index(place.value is None) :]
    found: list[Any] = []
    for empty in phases:
        here = place if place is not None and (place.value is None) == empty else None
        rows = _phase(valued, sort, here, empty=empty, falling=falling)
        found += rows[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def _phase(valued: QuerySet[Any], sort: Sort, place: Cursor | None, *, empty: bool, falling: bool) -> QuerySet[Any]:
    """The rows with a value, or those without, from ``place`` on."""
    sign: Literal["<", ">"] = "<" if falling else ">"
    rows = valued.filter(IsNull(sort.expression, null=empty)) if sort.nullable else valued
    keys: list[Any] = [F("id")] if empty else [sort.expression, F("id")]
    if place is not None:
        values = [place.id] if empty else [place.value, place.id]
        rows = rows.filter(RowComparison(sign, keys, [Value(value) for value in values]))
    return rows.order_by(*(key.desc() if falling else key.asc() for key in keys))


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
    return _capped(_probe(queryset, limit), limit)


def counted(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> tuple[Count, QuerySet[Any]]:
    """The capped count, and the queryset to take pages of.

    Few matching records among many are the trap of a sort index: the planner expects the page after a short
    walk and, where the conditions hang together, walks the whole index (0.7 s over 150,000 companies). So few
    records are read first, behind a LIMIT that the planner can't see through, and sorted.
    """
    number = _probe(queryset, max(limit, FEW))
    if number > FEW:
        return _capped(number, limit), queryset
    matching = queryset.order_by().values("pk")[: FEW + 1]
    return _capped(number, limit), queryset.model._base_manager.filter(pk__in=matching)


def _probe(queryset: QuerySet[Any], limit: int) -> int:
    return queryset.order_by()[: limit + 1].count()


def _capped(number: int, limit: int) -> Count:
    return Count(limit, capped=True) if number > limit else Count(number)
