"""Dates in the words of the reader: her own style where she chose one, else the one of her language and country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from django.utils import dateformat, formats, timezone
from django.utils.translation import check_for_language, get_language

STYLES = {"iso": "Y-m-d", "day_first": "d/m/Y", "month_first": "m/d/Y", "dotted": "d.m.Y"}
"""Django date formats by the value of ``User.date_format``; any other value follows the language."""

_style: ContextVar[str] = ContextVar("date_style", default="")
_region: ContextVar[str] = ContextVar("format_region", default="")


@contextmanager
def date_style(style: str, region: str = "") -> Iterator[None]:
    """Write dates in this style inside; like the active language it concerns only how things look.

    ``region`` is a tag such as ``en-GB``: the formats of that country, for texts in its language.
    """
    tokens = _style.set(style), _region.set(region)
    try:
        yield
    finally:
        _style.reset(tokens[0])
        _region.reset(tokens[1])


def format_language() -> str:
    """The tag whose formats hold: the active language, with the reader's country where she told it."""
    language, region = get_language() or "en", _region.get()
    return region if region.partition("-")[0].lower() == language.partition("-")[0].lower() else language


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
    return _written(value, STYLES.get(_style.get()) or "DATE_FORMAT")


def month_text(value: dt.date) -> str:
    """The month of a calendar date, with its year."""
    return _written(value, "YEAR_MONTH_FORMAT")


def moment_text(value: dt.datetime, zone: dt.tzinfo | None = None) -> str:
    """A moment in ``zone``, else in the reader's time zone, to the minute."""
    minute = timezone.localtime(value, zone).replace(second=0, microsecond=0, tzinfo=None)
    return _minute_text(minute, _style.get(), get_language() or "", format_language())


@lru_cache(maxsize=20_000)
def _minute_text(local: dt.datetime, style: str, _language: str, _formats: str) -> str:
    """Kept, because a list shows one in each row; language and style are those of now, given to be told apart."""
    if style not in STYLES:
        return _written(local, "DATETIME_FORMAT")
    return f"{date_text(local)} {_written(local, 'TIME_FORMAT')}"


def _written(value: dt.date, name: str) -> str:
    """By a format of the reader's country, which Django has by name, or by one that is spelt out."""
    spelt = formats.get_format(name, lang=_known(format_language()))
    return dateformat.format(value, str(spelt))


@lru_cache(maxsize=1_000)
def _known(tag: str) -> str:
    """The tag as Django spells it; one that it doesn't know is left to its language."""
    return tag.lower() if check_for_language(tag.lower()) else tag.partition("-")[0].lower()
