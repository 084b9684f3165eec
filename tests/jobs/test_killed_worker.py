"""A worker killed with -9 in the middle loses nothing and doubles nothing."""

from __future__ import annotations

import datetime as dt
import os
import signal
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
from tests.processes import wait_until, worker

SOLO = ("--pool", "solo", "--include", "tests.jobs.toys,tests.events.toys")
"""One process for worker and task, so that killing it kills the task."""

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
    with worker(process_environment, tmp_path / "first.log", "crm_project.celery", *SOLO) as first:
        wait_until(lambda: flag.exists() and flag.read_text() == "31", what="the fourth chunk")
        first.kill()
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.RUNNING, 30)
    assert rows_of(job) == Counter(range(1, 31))

    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    with worker(process_environment, tmp_path / "second.log", "crm_project.celery", *SOLO):
        sweep.apply_async()
        wait_until(lambda: ended(job), what="the end of the job")
        wait_until(lambda: Notification.objects.filter(user=olga).exists(), what="the notification")
    assert (job.state, job.done, job.error_details) == (JobState.DONE, ROWS, "")
    assert rows_of(job) == Counter(range(1, ROWS + 1))
    assert LedgerEntry.objects.filter(job=job).count() == ROWS
    assert Event.objects.filter(kind="job.done", record_id=job.pk).count() == 1
    assert Notification.objects.get(user=olga).count == 1


def test_a_job_whose_worker_process_alone_is_killed_goes_on_by_itself(
    olga: Any, process_environment: dict[str, str], tmp_path: Path
) -> None:
    """What the kernel does when memory runs out: the parent lives on and gives the message back."""
    flag = tmp_path / "chunk"
    job = start(olga, flag, pause=0.5)
    with worker(process_environment, tmp_path / "worker.log", "crm_project.celery", "--include", SOLO[-1]) as parent:
        wait_until(lambda: flag.exists() and flag.read_text() == "21", what="the third chunk")
        for child in children_of(parent.pid):
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: ended(job), what="the end of the job")
    assert rows_of(job) == Counter(range(1, ROWS + 1))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_two_workers_never_run_one_job_at_once(olga: Any, process_environment: dict[str, str], tmp_path: Path) -> None:
    flag = tmp_path / "chunk"
    job = start(olga, flag, pause=0.3)
    with worker(process_environment, tmp_path / "worker.log", "crm_project.celery", *SOLO):
        wait_until(flag.exists, what="the first chunk")
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        run_job(job.pk)
        job.refresh_from_db()
        assert job.done < ROWS
        wait_until(lambda: ended(job), what="the end of the job")
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
    with worker(process_environment, tmp_path / "worker.log", "crm_project.celery", *SOLO):
        wait_until(lambda: ended(job), what="the end of the job")
    assert rows_of(job) == Counter(range(1, 16))


def test_the_toy_kind_is_really_registered() -> None:
    assert toys.COUNT.key == "toy.count"
