"""Running a job: chunk after chunk, by one worker at a time, until it is done, stopped or taken away.

Two things keep a job from being done twice. A worker holds an advisory lock for as long as its connection
lives, so a killed worker is known at once and a slow one is left alone. And each chunk is written only if the
job still carries this worker's token, so a worker that lost its connection can't write behind another's back.
"""

from __future__ import annotations

import logging
import math
import time
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.change import Change, Source, change
from apps.core.exceptions import Refused
from apps.core.ids import uuid7
from apps.core.live import Message, push, user_topic
from apps.core.workspace import current_schema
from apps.jobs.choices import ACTIVE, JobState
from apps.jobs.events import JOB_CANCELLED, JOB_DONE, JOB_FAILED
from apps.jobs.kinds import Step, UnknownJobKind, job_kind
from apps.jobs.models.jobs import LEASE, Job, LeaseLost

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""A job that is started so often without finishing one chunk is given up."""

END_EVENTS = {JobState.DONE: JOB_DONE, JobState.FAILED: JOB_FAILED, JobState.CANCELLED: JOB_CANCELLED}


@contextmanager
def job_change(job: Job) -> Iterator[Change]:
    """Open the change of one chunk. Its request id is the job's id, so history tells which job wrote."""
    source = job_kind(job.kind).source
    with change(by=job.by, source=source, reason=job.title, request_id=str(job.pk)) as opened:
        yield opened


def run_job(job_id: uuid.UUID, *, seconds: float = math.inf) -> bool:
    """Run a job until it ends or somebody else has it. Calling it for any job at any time is safe.

    After ``seconds`` it stops between two chunks; True says that it wants to be called again.
    """
    with _alone(job_id) as alone:
        job = _claim(job_id) if alone else None
        if job is None:
            return False
        language = getattr(job.by, "language", "") or settings.LANGUAGE_CODE
        with translation.override(language), suppress(LeaseLost):
            return _run(job, until=time.monotonic() + seconds)
    return False


@contextmanager
def _alone(job_id: uuid.UUID) -> Iterator[bool]:
    """Hold the job's advisory lock; False if another living worker has it."""
    name = f"{current_schema()}:job:{job_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            # A lost connection has already given the lock back.
            with suppress(InterfaceError, OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _claim(job_id: uuid.UUID) -> Job | None:
    """Give the job a new token, which shuts out whoever had it before."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).filter(pk=job_id, state__in=ACTIVE).first()
        if job is None:
            return None
        now = timezone.now()
        if job.state != JobState.RUNNING or job.lease_until is None or job.lease_until < now:
            job.run_started_at, job.run_started_done = now, job.done
        job.state = JobState.RUNNING
        job.lease_token = uuid7()
        job.lease_until = now + LEASE
        job.attempts += 1
        job.started_at = job.started_at or now
        job.save(
            update_fields=[
                "state",
                "lease_token",
                "lease_until",
                "attempts",
                "run_started_at",
                "run_started_done",
                "started_at",
            ]
        )
    tell_pages(job)
    return job


def _run(job: Job, *, until: float) -> bool:
    """Do chunks; True if there are more. Raises ``LeaseLost`` when another worker has the job."""
    token = job.lease_token
    try:
        step = _step_of(job)
    except UnknownJobKind:
        _fail(job, _("This kind of job is no longer offered."), "")
        return False
    if job.attempts > MAX_ATTEMPTS:
        _fail(job, _("The job was interrupted again and again at the same place, so it was stopped."), "")
        return False
    while True:
        job.refresh_from_db()
        if job.lease_token != token or job.state != JobState.RUNNING:
            raise LeaseLost(str(job.pk))
        if job.cancel_requested_at is not None:
            _end(job, JobState.CANCELLED)
            return False
        before = (job.done, job.cursor)
        try:
            finished = step(job)
            if not finished and (job.done, job.cursor) == before:
                raise RuntimeError(f"A step of job kind {job.kind} did nothing.")
        except LeaseLost:
            raise
        except (OperationalError, InterfaceError):
            # The database went away or broke a deadlock: the job stays as it is and the sweep starts it again.
            logger.warning("Job %s was interrupted", job.pk, exc_info=True)
            raise
        except Refused as refusal:
            _fail(job, str(refusal.message), "")
            return False
        except Exception as error:
            logger.exception("Job %s failed", job.pk)
            _fail(
                job,
                _("An unexpected error stopped the job. What was done until then is kept."),
                "".join(traceback.format_exception(error)),
            )
            return False
        if finished:
            _end(job, JobState.DONE)
            return False
        tell_pages(job)
        if time.monotonic() > until:
            return True


def _step_of(job: Job) -> Step:
    kind = job_kind(job.kind)
    if job.undo_of_id is None:
        return kind.step
    if kind.undo is None:
        raise UnknownJobKind(job.kind)
    return kind.undo


def _fail(job: Job, message: str, details: str) -> None:
    _end(job, JobState.FAILED, error=message, error_details=details)


def _end(job: Job, state: JobState, **values: str) -> None:
    """Write the end and its event together. Raises ``LeaseLost`` when another worker has the job."""
    with change(by=job.by, source=Source.JOB, reason=job.title, request_id=str(job.pk)) as ending:
        mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token)
        if not mine.update(state=state, finished_at=Now(), lease_until=None, lease_token=None, **values):
            raise LeaseLost(str(job.pk))
        record_end(job, state, ending)


def record_end(job: Job, state: JobState, ending: Change) -> None:
    """Record the event of an end and tell open pages after the commit."""
    recipients = [str(job.by_id)] if job.by_id else []
    ending.record(END_EVENTS[state].key, job, data={"title": job.title, "recipients": recipients})
    transaction.on_commit(lambda: tell_pages(job), robust=True)


def tell_pages(job: Job) -> None:
    """Have open job pages and the starter's toast ask again."""
    messages = [Message(f"job-{job.pk}", "job", str(job.pk))]
    if job.by_id:
        messages.append(Message("jobs", "job", str(job.pk), group=user_topic(job.by_id)))
    push(messages)
