"""The totals of a list: what the number columns of everything that matches add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.core.fields import Field
from apps.core.keyset import COUNT_LIMIT
from apps.core.registry import Definition
from apps.core.templatetags.ui import money

FIRST_YEAR = 1_000
"""A whole number that can't be smaller, and has four digits at most, is a year: nobody adds years."""


@dataclass(frozen=True)
class Totals:
    """``amounts`` has the sums by column key, for money one text a currency. ``too_many`` says that none was made."""

    amounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    too_many: bool = False
    limit: int = COUNT_LIMIT


def summable(definition: Definition, fields: Iterable[Field]) -> list[Field]:
    """The fields whose values may be added for this viewer.

    A masked value is none, and an amount whose currency the viewer may not know isn't either: one currency must
    never be added to another.
    """
    found = []
    for declared in fields:
        currency = f"{declared.key}_currency"
        known = definition.fields.get(currency)
        if declared.kind not in {"integer", "decimal"} or declared.masked or _is_year(declared):
            continue
        if currency in definition.type.index and (known is None or known.masked):
            continue
        found.append(declared)
    return found


def totals_of(definition: Definition, fields: Sequence[Field], queryset: Any, *, limit: int = COUNT_LIMIT) -> Totals:
    """The sums over ``queryset``, one query; no sums when it has more than ``limit`` records."""
    adding = summable(definition, fields)
    if not adding:
        return Totals(limit=limit)
    currencies = {one.key: definition.fields.get(f"{one.key}_currency") for one in adding}
    needed = [*adding, *(one for one in currencies.values() if one is not None)]
    names = {"custom" if one.custom else one.column for one in needed}
    rows = list(queryset.order_by().only("pk", *names)[: limit + 1])
    if len(rows) > limit:
        return Totals(too_many=True, limit=limit)
    sums: dict[str, dict[str, Decimal]] = {one.key: defaultdict(Decimal) for one in adding}
    for row in rows:
        for one in adding:
            value = one.value_of(row)
            if value is not None:
                currency = currencies[one.key]
                code = currency.value_of(row) if currency is not None else ""
                sums[one.key][code or ""] += value
    return Totals({key: _texts(found) for key, found in sums.items()}, limit=limit)


def _texts(sums: dict[str, Decimal]) -> tuple[str, ...]:
    return tuple(money(sums[code], code) for code in sorted(sums))


def _is_year(declared: Field) -> bool:
    low, high = declared.min_value, declared.max_value
    return low is not None and high is not None and low >= FIRST_YEAR and high <= 9_999
