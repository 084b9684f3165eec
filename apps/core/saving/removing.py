"""Deleting puts records into the bin for 30 days; restoring takes them out again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from apps.core.change import Change
from apps.core.registry import RecordType
from apps.core.saving.one import constraint_errors
from apps.core.search import refresh_search


def delete_records(record_type: RecordType, ids: Sequence[uuid.UUID], *, user: Any, change: Change) -> list[uuid.UUID]:
    """Put those of ``ids`` into the bin that ``user`` may delete; returns their ids. Parts go with them."""
    rows = record_type.rows().filter(deleted_at=None) if user is None else record_type.visible_to(user, "delete")
    found = list(rows.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    if found:
        record_type.rows().filter(pk__in=found).update(deleted_at=change.at)
        refresh_search(record_type, found)
        change.record_many("record.deleted", record_type.key, found)
    return found


def restore_records(
    record_type: RecordType, ids: Sequence[uuid.UUID], *, user: Any, change: Change
) -> list[uuid.UUID]:
    """Take records out of the bin; returns their ids.

    Raises ``ValidationError`` when a unique value is taken meanwhile: nothing is restored then.
    """
    rows = record_type.rows()
    if user is not None:
        rows = rows.reachable_by(user, "delete", type_key=record_type.key)
    binned = rows.filter(pk__in=ids).exclude(deleted_at=None).order_by("pk")
    found = list(binned.select_for_update(of=("self",)).values_list("pk", flat=True))
    if not found:
        return []
    try:
        with transaction.atomic():
            record_type.rows().filter(pk__in=found).update(deleted_at=None)
    except IntegrityError as error:
        raise ValidationError(constraint_errors(record_type, error)) from None
    refresh_search(record_type, found)
    change.record_many("record.restored", record_type.key, found)
    return found


BIN_DAYS = 30
"""Days that a record stays in the bin."""
PURGE_ROWS = 1_000


def purge_bin(record_type: RecordType, *, change: Change, rows: int = PURGE_ROWS) -> list[uuid.UUID]:
    """Delete for good what has been in the bin for 30 days, oldest first; returns the ids.

    A record that others still refer to stays until they go or let go of it. History remains.
    """
    old = record_type.rows().filter(deleted_at__lt=change.at - dt.timedelta(days=BIN_DAYS)).order_by("deleted_at")
    return _purge(record_type, old.select_for_update(of=("self",), skip_locked=True)[:rows], change)


def purge_records(record_type: RecordType, *, change: Change, rows: int = PURGE_ROWS) -> list[uuid.UUID]:
    """Delete records of a type for good, whether in the bin or not; returns the ids, none when all are gone.

    For a type that goes as a whole. A record that others still refer to stays.
    """
    return _purge(record_type, record_type.rows().order_by("pk").select_for_update(of=("self",))[:rows], change)


def _purge(record_type: RecordType, found: Iterable[Any], change: Change) -> list[uuid.UUID]:
    purged = []
    for record in found:
        with suppress(ProtectedError), transaction.atomic():
            pk = record.pk
            record.delete()
            purged.append(pk)
    refresh_search(record_type, purged)
    change.record_many("record.purged", record_type.key, purged)
    return purged
