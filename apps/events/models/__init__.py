"""The event log, the readers' work and notifications. These are no records: no acl, no history."""

from apps.events.models.events import Event, EventWork
from apps.events.models.notifications import Notification

__all__ = ["Event", "EventWork", "Notification"]
