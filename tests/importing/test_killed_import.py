"""An import whose worker is killed with -9 in the middle loses no row and doubles none; so does its undo."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.events.models import Event
from apps.jobs.choices import JobState
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import undo_job
from apps.jobs.tasks import sweep
from apps.records.importing.mapping import ImportPlan, suggest
from apps.records.importing.services import keep_upload, start_import
from tests.processes import wait_until, worker

SOLO = ("--pool", "solo")
ROWS = 12_000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def start(by: Any) -> Job:
    lines = ["Name,External ID,City", *(f"Company {number},K{number},Porto" for number in range(ROWS))]
    definition = definition_for("company", by)
    with change(by=by, source=Source.PAGE) as opened:
        stored, layout = keep_upload(["\n".join(lines).encode()], name="many.csv", by=by, change=opened)
        plan = ImportPlan(suggest(definition, layout.columns))
        return start_import(definition, stored, layout, plan, by=by, change=opened)


def past(job: Job, rows: int) -> bool:
    job.refresh_from_db()
    return job.done >= rows or not job.is_active


def killed_and_resumed(job: Job, environment: dict[str, str], folder: Path) -> None:
    """Kill the worker between two chunks, let the lease run out, and let another worker finish."""
    with worker(environment, folder / f"{job.pk}-first.log", "crm_project.celery", *SOLO) as first:
        wait_until(lambda: past(job, 1_000), what="the first chunk")
        first.kill()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING, "it was killed in the middle"
    assert 0 < job.done < ROWS
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    with worker(environment, folder / f"{job.pk}-second.log", "crm_project.celery", *SOLO):
        sweep.apply_async()
        wait_until(lambda: past(job, 10 * ROWS), seconds=90, what="the end of the job")
    assert (job.state, job.error_details) == (JobState.DONE, "")


def test_import_and_undo_survive_a_killed_worker(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    job = start(olga)
    killed_and_resumed(job, process_environment, tmp_path)
    assert job.result["counts"] == {"created": ROWS}
    assert Company.objects.count() == ROWS
    assert set(Company.objects.values_list("external_id", flat=True)) == {f"K{number}" for number in range(ROWS)}
    assert LedgerEntry.objects.filter(job=job).count() == ROWS
    assert Company.history.count() == ROWS
    assert Event.objects.filter(kind="record.created", record_type="company").count() == ROWS
    with change(by=olga, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
    killed_and_resumed(undo, process_environment, tmp_path)
    assert not Company.objects.filter(deleted_at=None).exists()
    assert LedgerEntry.objects.filter(job=undo, action="removed").count() == ROWS
