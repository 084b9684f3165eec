"""Calendar dates and moments."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.core.dates import date_text
from apps.core.kinds.base import DATE_OPERATORS, Kind

if TYPE_CHECKING:
    from apps.core.fields import Field


class Date(Kind):
    key, label, operators, sql_type = "date", _("Date"), DATE_OPERATORS, "date"
    empty = None
    json_type = {"type": "string", "format": "date"}

    @staticmethod
    def parse(raw: Any) -> dt.date | None:
        """The day ``raw`` spells, as YYYY-MM-DD where it is a text. Raises ``ValidationError``."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, dt.datetime):
            return raw.date()
        if isinstance(raw, dt.date):
            return raw
        try:
            day = parse_date(raw.strip()) if isinstance(raw, str) else None
        except ValueError:
            day = None
        if day is None:
            raise ValidationError(_("Give a date as YYYY-MM-DD."), code="type")
        return day

    def clean(self, raw: Any, field: Field) -> dt.date | None:
        day = self.parse(raw)
        if day is None:
            return None
        if field.min_value is not None and day < field.min_value:
            raise ValidationError(_("Give a day from %(day)s on."), "range", {"day": date_text(field.min_value)})
        if field.max_value is not None and day > field.max_value:
            raise ValidationError(_("Give a day up to %(day)s."), "range", {"day": date_text(field.max_value)})
        return day

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, value: Any) -> Any:
        return None if value is None else parse_date(str(value))

    def to_text(self, value: Any, field: Field) -> str:
        return "" if value is None else value.isoformat()

    def widget(self, field: Field) -> forms.Widget:
        return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class DateTime(Kind):
    key, label, operators, sql_type = "datetime", _("Date and time"), DATE_OPERATORS, "timestamptz"
    empty = None
    json_type = {"type": "string", "format": "date-time"}

    def clean(self, raw: Any, field: Field) -> dt.datetime | None:
        if raw is None or raw == "":
            return None
        moment = raw
        if isinstance(raw, str):
            try:
                moment = parse_datetime(raw.strip())
            except ValueError:
                moment = None
        if not isinstance(moment, dt.datetime):
            raise ValidationError(_("Give a date and time as YYYY-MM-DDThh:mm."), code="type")
        try:
            aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            # A day to spare on both sides, so that no reader's time zone leads out of the calendar.
            for spare in (dt.timedelta(days=-1), dt.timedelta(days=1)):
                aware.astimezone(dt.UTC) + spare
        except (ValueError, OverflowError):
            raise ValidationError(_("Give a date and time as YYYY-MM-DDThh:mm."), code="type") from None
        # PostgreSQL reads no offset of 16 hours or more.
        far = abs(aware.utcoffset() or dt.timedelta()) >= dt.timedelta(hours=16)
        return aware.astimezone(dt.UTC) if far else aware

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, value: Any) -> Any:
        return None if value is None else parse_datetime(str(value))

    def to_text(self, value: Any, field: Field) -> str:
        return "" if value is None else value.isoformat()

    def widget(self, field: Field) -> forms.Widget:
        return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
