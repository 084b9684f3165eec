"""Handing events to their readers: nothing lost, nothing twice, whatever process dies when.

Step 1 claims events that were not dispatched, writes a row of work for each reader that wants them and marks
them, all in one statement. Step 2 claims the work of one reader, lets it handle the events and marks the work,
all in one transaction. Claims skip rows that another worker holds, and end with its connection.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid

from django.db import connection, transaction
from django.utils import timezone

from apps.core.events import all_kinds
from apps.core.ids import first_id_at
from apps.events.models import Event, EventWork
from apps.events.readers import Reader, all_readers

logger = logging.getLogger(__name__)

BATCH = 2_000
MAX_ATTEMPTS = 8
"""After so many failures (about two hours) work is parked for a person to look at."""

FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=7)
"""How long handled work is kept as proof."""

CLAIM_SQL = """
WITH claimed AS (
    SELECT id, kind FROM events_event WHERE dispatched_at IS NULL
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
), work AS (
    INSERT INTO events_eventwork (event_id, reader, due_at)
    SELECT claimed.id, wanted.reader, now()
    FROM claimed JOIN unnest(%s::text[], %s::text[]) AS wanted(kind, reader) ON wanted.kind = claimed.kind
    ON CONFLICT (event_id, reader) DO NOTHING
)
UPDATE events_event SET dispatched_at = now() WHERE id = ANY(ARRAY(SELECT id FROM claimed))
"""
"""An array and no join: new tables have no statistics, and a join by hash would read the whole log."""

READ_SQL = """
WITH due AS (
    SELECT id, event_id FROM events_eventwork
    WHERE reader = %s AND done_at IS NULL AND parked_at IS NULL AND due_at <= %s
    ORDER BY due_at, event_id LIMIT %s FOR UPDATE SKIP LOCKED
), handled AS (
    UPDATE events_eventwork SET done_at = %s, attempts = attempts + 1, error = ''
    WHERE id = ANY(ARRAY(SELECT id FROM due))
    RETURNING event_id
)
SELECT * FROM events_event WHERE id = ANY(ARRAY(SELECT event_id FROM handled)) ORDER BY id
"""
"""Claims the next work of a reader, marks it and gives its events; a reader that fails rolls the marks back."""


def dispatch(seconds: float = 20.0) -> bool:
    """Hand out what waits, for at most about ``seconds``; True if something may be left."""
    until = time.monotonic() + seconds
    while dispatch_batch() == BATCH:
        if time.monotonic() > until:
            return True
    for reader in all_readers():
        while read_batch(reader):
            if time.monotonic() > until:
                return True
    return False


def dispatch_batch(limit: int = BATCH) -> int:
    """Turn up to ``limit`` new events into work for readers; returns how many events."""
    wanted = [(kind.key, reader.key) for reader in all_readers() for kind in all_kinds() if reader.wants(kind)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM_SQL, [limit, [kind for kind, _ in wanted], [reader for _, reader in wanted]])
        return int(cursor.rowcount)


def read_batch(reader: Reader) -> int:
    """Let ``reader`` handle its next events; returns how many were claimed, failed ones included."""
    try:
        with transaction.atomic():
            now = timezone.now()
            events = list(Event.objects.raw(READ_SQL, [reader.key, now, reader.batch, now]))
            if events:
                reader.handle(events)
            return len(events)
    except Exception:
        logger.warning("Reader %s failed on a batch; trying one by one", reader.key, exc_info=True)
    return _read_singly(reader)


def _read_singly(reader: Reader) -> int:
    """Handle the next events each in a transaction of its own, so that only the bad ones wait."""
    count = 0
    for _number in range(reader.batch):
        with transaction.atomic():
            work = _claim_one(reader)
            if work is None:
                break
            try:
                with transaction.atomic():
                    reader.handle([work.event])
            except Exception as error:  # noqa: BLE001 - written down below, tried again later
                _postpone(work, error)
            else:
                _mark_done(work)
        count += 1
    return count


def _claim_one(reader: Reader) -> EventWork | None:
    due = EventWork.objects.filter(
        reader=reader.key, done_at__isnull=True, parked_at__isnull=True, due_at__lte=timezone.now()
    )
    ours = due.select_related("event").select_for_update(of=("self",), skip_locked=True)
    return ours.order_by("due_at", "event_id").first()


def _mark_done(work: EventWork) -> None:
    work.done_at, work.attempts, work.error = timezone.now(), work.attempts + 1, ""
    work.save(update_fields=["done_at", "attempts", "error"])


def _postpone(work: EventWork, error: Exception) -> None:
    """Write down a failure: the work comes again after a pause that doubles, or is parked."""
    work.attempts += 1
    work.error = f"{type(error).__name__}: {error}"[:2000]
    now = timezone.now()
    if work.attempts >= MAX_ATTEMPTS:
        work.parked_at = now
        logger.error("Reader %s can't handle event %s; parked", work.reader, work.event_id, exc_info=error)
    work.due_at = now + min(FIRST_PAUSE * 2 ** (work.attempts - 1), LONGEST_PAUSE)
    work.save(update_fields=["attempts", "error", "parked_at", "due_at"])


def release_parked(work_ids: list[uuid.UUID]) -> int:
    """Let parked work be tried again; returns how many rows."""
    parked = EventWork.objects.filter(pk__in=work_ids, parked_at__isnull=False)
    return parked.update(parked_at=None, attempts=0, due_at=timezone.now())


def forget_old_work(limit: int = 10_000) -> int:
    """Delete work that was made more than seven days ago and is done, at most ``limit`` rows at a time.

    Ids tell their time, so the primary key finds old rows without an index of its own.
    """
    before = first_id_at(timezone.now() - KEPT)
    old = EventWork.objects.filter(pk__lt=before, done_at__isnull=False).order_by("pk")
    deleted, _per_model = EventWork.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).delete()
    return deleted
