"""The fixed words of jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = (JobState.QUEUED, JobState.RUNNING)
"""States in which a worker has the job or will get it."""

STOPPED = (JobState.FAILED, JobState.CANCELLED)
"""States from which a person may go on."""


class LedgerAction(models.TextChoices):
    """What a job did with one row; ``restored``, ``removed`` and ``left`` are written by an undo."""

    CREATED = "created", _("Created")
    UPDATED = "updated", _("Updated")
    SKIPPED = "skipped", _("Skipped")
    REFUSED = "refused", _("Refused")
    DELETED = "deleted", _("Deleted")
    RESTORED = "restored", _("Put back")
    REMOVED = "removed", _("Removed")
    LEFT = "left", _("Left as it is")


CHANGING = (LedgerAction.CREATED, LedgerAction.UPDATED, LedgerAction.DELETED)
"""Actions that changed a record, so an undo has something to do."""

TAKEN_BACK = (LedgerAction.RESTORED, LedgerAction.REMOVED, LedgerAction.SKIPPED)
"""Actions with which an undo has settled a row: another undo has nothing to do with it."""

TROUBLE = (LedgerAction.REFUSED, LedgerAction.LEFT)
"""Actions that a person wants to read about."""
