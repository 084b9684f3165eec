"""Days that a condition names without a date: ``@today``, seven days ago, last month.

Weeks begin on Monday (ISO 8601); quarters and years are those of the calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

FIRST_DAY = dt.date(1000, 1, 1)
LAST_DAY = dt.date(9000, 12, 31)
MOST_DAYS = 36_600
"""A hundred years: as far as "in the last … days" reaches."""

Bounds = tuple[dt.date, dt.date]


def _month(day: dt.date, shift: int, length: int = 1) -> Bounds:
    """The months that begin ``shift`` months after the one of ``day``, first and last day."""
    index = day.year * 12 + day.month - 1 + shift
    start = dt.date(index // 12, index % 12 + 1, 1)
    index += length
    return start, dt.date(index // 12, index % 12 + 1, 1) - dt.timedelta(days=1)


def _week(day: dt.date, shift: int) -> Bounds:
    start = day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=shift)
    return start, start + dt.timedelta(days=6)


def _quarter(day: dt.date, shift: int) -> Bounds:
    return _month(day, shift * 3 - (day.month - 1) % 3, 3)


def _year(day: dt.date, shift: int) -> Bounds:
    return dt.date(day.year + shift, 1, 1), dt.date(day.year + shift, 12, 31)


def _day(day: dt.date, shift: int) -> Bounds:
    there = day + dt.timedelta(days=shift)
    return there, there


_UNITS: dict[str, tuple[Callable[[dt.date, int], Bounds], int]] = {
    "today": (_day, 0),
    "yesterday": (_day, -1),
    "tomorrow": (_day, 1),
    "this_week": (_week, 0),
    "last_week": (_week, -1),
    "next_week": (_week, 1),
    "this_month": (_month, 0),
    "last_month": (_month, -1),
    "next_month": (_month, 1),
    "this_quarter": (_quarter, 0),
    "last_quarter": (_quarter, -1),
    "next_quarter": (_quarter, 1),
    "this_year": (_year, 0),
    "last_year": (_year, -1),
    "next_year": (_year, 1),
}

PERIODS = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "next_month": _("next month"),
    "this_quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "next_quarter": _("next quarter"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "next_year": _("next year"),
}
"""Every period with its words."""


def period(name: str, today: dt.date) -> Bounds:
    """First and last day of a named period, seen from ``today``."""
    bounds, shift = _UNITS[name]
    return bounds(today, shift)
