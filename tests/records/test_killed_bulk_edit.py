"""A bulk edit whose worker is killed with -9 in the middle changes every record once; so does its undo."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.listing import Selection
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_many
from apps.events.models import Event
from apps.jobs.choices import JobState
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import undo_job
from apps.jobs.tasks import sweep
from apps.records.bulk import Chosen, start_edit
from tests.processes import wait_until, worker

SOLO = ("--pool", "solo")
ROWS = 12_000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def companies(by: Any) -> None:
    """Half of them stand in Faro already, so that the edit meets rows that it leaves alone."""
    definition = definition_for("company", by)
    submissions = []
    for number in range(ROWS):
        city = "Faro" if number % 2 else "Porto"
        values, errors = clean_values(definition, {"name": f"Company {number}", "city": city}, partial=True)
        assert not errors
        submissions.append(Submission(definition, by, values))
    for start in range(0, ROWS, 4_000):
        with change(by=by, source=Source.PAGE) as opened:
            save_many(definition, submissions[start : start + 4_000], user=by, change=opened)


def edit(by: Any) -> Job:
    with change(by=by, source=Source.PAGE) as opened:
        chosen = Chosen(definition_for("company", by), selection=Selection())
        return start_edit(chosen, {"city": "Faro"}, hand_over=False, user=by, total=ROWS, change=opened)


def past(job: Job, rows: int) -> bool:
    job.refresh_from_db()
    return job.done >= rows or not job.is_active


def killed_and_resumed(job: Job, total: int, environment: dict[str, str], folder: Path) -> None:
    """Kill the worker between two chunks, let the lease run out, and let another worker finish."""
    with worker(environment, folder / f"{job.pk}-first.log", "crm_project.celery", *SOLO) as first:
        wait_until(lambda: past(job, 500), what="the first chunk")
        first.kill()
        first.wait()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING, "it was killed in the middle"
    assert 0 < job.done < total
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    with worker(environment, folder / f"{job.pk}-second.log", "crm_project.celery", *SOLO):
        sweep.apply_async()
        wait_until(lambda: past(job, 10 * ROWS), seconds=120, what="the end of the job")
    assert (job.state, job.error_details) == (JobState.DONE, "")


def test_bulk_edit_and_undo_survive_a_killed_worker(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    companies(olga)
    job = edit(olga)
    killed_and_resumed(job, ROWS, process_environment, tmp_path)
    assert Company.objects.filter(city="Faro").count() == ROWS
    ledger = LedgerEntry.objects.filter(job=job)
    assert ledger.values("record_id").distinct().count() == ledger.count()
    assert ledger.filter(action="updated").count() == ROWS // 2
    # One version of each record from its making, and one more where the edit changed something.
    assert Company.history.count() == ROWS + ROWS // 2
    assert Event.objects.filter(kind="record.changed", record_type="company").count() == ROWS // 2
    with change(by=olga, source=Source.PAGE) as opened:
        undo = undo_job(job, change=opened)
    killed_and_resumed(undo, ROWS // 2, process_environment, tmp_path)
    assert Company.objects.filter(city="Porto").count() == ROWS // 2
    assert Company.objects.filter(city="Faro").count() == ROWS // 2
    assert Company.history.count() == 2 * ROWS
