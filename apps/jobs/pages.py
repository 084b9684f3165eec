"""What the pages of jobs show, made ready for their templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.jobs.choices import TROUBLE, JobState, LedgerAction
from apps.jobs.kinds import UnknownJobKind, job_kind
from apps.jobs.models import Job, LedgerEntry
from apps.jobs.models.jobs import counts_by_action
from apps.jobs.services import why_no_undo

LEDGER_PAGE = 50
JOBS_PAGE = 30

TONES = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "brand",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "warning",
}


@dataclass(frozen=True)
class Count:
    """How many rows ended in one action."""

    action: str
    label: str
    number: int


@dataclass(frozen=True)
class JobView:
    """A job with what a person may do now."""

    job: Job
    tone: str
    time_left: str
    counts: list[Count]
    remarks: list[str]
    can_cancel: bool
    can_resume: bool
    can_undo: bool
    no_undo: str
    can_force_undo: bool
    result_url: str
    has_error_file: bool
    details: str


def tone_of(job: Job) -> str:
    """The colour of the job's state word."""
    return TONES[JobState(job.state)]


def job_view(job: Job, user: Any) -> JobView:
    """Everything that the page of ``job`` shows to ``user``."""
    try:
        kind = job_kind(job.kind)
    except UnknownJobKind:
        kind = None
    ended = not job.is_active
    undone = ended and kind is not None and kind.undo is not None and job.undo_of_id is None
    no_undo = why_no_undo(job) if undone else ""
    left = undone and no_undo and not why_no_undo(job, force=True) and _undo_left_some(job)
    has_undo = job.undo_of_id is None and job.undo_jobs.exists()
    return JobView(
        job=job,
        tone=tone_of(job),
        time_left=_time_left(job),
        counts=[
            Count(action, str(LedgerAction(action).label), number)
            for action, number in counts_by_action(job.pk).items()
        ],
        remarks=kind.remarks(job) if kind and kind.remarks and job.undo_of_id is None else [],
        can_cancel=job.is_active and job.cancel_requested_at is None,
        can_resume=job.is_stopped and kind is not None and not has_undo,
        can_undo=undone and not no_undo,
        no_undo=no_undo,
        can_force_undo=bool(left),
        result_url=kind.result_url(job) if kind and kind.result_url and ended and job.undo_of_id is None else "",
        has_error_file=bool(kind and kind.error_file and ended and job.undo_of_id is None and kind.error_file(job)),
        details=job.error_details if user.is_superuser else "",
    )


def ledger_page(job: Job, *, action: str, after: int) -> tuple[list[LedgerEntry], int | None]:
    """Rows of the ledger after position ``after``, and the position to go on from if there are more.

    ``action`` is one action, or nothing for the rows that went wrong.
    """
    wanted = [action] if action in LedgerAction.values else list(TROUBLE)
    rows = LedgerEntry.objects.filter(job=job, action__in=wanted, position__gt=after).order_by("position")
    found = list(rows[: LEDGER_PAGE + 1])
    more = len(found) > LEDGER_PAGE
    found = found[:LEDGER_PAGE]
    return found, found[-1].position if more else None


def _undo_left_some(job: Job) -> bool:
    return LedgerEntry.objects.filter(job__undo_of=job, action=LedgerAction.LEFT).exists()


def _time_left(job: Job) -> str:
    left = job.time_left(timezone.now())
    if left is None:
        return ""
    seconds = round(left.total_seconds())
    if seconds < 5:
        return _("almost done")
    if seconds < 90:
        return ngettext("about %(n)d second left", "about %(n)d seconds left", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)d hour left", "about %(n)d hours left", hours) % {"n": hours}
