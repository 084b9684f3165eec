"""Finding jobs that nobody works on although somebody should."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models.functions import Now

from apps.jobs.choices import ACTIVE, JobState
from apps.jobs.models.jobs import Job

PATIENCE = dt.timedelta(seconds=60)
"""How long a queued job waits for its wake-up before another is sent."""

AT_ONCE = 100


def jobs_to_start_again() -> list[uuid.UUID]:
    """Ids of jobs whose lease ran out or whose wake-up was lost, oldest first, at most ``AT_ONCE``."""
    with transaction.atomic():
        late = Job.objects.filter(state__in=ACTIVE, lease_until__lt=Now()).order_by("lease_until")
        ids = list(late.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
        Job.objects.filter(pk__in=ids, state=JobState.QUEUED).update(lease_until=Now() + PATIENCE)
    return ids
