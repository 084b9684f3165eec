"""How values stand in the cells of tables: as texts that read back, and as the types that spreadsheets know."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from apps.core.fields import Field
from apps.core.kinds import Checkbox, Date, DateTime, Decimals, MultiChoice
from apps.core.masking import mask

Value = Any
Spell = Callable[[Value], Any]

MAX_CELL = 32_767
"""Characters that one cell of XLSX holds."""
EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; longer ones are written as text."""
FIRST_EXCEL_YEAR = 1901

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def number_format(field: Field) -> str:
    """How a spreadsheet shows the values of a field; nothing for its own way."""
    if field.masked or not isinstance(field.behaviour, Date | DateTime):
        return ""
    return "yyyy-mm-dd hh:mm" if isinstance(field.behaviour, DateTime) else "yyyy-mm-dd"


def chained(first: Spell, second: Callable[[str], str]) -> Spell:
    return lambda value: second(first(value))


def to_text(field: Field) -> Spell:
    """A value as text that ``field.clean`` reads back; masked where the viewer may not have it."""
    behaviour = field.behaviour
    if field.masked:
        return lambda value: "" if behaviour.is_empty(value) else mask(behaviour.display(value, field))
    if isinstance(behaviour, Decimals):
        return lambda value: "" if value is None else format(value, "f")
    if isinstance(behaviour, MultiChoice | Checkbox | Date | DateTime):
        return lambda value: behaviour.to_text(value, field)
    return lambda value: "" if value is None else behaviour.to_text(value, field)


def cell_text(text: str) -> str:
    """A text that XML and one cell can hold."""
    clean = _NOT_XML.sub("", text)
    return clean if len(clean) <= MAX_CELL else clean[: MAX_CELL - 1] + "…"


def cell_number(value: Decimal | int | None) -> Any:
    if value is None:
        return None
    digits = len(Decimal(value).as_tuple().digits)
    if digits > EXACT_DIGITS and Decimal(value) != Decimal(str(float(value))):
        return format(value, "f")
    return value if isinstance(value, int) else float(value)


def cell_date(value: dt.date | None) -> Any:
    return value.isoformat() if value is not None and value.year < FIRST_EXCEL_YEAR else value


def cell_moment(value: dt.datetime | None, zone: dt.tzinfo) -> Any:
    """A moment without its zone, which a spreadsheet doesn't know."""
    if value is None:
        return None
    local = value.astimezone(zone).replace(tzinfo=None)
    return local.isoformat() if local.year < FIRST_EXCEL_YEAR else local
