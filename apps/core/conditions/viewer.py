"""Whose eyes a condition is read with: ``@me``, ``@today``, and what is in sight."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from apps.core.access import RecordQuerySet
from apps.core.registry import Definition, RecordType, definition_for


def zone_of(user: Any) -> dt.tzinfo:
    """The time zone that ``user`` chose, else that of this request."""
    name = getattr(user, "time_zone", "")
    if not name:
        return timezone.get_current_timezone()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_current_timezone()


@dataclass(frozen=True)
class Viewer:
    """A person (None: the system, who sees everything but the bin), at one moment, in one time zone."""

    user: Any
    now: dt.datetime = field(default_factory=timezone.now)
    zone: dt.tzinfo | None = None

    @cached_property
    def time_zone(self) -> dt.tzinfo:
        """The zone given, else the person's own."""
        return self.zone or zone_of(self.user)

    @cached_property
    def today(self) -> dt.date:
        """The calendar day it is for the viewer."""
        return self.now.astimezone(self.time_zone).date()

    def start_of(self, day: dt.date) -> dt.datetime:
        """The moment at which ``day`` begins for the viewer."""
        return dt.datetime.combine(day, dt.time.min, tzinfo=self.time_zone)

    def definition(self, type_key: str) -> Definition:
        """A record type as the viewer sees it. Raises ``UnknownType``."""
        return definition_for(type_key, self.user)

    def rows(self, record_type: RecordType, action: str = "view") -> RecordQuerySet[Any]:
        """The records of a type that the viewer may do ``action`` to."""
        if self.user is None:
            return record_type.rows().filter(deleted_at=None)
        return record_type.visible_to(self.user, action)
