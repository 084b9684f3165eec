"""Toy job kinds for tests: each row done leaves one outbox message, in a table that doesn't mind doubles."""

from __future__ import annotations

import time
from pathlib import Path

from django.db import OperationalError

from apps.core.exceptions import Refused
from apps.jobs.choices import LedgerAction
from apps.jobs.kinds import JobKind, register_job
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import job_change
from apps.jobs.undo import undo_step
from apps.messaging.models import OutboxMessage

CHUNK = 10
RECORD_TYPE = "toy"


def count_step(job: Job) -> bool:
    """Do the next ten rows. ``pause`` seconds pass inside the transaction; ``trouble`` names a row that fails."""
    start = job.cursor.get("next", 1)
    end = min(start + CHUNK - 1, job.params["rows"])
    if start > end:
        return True
    with job_change(job) as change:
        rows = range(start, end + 1)
        OutboxMessage.objects.bulk_create([OutboxMessage(sender=str(job.pk), subject=str(row)) for row in rows])
        LedgerEntry.objects.bulk_create(
            [
                LedgerEntry(
                    job=job,
                    position=row,
                    record_type=RECORD_TYPE,
                    action=LedgerAction.REFUSED if row in job.params.get("refused", ()) else LedgerAction.CREATED,
                    message="An odd row." if row in job.params.get("refused", ()) else "",
                    change_id=change.id,
                )
                for row in rows
            ]
        )
        if job.params.get("flag"):
            Path(job.params["flag"]).write_text(str(start))
        time.sleep(job.params.get("pause", 0))
        crash(job)
        if job.params.get("trouble") in rows:
            if job.params.get("refuse"):
                raise Refused("Row 15 says no.")
            raise ZeroDivisionError("secret detail")
        job.advance(done=end, cursor={"next": end + 1})
    return False


def crash(job: Job) -> None:
    """Stands for a lost connection while the file ``params["crash_flag"]`` exists, so once."""
    flag = Path(job.params.get("crash_flag", "/nonexistent/flag"))
    if flag.exists():
        flag.unlink()
        raise OperationalError("the connection is gone")


def careless_step(job: Job) -> bool:
    """What a step must never do: its rows and its cursor in two transactions."""
    start = job.cursor.get("next", 1)
    end = min(start + CHUNK - 1, job.params["rows"])
    if start > end:
        return True
    with job_change(job):
        OutboxMessage.objects.bulk_create(
            [OutboxMessage(sender=str(job.pk), subject=str(row)) for row in range(start, end + 1)]
        )
    crash(job)
    with job_change(job):
        job.advance(done=end, cursor={"next": end + 1})
    return False


def idle_step(job: Job) -> bool:
    """Never gets anywhere."""
    return False


COUNT = register_job(
    JobKind(
        "toy.count",
        "Count",
        count_step,
        undo=undo_step,
        title=lambda params: f"Count to {params['rows']}",
    )
)
CARELESS = register_job(JobKind("toy.careless", "Careless", careless_step))
IDLE = register_job(JobKind("toy.idle", "Idle", idle_step))
