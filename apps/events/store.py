"""Keeping the events of a change, in the transaction of the change."""

from __future__ import annotations

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from apps.core.change import Change, PendingEvent
from apps.core.events import kind_of
from apps.core.saving import uuid_array
from apps.events import tasks
from apps.events.models import Event

SET_SQL = """
INSERT INTO events_event (id, kind, record_type, record_id, change_id, actor_id, source, at, fields, data)
SELECT uuidv7(), %s, %s, one.record_id, %s, %s, %s, %s, %s, %s
FROM unnest(%s::uuid[]) AS one(record_id)
"""


def store_events(change: Change, pending: list[PendingEvent]) -> None:
    """Write the events of ``change``: those of single records together, each set by one statement.

    Raises ``UnknownKind`` for a kind that nobody registered, which undoes the change.
    """
    for event in pending:
        kind_of(event.kind)
    Event.objects.bulk_create(
        [
            Event(
                kind=event.kind,
                record_type=event.record_type,
                record_id=event.record_ids[0],
                change_id=change.id,
                actor_id=change.actor_id,
                source=change.source,
                at=change.at,
                fields=list(event.fields),
                data=dict(event.data),
            )
            for event in pending
            if len(event.record_ids) == 1
        ]
    )
    for event in pending:
        if len(event.record_ids) > 1:
            _store_set(change, event)
    tasks.dispatch.delay_on_commit()


def _store_set(change: Change, event: PendingEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            SET_SQL,
            [
                event.kind,
                event.record_type,
                change.id,
                change.actor_id,
                change.source.value,
                change.at,
                list(event.fields),
                json.dumps(dict(event.data), cls=DjangoJSONEncoder),
                uuid_array(event.record_ids),
            ],
        )
