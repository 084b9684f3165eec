"""Wake-ups for jobs. The state of a job stands in the database; a lost wake-up is found by the sweep."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.core.tasks import WorkspaceTask, on_sweep
from apps.jobs.idempotency import forget_old_keys
from apps.jobs.runner import run_job
from apps.jobs.sweeping import jobs_to_start_again

TURN = 20.0
"""Seconds after which a job goes to the end of the queue: few workers serve many jobs, and events go between."""


@shared_task(base=WorkspaceTask, name="jobs.run")
def run(job_id: str) -> None:
    if run_job(uuid.UUID(job_id), seconds=TURN):
        run.apply_async([job_id])


@on_sweep
@shared_task(base=WorkspaceTask, name="jobs.sweep")
def sweep() -> None:
    for job_id in jobs_to_start_again():
        run.apply_async([str(job_id)], expires=60)
    forget_old_keys()
