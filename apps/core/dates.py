"""Dates in the words of the reader: her own style where she chose one, else the one of her language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.utils import formats, timezone
from django.utils.translation import get_language

STYLES = {"iso": "Y-m-d", "day_first": "d/m/Y", "month_first": "m/d/Y", "dotted": "d.m.Y"}
"""Django date formats by the value of ``User.date_format``; any other value follows the language."""

_style: ContextVar[str] = ContextVar("date_style", default="")


@contextmanager
def date_style(style: str) -> Iterator[None]:
    """Write dates in this style inside; like the active language it concerns only how things look."""
    token = _style.set(style)
    try:
        yield
    finally:
        _style.reset(token)


def moment_in(text: str) -> dt.datetime:
    """The moment that an address carries, in UTC: PostgreSQL refuses offsets of 16 hours and more.

    Raises ``ValueError`` for what is no moment with an offset inside the calendar.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError(text) from None


def date_text(value: dt.date) -> str:
    """A calendar date, never shifted; of a moment its local day."""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return formats.date_format(value, STYLES.get(_style.get(), "DATE_FORMAT"))


def moment_text(value: dt.datetime) -> str:
    """A moment in the reader's time zone, to the minute."""
    minute = timezone.localtime(value).replace(second=0, microsecond=0, tzinfo=None)
    return _minute_text(minute, _style.get(), get_language() or "")


@lru_cache(maxsize=20_000)
def _minute_text(local: dt.datetime, style: str, language: str) -> str:
    """Kept, because a list shows one in each row; language and style are those of now, given to be told apart."""
    if style not in STYLES:
        return formats.date_format(local, "DATETIME_FORMAT")
    return f"{date_text(local)} {formats.date_format(local, 'TIME_FORMAT')}"
