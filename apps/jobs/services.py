"""The verbs of jobs: start, cancel, resume, undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.jobs import tasks
from apps.jobs.choices import CHANGING, STOPPED, JobState
from apps.jobs.kinds import JobKind, job_kind
from apps.jobs.models.jobs import Job, LedgerEntry
from apps.jobs.runner import job_change, record_end, run_job
from apps.jobs.sweeping import PATIENCE

__all__ = ["cancel_job", "job_change", "resume_job", "run_job", "start_job", "undo_job", "why_no_undo"]


def start_job(
    kind: str, *, params: Mapping[str, Any], by: Any, total: int | None = None, change: Change, title: str = ""
) -> Job:
    """Queue a job; a worker gets it when ``change`` commits.

    ``params`` must fit into JSON. Raises ``UnknownJobKind`` for a kind that nobody registered.
    """
    offered = job_kind(kind)
    title = title or (offered.title(params) if offered.title else str(offered.label))
    job = Job.objects.create(
        kind=kind, title=title[:200], params=dict(params), by=by, total=total, lease_until=change.at + PATIENCE
    )
    tasks.run.delay_on_commit(str(job.pk))
    return job


def cancel_job(job: Job, *, change: Change) -> Job:
    """Ask a job to stop after its current chunk. Raises ``Refused`` when it has ended already."""
    job = _locked(job)
    if not job.is_active:
        raise Refused(_("This job has already ended."))
    if job.state == JobState.QUEUED:
        job.state, job.finished_at, job.lease_until = JobState.CANCELLED, change.at, None
        job.save(update_fields=["state", "finished_at", "lease_until"])
        record_end(job, JobState.CANCELLED, change)
    elif job.cancel_requested_at is None:
        job.cancel_requested_at = change.at
        job.save(update_fields=["cancel_requested_at"])
    return job


def resume_job(job: Job, *, change: Change) -> Job:
    """Let a failed or cancelled job go on where it stopped. Raises ``Refused`` in any other state."""
    job = _locked(job)
    if job.state not in STOPPED:
        raise Refused(_("Only a failed or cancelled job can go on."))
    if job.undo_of_id is None and job.undo_jobs.exists():
        raise Refused(_("This job was undone, so it can't go on."))
    if job.undo_of_id is not None and _other_undo_runs(job):
        raise Refused(_("Another undo of the same job is running."))
    job.state, job.error, job.error_details, job.attempts = JobState.QUEUED, "", "", 0
    job.cancel_requested_at, job.finished_at, job.lease_until = None, None, change.at + PATIENCE
    job.save(
        update_fields=[
            "state",
            "error",
            "error_details",
            "attempts",
            "cancel_requested_at",
            "finished_at",
            "lease_until",
        ]
    )
    tasks.run.delay_on_commit(str(job.pk))
    return job


def undo_job(job: Job, *, change: Change, force: bool = False) -> Job:
    """Start the job that takes ``job`` back, or go on with one that was stopped; returns that job.

    Records that somebody changed since are left and listed; ``force`` restores those as well and may follow
    an undo that left some. Raises ``Refused`` when there is nothing to undo.
    """
    job = _locked(job)
    reason = why_no_undo(job, force=force)
    if reason:
        raise Refused(reason)
    stopped = job.undo_jobs.filter(state__in=STOPPED, params__force=force).first()
    if stopped is not None:
        return resume_job(stopped, change=change)
    undo = Job.objects.create(
        kind=job.kind,
        title=_("Undo: %(title)s") % {"title": job.title[:180]},
        params={"force": force},
        by=change.by,
        total=job.ledger.filter(action__in=CHANGING).count(),
        undo_of=job,
        lease_until=change.at + PATIENCE,
    )
    tasks.run.delay_on_commit(str(undo.pk))
    return undo


def why_no_undo(job: Job, *, force: bool = False) -> str:
    """Why ``job`` can't be undone now, in words for its page; empty when it can."""
    kind: JobKind = job_kind(job.kind)
    if job.undo_of_id is not None or kind.undo is None:
        return _("This kind of job can't be undone.")
    if job.is_active:
        return _("A running job can't be undone: cancel it first.")
    undos = list(job.undo_jobs.values_list("state", flat=True))
    if any(state in (JobState.QUEUED, JobState.RUNNING) for state in undos):
        return _("The undo is already running.")
    if JobState.DONE in undos and not force:
        return _("This job was undone.")
    if not LedgerEntry.objects.filter(job=job, action__in=CHANGING).exists():
        return _("This job changed nothing.")
    return ""


def _other_undo_runs(job: Job) -> bool:
    others = Job.objects.filter(undo_of_id=job.undo_of_id).exclude(pk=job.pk)
    return others.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).exists()


def _locked(job: Job) -> Job:
    return Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
