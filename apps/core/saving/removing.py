"""Deleting puts records into the bin for 30 days; restoring takes them out again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

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
        raise ValidationError(constraint_errors(record_type.model, error)) from None
    refresh_search(record_type, found)
    change.record_many("record.restored", record_type.key, found)
    return found
