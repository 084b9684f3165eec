"""Jobs, their ledger, idempotency keys and stored files. These are no records: no acl, no history."""

from apps.jobs.models.files import StoredFile
from apps.jobs.models.idempotency import IdempotencyKey
from apps.jobs.models.jobs import Job, JobQuerySet, LedgerEntry

__all__ = ["IdempotencyKey", "Job", "JobQuerySet", "LedgerEntry", "StoredFile"]
