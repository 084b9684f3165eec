"""Who may see a job: the person who started it, and admins."""

from __future__ import annotations

from typing import Any

from apps.core.ids import parse_uuid
from apps.jobs.models import Job


def may_watch_job(user: Any, job_id: str) -> bool:
    """May ``user`` hear of the progress of this job?"""
    key = parse_uuid(job_id)
    return key is not None and Job.objects.visible_to(user).filter(pk=key).exists()
