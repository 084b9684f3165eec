"""The values of leaves: what each operator of each kind takes, judged once and kept as plain JSON."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.core.conditions.dates import FIRST_DAY, LAST_DAY, MOST_DAYS, PERIODS
from apps.core.conditions.tree import MAX_VALUES, Days
from apps.core.fields import Field
from apps.core.kinds import (
    Checkbox,
    Choice,
    Date,
    DateTime,
    Decimals,
    Integer,
    Person,
    Reference,
    check_length,
    plain_text,
)

MAX_TEXT = 1_000
TODAY = "@today"
ME = "@me"
_RELATIVE = re.compile(r"^([+-]?\d{1,5})d$")
"""A relative day as people type it: ``-7d`` is a week ago."""


def operand(operator: str, field: Field, raw: Any) -> Any:
    """The value of a leaf in the form that trees hold. Raises ``ValidationError``."""
    judge = _SHAPES.get(operator, _one)
    return judge(field, raw)


def operators_of(field: Field) -> tuple[str, ...]:
    """The operators that a field takes: a masked one can only be matched exactly."""
    operators = field.behaviour.operators
    return tuple(name for name in operators if name == "is") if field.masked else operators


def _one(field: Field, raw: Any) -> Any:
    if raw is None or raw == "":
        raise ValidationError(_("Give a value, or ask whether the field is empty."), "value")
    behaviour = field.behaviour
    if isinstance(behaviour, Date | DateTime):
        return _day(field, raw)
    if isinstance(behaviour, Integer | Decimals):
        return _number(raw)
    if isinstance(behaviour, Checkbox):
        return behaviour.clean(raw, field)
    if isinstance(behaviour, Reference):
        return _reference(field, raw)
    if isinstance(behaviour, Choice):
        found: Any = behaviour.clean(raw, field.closed)
        found = found[0] if isinstance(found, list) and len(found) == 1 else found
        if not isinstance(found, str) or not found:
            raise ValidationError(_("Give a value, or ask whether the field is empty."), "value")
        return found
    text = check_length(plain_text(raw, one_line=field.kind != "longtext"), MAX_TEXT)
    if not text:
        raise ValidationError(_("Give a value, or ask whether the field is empty."), "value")
    return text


def _number(raw: Any) -> int | str:
    number = Decimals.parse(raw)
    if number is None:
        raise ValidationError(_("Give a number."), "value")
    if number == number.to_integral_value() and abs(number) < 2**53:
        return int(number)
    return format(number, "f")


def _reference(field: Field, raw: Any) -> str:
    if raw == ME:
        if not isinstance(field.behaviour, Person):
            raise ValidationError(_("“@me” stands for a person; this field holds something else."), "value")
        return ME
    return str(field.behaviour.clean(raw, field))


def _day(field: Field, raw: Any) -> str | Days:
    if raw == TODAY:
        return TODAY
    if isinstance(raw, Days):
        raw = {"days": raw.days}
    if isinstance(raw, str) and (relative := _RELATIVE.match(raw.strip())):
        raw = {"days": int(relative[1])}
    if isinstance(raw, dict):
        if set(raw) != {"days"}:
            raise ValidationError(_('Give a relative date as {"days": -7}.'), "value")
        return Days(_whole(raw["days"], -MOST_DAYS, MOST_DAYS))
    if isinstance(field.behaviour, DateTime) and isinstance(raw, str) and len(raw.strip()) > 10:
        return _moment(raw.strip())
    day = Date.parse(raw)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Give a date between the years 1000 and 9000."), "value")
    return day.isoformat()


def _moment(text: str) -> str:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise ValidationError(_("Give a moment with its time zone, as 2026-01-31T09:00:00Z."), "value")
    return moment.astimezone(dt.UTC).isoformat()


def _whole(raw: Any, low: int, high: int) -> int:
    number = Decimals.parse(raw)
    if number is None or number != number.to_integral_value() or not low <= number <= high:
        raise ValidationError(_("Give a whole number from %(low)s to %(high)s."), "value", {"low": low, "high": high})
    return int(number)


def _nothing(field: Field, raw: Any) -> None:
    if raw not in (None, True, ""):
        raise ValidationError(_("This operator takes no value."), "value")


def _several(field: Field, raw: Any) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple) or not raw:
        raise ValidationError(_("Give a list of values."), "value")
    if len(raw) > MAX_VALUES:
        raise ValidationError(_("At most %(n)d values are compared at once."), "value", {"n": MAX_VALUES})
    return tuple(dict.fromkeys(_one(field, item) for item in raw))


def _range(field: Field, raw: Any) -> tuple[Any, Any]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise ValidationError(_("Give two values: from and to."), "value")
    return _one(field, raw[0]), _one(field, raw[1])


def _count_of_days(field: Field, raw: Any) -> int:
    return _whole(raw, 0, MOST_DAYS)


def _period(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in PERIODS:
        raise ValidationError(_("Give a period: %(periods)s."), "value", {"periods": ", ".join(PERIODS)})
    return raw


_SHAPES: dict[str, Callable[[Field, Any], Any]] = {
    "is_empty": _nothing,
    "is_not_empty": _nothing,
    "is_any_of": _several,
    "is_none_of": _several,
    "between": _range,
    "in_last_days": _count_of_days,
    "in_next_days": _count_of_days,
    "in_period": _period,
}


def number_of(value: int | str) -> int | Decimal:
    """The number that a kept value stands for."""
    return value if isinstance(value, int) else Decimal(value)
