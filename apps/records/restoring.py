"""How jobs are taken back: their ledgers name records and changes, the history has the values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import RecordType, registry
from apps.core.saving import restore_records, undo_changes
from apps.jobs.choices import LedgerAction
from apps.jobs.models import LedgerEntry
from apps.jobs.undo import Outcome


def restore_entries(
    record_type: str, entries: Sequence[LedgerEntry], *, change: Change, force: bool
) -> Mapping[int, Outcome]:
    """Put the records of these ledger rows back to what they were before; one outcome a row.

    Records that whoever undoes can't see any more are left: rights count as they are now.
    """
    found = registry.get(record_type)
    reached = _reached(found, [entry.record_id for entry in entries if entry.record_id], change.by, force=force)
    out_of_sight = Outcome(False, _("You may not see this record any more."))
    outcomes = {entry.position: out_of_sight for entry in entries if entry.record_id not in reached}
    entries = [entry for entry in entries if entry.record_id in reached]
    deleted = [entry for entry in entries if entry.action == LedgerAction.DELETED]
    written = [entry for entry in entries if entry.action != LedgerAction.DELETED]
    if deleted:
        refused = _take_out_of_bin(found, sorted({e.record_id for e in deleted if e.record_id}), change)
        outcomes |= {
            entry.position: Outcome(entry.record_id not in refused, refused.get(entry.record_id, ""))
            for entry in deleted
        }
    if written:
        undone = undo_changes(
            found,
            [entry.record_id for entry in written if entry.record_id],
            {entry.change_id for entry in written if entry.change_id},
            change=change,
            force=force,
            own_requests={str(entry.job_id) for entry in written} | {change.request_id},
        )
        for entry in written:
            outcome = undone.get(entry.record_id) if entry.record_id else None
            taken_back = outcome is not None and outcome.action in {"restored", "deleted"}
            words = "" if outcome is None else " ".join(m for group in outcome.errors.values() for m in group)
            outcomes[entry.position] = Outcome(taken_back, words)
    return outcomes


def _reached(record_type: RecordType, ids: Sequence[uuid.UUID], user: Any, *, force: bool) -> set[uuid.UUID]:
    """The records that whoever undoes may see now; forcing over other people's changes needs more."""
    rows = record_type.rows().filter(pk__in=ids)
    if user is not None:
        rows = rows.reachable_by(user, "change" if force else "view", type_key=record_type.key)
    return set(rows.values_list("pk", flat=True))


def _take_out_of_bin(record_type: RecordType, ids: Sequence[uuid.UUID], change: Change) -> dict[Any, str]:
    """Restore what can be; why the others stay, by id. A taken key is found by halving and costs no other record."""
    try:
        back = restore_records(record_type, ids, user=None, change=change)
    except ValidationError as error:
        if len(ids) == 1:
            return {ids[0]: " ".join(error.messages)}
        middle = len(ids) // 2
        return _take_out_of_bin(record_type, ids[:middle], change) | _take_out_of_bin(
            record_type, ids[middle:], change
        )
    return {pk: _("Changed since by somebody else.") for pk in set(ids) - set(back)}
