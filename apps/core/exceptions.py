"""What a save or a verb says instead of doing something wrong. Each entrance turns these into its own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """A business rule says no; the message is meant for the person who asked (page 409, API 409)."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


class UnknownType(Exception):
    """A record type key that this workspace doesn't have."""


class StaleRecord(Exception):
    """Somebody saved the record since the submitted version was read (page 409, API 412)."""

    def __init__(self, current: Any, submitted_version: int) -> None:
        super().__init__(str(_("Somebody else has changed this record since you opened it.")))
        self.current = current
        self.submitted_version = submitted_version


class LeavesSight(Exception):
    """The save would hide the record from the person who saves it (409 until she hands it over)."""

    def __init__(self, record: Any, viewers: Sequence[str] = ()) -> None:
        super().__init__(str(_("After this change you would no longer see this record.")))
        self.record = record
        self.viewers = tuple(viewers)
