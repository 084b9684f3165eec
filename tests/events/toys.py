"""Toy event kinds and readers for tests. A reader leaves one outbox message for each event it handles."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from apps.core.events import EventKind, recipients_in_data, register_kind
from apps.events.models import Event
from apps.events.readers import Reader, register_reader
from apps.messaging.models import OutboxMessage

RUNG = register_kind(EventKind("toy.rung", "%(actor)s rang %(record)s"))
SHARED = register_kind(
    EventKind(
        "toy.shared",
        "%(actor)s shared %(record)s with you",
        sentence_many="%(actor)s shared %(count)s records with you",
        notify=recipients_in_data,
    )
)


def write_down(events: list[Event]) -> None:
    """Handle toy events; one whose data says ``poison`` can't be handled, one with ``kill`` ends the process
    the first time, before the transaction is committed."""
    for event in events:
        OutboxMessage.objects.create(sender="toy-reader", subject=str(event.pk))
        if event.data.get("poison"):
            raise ValueError("poisoned")
        flag = Path(event.data.get("kill", "/nonexistent/flag"))
        if flag.exists():
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


READER = register_reader(Reader("toy", write_down, wants=lambda kind: kind.key.startswith("toy."), batch=50))
