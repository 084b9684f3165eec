"""Records and what shapes them in the Django admin."""

from apps.records.admin import records, setup
from apps.records.admin.records import RecordAdmin

__all__ = ["RecordAdmin", "records", "setup"]
