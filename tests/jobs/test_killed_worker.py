"""A worker killed with -9 in the middle loses nothing and doubles nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.core.change import Source, change
from apps.events.models import Event, Notification
from apps.jobs.choices import JobState
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.services import run_job, start_job
from apps.jobs.tasks import sweep
from apps.messaging.models import OutboxMessage
from tests.jobs import toys
from tests.jobs.workers import wait_for, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS = 60


def start(by: Any, flag: Path, pause: float) -> Job:
    with change(by=by, source=Source.PAGE) as opened:
        params = {"rows": ROWS, "pause": pause, "flag": str(flag)}
        return start_job("toy.count", params=params, by=by, total=ROWS, change=opened)


def rows_of(job: Job) -> Counter[int]:
    return Counter(int(message.subject) for message in OutboxMessage.objects.filter(sender=str(job.pk)))


def ended(job: Job) -> bool:
    job.refresh_from_db()
    return not job.is_active


def test_a_job_killed_inside_a_chunk_goes_on_with_the_next_worker(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    flag = tmp_path / "chunk"
    job = start(olga, flag, pause=0.5)
    with worker(process_environment, tmp_path / "first.log") as first:
        wait_for(lambda: flag.exists() and flag.read_text() == "31", "the fourth chunk")
        first.kill()
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.RUNNING, 30)
    assert rows_of(job) == Counter(range(1, 31))

    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    with worker(process_environment, tmp_path / "second.log"):
        sweep.apply_async()
        wait_for(lambda: ended(job), "the end of the job")
        wait_for(lambda: Notification.objects.filter(user=olga).exists(), "the notification")
    assert (job.state, job.done, job.error_details) == (JobState.DONE, ROWS, "")
    assert rows_of(job) == Counter(range(1, ROWS + 1))
    assert LedgerEntry.objects.filter(job=job).count() == ROWS
    assert Event.objects.filter(kind="job.done", record_id=job.pk).count() == 1
    assert Notification.objects.get(user=olga).count == 1


def test_two_workers_never_run_one_job_at_once(olga: Any, process_environment: dict[str, str], tmp_path: Path) -> None:
    flag = tmp_path / "chunk"
    job = start(olga, flag, pause=0.3)
    with worker(process_environment, tmp_path / "worker.log"):
        wait_for(flag.exists, "the first chunk")
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        run_job(job.pk)
        job.refresh_from_db()
        assert job.done < ROWS
        wait_for(lambda: ended(job), "the end of the job")
    assert rows_of(job) == Counter(range(1, ROWS + 1))


def test_a_job_whose_wake_up_was_lost_is_found_by_the_sweep(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    job = Job.objects.create(
        kind="toy.count",
        title="Lost",
        params={"rows": 15},
        by=olga,
        lease_until=timezone.now() - dt.timedelta(seconds=1),
    )
    sweep.apply_async()
    with worker(process_environment, tmp_path / "worker.log"):
        wait_for(lambda: ended(job), "the end of the job")
    assert rows_of(job) == Counter(range(1, 16))


def test_the_toy_kind_is_really_registered() -> None:
    assert toys.COUNT.key == "toy.count"
