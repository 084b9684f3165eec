"""Telling people: the reader that fills the bell."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection

from apps.core.events import EventKind, kind_of
from apps.core.live import Message, push_on_commit, user_topic
from apps.events.models import Event

INSERT_SQL = """
INSERT INTO events_notification
    (id, user_id, kind, collapse, count, record_type, record_id, actor_id, data, created_at)
SELECT uuidv7(), person.id, new.kind, new.collapse, new.count, event.record_type, event.record_id,
       event.actor_id, event.data, event.at
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::uuid[])
     AS new(user_id, kind, collapse, count, event_id)
JOIN events_event event ON event.id = new.event_id
JOIN {people} person ON person.id = new.user_id AND person.is_active
ORDER BY person.id, new.collapse
ON CONFLICT (user_id, collapse) DO UPDATE
SET count = events_notification.count + excluded.count, read_at = NULL, created_at = excluded.created_at
"""


@dataclass(frozen=True)
class _Key:
    user_id: uuid.UUID
    kind: str
    collapse: str


def wants_notifications(kind: EventKind) -> bool:
    """Only kinds that name somebody to tell become work."""
    return kind.notify is not None


def notify(events: list[Event]) -> None:
    """Write one notification for each person and job (or change), however many records it touched."""
    counts: Counter[_Key] = Counter()
    examples: dict[_Key, Event] = {}
    for event in events:
        kind = kind_of(event.kind)
        for user_id in set(kind.notify(event) if kind.notify else ()):
            if user_id != event.actor_id or kind.tell_actor:
                key = _Key(user_id, event.kind, collapse_key(event))
                counts[key] += 1
                examples.setdefault(key, event)
    if not counts:
        return
    keys = sorted(counts, key=lambda key: (str(key.user_id), key.collapse))
    sql = INSERT_SQL.format(people=get_user_model()._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            [
                [key.user_id for key in keys],
                [key.kind for key in keys],
                [key.collapse for key in keys],
                [counts[key] for key in keys],
                [examples[key].pk for key in keys],
            ],
        )
    people = sorted({str(key.user_id) for key in keys})
    push_on_commit(*(Message("notification", "notification", group=user_topic(person)) for person in people))


def collapse_key(event: Event) -> str:
    """What becomes one message: the events of one kind by one job, else by one change."""
    return f"{event.kind}:{event.data.get('job') or event.change_id}"
