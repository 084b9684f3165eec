"""How jobs are taken back: their ledgers name records and changes, the history has the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.core.change import Change
from apps.core.registry import registry
from apps.core.saving import restore_records, undo_changes
from apps.jobs.choices import LedgerAction
from apps.jobs.models import LedgerEntry
from apps.jobs.undo import Outcome


def restore_entries(
    record_type: str, entries: Sequence[LedgerEntry], *, change: Change, force: bool
) -> Mapping[int, Outcome]:
    """Put the records of these ledger rows back to what they were before; one outcome a row."""
    found = registry.get(record_type)
    deleted = [entry for entry in entries if entry.action == LedgerAction.DELETED]
    written = [entry for entry in entries if entry.action != LedgerAction.DELETED]
    outcomes: dict[int, Outcome] = {}
    if deleted:
        ids = [entry.record_id for entry in deleted if entry.record_id]
        back = set(restore_records(found, ids, user=None, change=change))
        outcomes |= {entry.position: Outcome(entry.record_id in back) for entry in deleted}
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
