"""A leaver's records go to somebody else: all types, in chunks, as a job."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.registry import RecordType, registry
from apps.core.search import refresh_search
from apps.jobs.choices import LedgerAction
from apps.jobs.kinds import JobKind, register_job
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import job_change, start_job
from apps.jobs.undo import undo_step
from apps.users.choices import UserKind
from apps.users.events import RECORDS_HANDED_OVER
from apps.users.models import User

CHUNK = 2_000
KIND = "hand_over"


def owned_types() -> list[RecordType]:
    """The types whose rows have an owner."""
    return [found for found in registry.all() if hasattr(found.model, "owner_id")]


def count_records(person: User) -> list[tuple[RecordType, int]]:
    """How many records of each type ``person`` owns, those in the bin included; types without any are left out."""
    counted = [(found, found.rows().filter(owner=person).count()) for found in owned_types()]
    return [(found, count) for found, count in counted if count]


def hand_over_records(leaver: User, to: User, *, change: Change) -> Job:
    """Start the job that makes ``to`` the owner of everything that ``leaver`` owns.

    The records go to the team of ``to``. Raises ``Refused`` when ``to`` can't look after them.
    """
    if leaver.pk == to.pk:
        raise Refused(_("Choose somebody else to receive the records."))
    if not to.is_active or to.kind != UserKind.STAFF:
        raise Refused(_("Only staff who can sign in can receive records."))
    total = sum(count for _type, count in count_records(leaver))
    change.record(
        RECORDS_HANDED_OVER.key,
        leaver,
        data={"name": str(leaver), "to": str(to), "count": total, "recipients": [str(to.pk)]},
    )
    return start_job(
        KIND,
        params={"leaver": str(leaver.pk), "to": str(to.pk)},
        by=change.by,
        total=total,
        change=change,
        title=_("Hand over the records of %(leaver)s to %(to)s") % {"leaver": leaver, "to": to},
    )


def hand_over_step(job: Job) -> bool:
    """One chunk: the next records that the leaver still owns. What is handed over is no longer found, so a
    worker that was killed goes on where the last whole chunk ended."""
    leaver, to = uuid.UUID(job.params["leaver"]), User.objects.get(pk=job.params["to"])
    for record_type in owned_types():
        with job_change(job) as change:
            ids = list(record_type.rows().filter(owner_id=leaver).order_by("pk").values_list("pk", flat=True)[:CHUNK])
            if not ids:
                continue
            rows = record_type.rows().filter(pk__in=ids)
            list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            rows.update(owner_id=to.pk, team_id=to.team_id)
            refresh_search(record_type, ids)
            change.record_many("record.changed", record_type.key, ids, ["owner", "team"])
            _write_ledger(job, record_type, ids, change)
            counts = {**(job.result or {})}
            counts[record_type.key] = counts.get(record_type.key, 0) + len(ids)
            job.advance(done=job.done + len(ids), cursor={"type": record_type.key}, result=counts)
        return False
    return True


def _write_ledger(job: Job, record_type: RecordType, ids: list[uuid.UUID], change: Change) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            job=job,
            position=job.done + number,
            record_type=record_type.key,
            record_id=record_id,
            action=LedgerAction.UPDATED,
            change_id=change.id,
        )
        for number, record_id in enumerate(ids, start=1)
    )


def register() -> None:
    """Make the job kind known."""
    register_job(JobKind(KIND, gettext_lazy("Hand over records"), step=hand_over_step, undo=undo_step))
