"""Taking a job back, from its ledger.

The ledger says which records a job created, changed or deleted and in which change; what they were before
stands in the history. How a record is put back is the business of whoever keeps records: it registers one
function here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.core.change import Change
from apps.jobs.choices import CHANGING, TAKEN_BACK, LedgerAction
from apps.jobs.models.jobs import Job, LedgerEntry
from apps.jobs.runner import job_change

CHUNK = 1_000
"""Ledger rows that one step of an undo takes back in one transaction."""


@dataclass(frozen=True)
class Outcome:
    """What became of one ledger row: its record was put back, removed, or left with the reason in words; or the
    row was skipped, since another one of the same record has settled it.
    """

    action: LedgerAction
    message: str = ""


class Restorer(Protocol):
    """Puts the records of ``entries`` (newest row first, all of one type) back to what they were before
    ``entry.change_id``: values from history, created ones into the bin, deleted ones out of it.

    A record that somebody else changed since is left unless ``force``. History rows written by the job or by
    this undo carry the job's id as request id (``entry.job_id``, ``change.request_id``) and don't count as
    somebody else. Returns an outcome for the ``position`` of every entry.
    """

    def __call__(
        self, record_type: str, entries: Sequence[LedgerEntry], *, change: Change, force: bool
    ) -> Mapping[int, Outcome]: ...


_restorer: list[Restorer] = []


def register_restorer(restorer: Restorer) -> None:
    """Say who puts records back. Nothing registered means that an undo fails."""
    _restorer[:] = [restorer]


def undo_step(job: Job) -> bool:
    """One chunk of an undo: the ``undo`` of job kinds whose ledger says all there is to know."""
    if not _restorer:
        raise RuntimeError("No restorer is registered: the records app is not installed.")
    with job_change(job) as change:
        entries = _next_entries(job)
        if not entries:
            return True
        by_type: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in entries:
            by_type[entry.record_type].append(entry)
        outcomes: dict[int, Outcome] = {}
        for record_type, some in sorted(by_type.items()):
            outcomes.update(_restorer[0](record_type, some, change=change, force=bool(job.params.get("force"))))
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(
                    job=job,
                    position=entry.position,
                    record_type=entry.record_type,
                    record_id=entry.record_id,
                    action=outcomes[entry.position].action,
                    change_id=change.id,
                    message=outcomes[entry.position].message,
                    data=entry.data,
                )
                for entry in entries
            ]
        )
        job.advance(done=job.done + len(entries), cursor={"before": entries[-1].position})
    return False


def _next_entries(job: Job) -> list[LedgerEntry]:
    """The next rows to take back, newest first, without those that an earlier undo has settled."""
    rows = LedgerEntry.objects.filter(job=job.undo_of, action__in=CHANGING)
    earlier = LedgerEntry.objects.filter(job__undo_of_id=job.undo_of_id, action__in=TAKEN_BACK)
    rows = rows.exclude(position__in=earlier.exclude(job=job).values("position"))
    if "before" in job.cursor:
        rows = rows.filter(position__lt=job.cursor["before"])
    return list(rows.order_by("-position")[:CHUNK])
