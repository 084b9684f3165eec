"""What the event log says about jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.events import EventKind, recipients_in_data

JOB_DONE = EventKind(
    "job.done", _("%(title)s is done"), notify=recipients_in_data, tell_actor=True, icon="circle-check"
)
JOB_FAILED = EventKind(
    "job.failed", _("%(title)s stopped with an error"), notify=recipients_in_data, tell_actor=True, icon="circle-alert"
)
JOB_CANCELLED = EventKind("job.cancelled", _("%(actor)s cancelled %(title)s"), icon="circle-x")

KINDS = (JOB_DONE, JOB_FAILED, JOB_CANCELLED)
