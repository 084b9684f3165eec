"""What a leaf comes down to: few plain tests that SQL and memory can both make.

Dates become ranges, relative days become days, ``is_not`` becomes "not is". A probe is never true of an empty
value; ``negated`` turns that round, so every negative operator includes the records without a value.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.conditions.dates import period
from apps.core.conditions.operands import ME, TODAY, number_of
from apps.core.conditions.tree import NEGATIVE, Days, Leaf
from apps.core.conditions.viewer import Viewer
from apps.core.fields import Field
from apps.core.kinds import Checkbox, Choice, Date, DateTime, Decimals, Integer, MultiChoice, Reference


@dataclass(frozen=True)
class Present:
    """There is a value."""


@dataclass(frozen=True)
class OneOf:
    """The value is exactly one of these."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Alike:
    """The text is one of these, whatever accents and case."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Contains:
    """The text has this in it, whatever accents and case."""

    text: str


@dataclass(frozen=True)
class StartsWith:
    """The text begins with this, whatever accents and case."""

    text: str


@dataclass(frozen=True)
class Range:
    """The value lies between the bounds; an open bound itself doesn't count, None is no bound."""

    low: Any = None
    high: Any = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True)
class HasAny:
    """The list holds at least one of these."""

    values: tuple[str, ...]


Probe = Present | OneOf | Alike | Contains | StartsWith | Range | HasAny


def probe_of(leaf: Leaf, field: Field, viewer: Viewer) -> tuple[Probe, bool]:
    """The probe of a judged leaf, and whether its opposite is asked. Raises ``ValidationError`` for @me of nobody."""
    operator = NEGATIVE.get(leaf.operator, leaf.operator)
    return _positive(operator, leaf.value, field, viewer), operator != leaf.operator


def _positive(operator: str, value: Any, field: Field, viewer: Viewer) -> Probe:
    behaviour = field.behaviour
    if operator == "is_not_empty":
        return Present()
    if isinstance(behaviour, Date | DateTime):
        return _days(operator, value, isinstance(behaviour, DateTime), viewer)
    if isinstance(behaviour, Integer | Decimals):
        return _numbers(operator, value)
    if operator == "contains":
        return Contains(value)
    if operator == "starts_with":
        return StartsWith(value)
    values = value if isinstance(value, tuple) else (value,)
    if isinstance(behaviour, MultiChoice):
        return HasAny(tuple(dict.fromkeys(key for value in values for key in _keys_of(value, field))))
    if isinstance(behaviour, Reference):
        return OneOf(tuple(_id(item, viewer) for item in values))
    if isinstance(behaviour, Choice | Checkbox):
        return OneOf(values)
    return Alike(values)


def _keys_of(value: str, field: Field) -> tuple[str, ...]:
    """The keys under which records hold an option: what a merge left in the bin has its old one."""
    option = field.option(value)
    return (value, *option.aliases) if option is not None else (value,)


def _id(value: str, viewer: Viewer) -> uuid.UUID:
    if value != ME:
        return uuid.UUID(value)
    me: uuid.UUID | None = getattr(viewer.user, "pk", None)
    if me is None:
        raise ValidationError(_("“@me” needs somebody who is signed in."), "value")
    return me


def _numbers(operator: str, value: Any) -> Range:
    if operator == "between":
        return Range(number_of(value[0]), number_of(value[1]))
    number = number_of(value)
    return {
        "is": Range(number, number),
        "less": Range(high=number, high_open=True),
        "at_most": Range(high=number),
        "more": Range(low=number, low_open=True),
        "at_least": Range(low=number),
    }[operator]


def _days(operator: str, value: Any, moments: bool, viewer: Viewer) -> Range:
    """Whole days of the viewer; a given moment counts to the instant."""
    if operator == "in_period":
        first, last = period(value, viewer.today)
    elif operator == "in_last_days":
        first, last = viewer.today - dt.timedelta(days=value), viewer.today
    elif operator == "in_next_days":
        first, last = viewer.today, viewer.today + dt.timedelta(days=value)
    elif operator == "between":
        first, last = _point(value[0], viewer), _point(value[1], viewer)
    else:
        first = last = _point(value, viewer)
    if operator == "before":
        return Range(high=_edge(first, moments, viewer), high_open=True)
    if operator == "after":
        return _after(last, moments, viewer)
    if not moments:
        return Range(first, last)
    low = _edge(first, moments, viewer)
    if isinstance(last, dt.datetime):
        return Range(low, last)
    return Range(low, viewer.start_of(last + dt.timedelta(days=1)), high_open=True)


def _after(last: dt.date | dt.datetime, moments: bool, viewer: Viewer) -> Range:
    if moments and not isinstance(last, dt.datetime):
        return Range(low=viewer.start_of(last + dt.timedelta(days=1)))
    return Range(low=last, low_open=True)


def _edge(point: dt.date | dt.datetime, moments: bool, viewer: Viewer) -> dt.date | dt.datetime:
    return viewer.start_of(point) if moments and not isinstance(point, dt.datetime) else point


def _point(value: str | Days, viewer: Viewer) -> dt.date | dt.datetime:
    if isinstance(value, Days):
        return viewer.today + dt.timedelta(days=value.days)
    if value == TODAY:
        return viewer.today
    return dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
