"""How jobs are taken back: their ledgers name records and changes, the history has the values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import RecordType, registry
from apps.core.saving import Outcome as Undone
from apps.core.saving import restore_records, undo_changes
from apps.jobs.choices import LedgerAction
from apps.jobs.models import LedgerEntry
from apps.jobs.undo import Outcome


def restore_entries(
    record_type: str, entries: Sequence[LedgerEntry], *, change: Change, force: bool
) -> Mapping[int, Outcome]:
    """Put the records of these ledger rows back to what they were before; one outcome a row.

    Records that whoever undoes can't see any more are left: rights count as they are now. Where several rows are
    about one record, the newest says what became of it.
    """
    found = registry.get(record_type)
    reached = _reached(found, [entry.record_id for entry in entries if entry.record_id], change.by, force=force)
    out_of_sight = Outcome(LedgerAction.LEFT, _("You may not see this record any more."))
    outcomes = {entry.position: out_of_sight for entry in entries if entry.record_id not in reached}
    first: dict[uuid.UUID, LedgerEntry] = {}
    for entry in entries:
        if entry.record_id in reached and first.setdefault(entry.record_id, entry) is not entry:
            outcomes[entry.position] = _settled()
    deleted = [pk for pk, entry in first.items() if entry.action == LedgerAction.DELETED]
    written = [pk for pk, entry in first.items() if entry.action != LedgerAction.DELETED]
    if deleted:
        refused = _take_out_of_bin(found, sorted(deleted), change)
        for pk in deleted:
            action = LedgerAction.LEFT if pk in refused else LedgerAction.RESTORED
            outcomes[first[pk].position] = Outcome(action, refused.get(pk, ""))
    if written:
        undone = undo_changes(
            found,
            written,
            {entry.change_id for entry in entries if entry.change_id},
            change=change,
            force=force,
            own_requests={str(entry.job_id) for entry in entries} | {change.request_id},
        )
        for pk in written:
            outcomes[first[pk].position] = _outcome(undone.get(pk))
    return outcomes


_ACTIONS = {
    "restored": LedgerAction.RESTORED,
    "deleted": LedgerAction.REMOVED,
}


def _outcome(undone: Undone | None) -> Outcome:
    """What became of a record, in the words of the ledger; None for one that is gone."""
    if undone is None:
        return Outcome(LedgerAction.LEFT, _("There is no such record."))
    if undone.action == "repeated":
        return _settled()
    words = " ".join(message for group in undone.errors.values() for message in group)
    return Outcome(_ACTIONS.get(undone.action, LedgerAction.LEFT), words)


def _settled() -> Outcome:
    return Outcome(LedgerAction.SKIPPED, _("Another row of the same record has said what became of it."))


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
