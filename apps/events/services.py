"""The verbs of notifications."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from apps.core.live import Message, push_on_commit, user_topic
from apps.events.models import Notification


def mark_as_read(user: Any, *, now: dt.datetime, only: Sequence[uuid.UUID] | None = None) -> int:
    """Mark notifications of ``user`` as read, all or ``only`` some; her other open pages hear of it."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if only is not None:
        unread = unread.filter(pk__in=only)
    changed = unread.update(read_at=now)
    if changed:
        push_on_commit(Message("notification", "read", group=user_topic(user.pk)))
    return changed
