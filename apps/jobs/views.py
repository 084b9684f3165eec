"""The pages of jobs. A job that is not yours doesn't exist for you, unless you are an admin."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.change import change_from_request
from apps.core.exceptions import Refused
from apps.core.htmx import page_or_part
from apps.core.ids import parse_uuid
from apps.jobs.choices import ACTIVE
from apps.jobs.files import readable_or_404
from apps.jobs.kinds import UnknownJobKind, job_kind
from apps.jobs.models import Job, StoredFile
from apps.jobs.pages import JOBS_PAGE, job_view, ledger_page, tone_of
from apps.jobs.services import cancel_job, resume_job, undo_job

SHOWN_IN_TOAST = 3


def _job_or_404(request: HttpRequest, job_id: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("by"), pk=job_id)


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first; an admin's list has everybody's."""
    jobs = Job.objects.visible_to(request.user).select_related("by").order_by("-pk")
    before = parse_uuid(request.GET.get("before", ""))
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    found = list(jobs[: JOBS_PAGE + 1])
    context = {
        "jobs": [(job, tone_of(job)) for job in found[:JOBS_PAGE]],
        "next_before": found[JOBS_PAGE - 1].pk if len(found) > JOBS_PAGE else None,
        "is_first": before is None,
        "everybody": getattr(request.user, "is_superuser", False),
    }
    return page_or_part(request, "jobs/list.html", "jobs/_list.html", context)


@require_GET
def job_detail(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job; HTMX gets the part that moves."""
    job = _job_or_404(request, job_id)
    after = request.GET.get("after", "")
    action = request.GET.get("rows", "")
    place = int(after) if after.isdecimal() and len(after) < 19 else 0
    entries, next_after = ledger_page(job, action=action, after=place)
    undos = list(job.undo_jobs.order_by("pk")) if job.undo_of_id is None else []
    context = {
        "view": job_view(job, request.user),
        "job": job,
        "entries": entries,
        "next_after": next_after,
        "is_first": not after,
        "action": action,
        "undos": [(undo, tone_of(undo)) for undo in undos],
    }
    return page_or_part(request, "jobs/detail.html", "jobs/_progress.html", context)


@require_GET
def job_toast(request: HttpRequest) -> HttpResponse:
    """My jobs that run now, for the corner of every page."""
    jobs = Job.objects.filter(by_id=request.user.pk, state__in=ACTIVE).order_by("pk")[:SHOWN_IN_TOAST]
    return render(request, "jobs/_toast.html", {"jobs": jobs})


@require_POST
def job_cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    return _do(request, _job_or_404(request, job_id), cancel_job, _("The job stops after its current part."))


@require_POST
def job_resume(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    return _do(request, _job_or_404(request, job_id), resume_job, _("The job goes on."))


@require_POST
def job_undo(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    force = request.POST.get("force") == "yes"
    job = _job_or_404(request, job_id)
    return _do(request, job, undo_job, _("The job is being undone."), force=force)


def _do(request: HttpRequest, job: Job, verb: Callable[..., Job], said: str, **options: Any) -> HttpResponseRedirect:
    """Call one verb and go to the page of the job that it gives back."""
    try:
        with change_from_request(request) as change:
            shown = verb(job, change=change, **options)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return HttpResponseRedirect(job.get_absolute_url())
    messages.success(request, said)
    return HttpResponseRedirect(shown.get_absolute_url())


@require_GET
def job_error_file(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The rows that were refused, as a file that can be mended and loaded again."""
    job = _job_or_404(request, job_id)
    try:
        kind = job_kind(job.kind)
    except UnknownJobKind:
        raise Http404 from None
    stored = kind.error_file(job) if kind.error_file else None
    if stored is None:
        raise Http404
    return HttpResponseRedirect(reverse("jobs:file", args=[stored.pk]))


@require_GET
def stored_file(request: HttpRequest, file_id: uuid.UUID) -> FileResponse:
    """A stored file, always as a download: what people upload never runs in our pages."""
    return serve(readable_or_404(request.user, file_id))


def serve(stored: StoredFile) -> FileResponse:
    """The answer that hands out a file to somebody who may have it."""
    response = FileResponse(
        stored.file.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
