"""What the import tells the jobs room: its kind of job and its kind of file."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.change import Source
from apps.jobs.files import FileKind, started_it
from apps.jobs.kinds import JobKind
from apps.jobs.undo import undo_step
from apps.records.importing.job import ERRORS, JOB, error_file, remarks, step
from apps.records.importing.services import FILE_KIND

FILES = (
    FileKind(FILE_KIND, max_bytes=lambda: settings.IMPORT_MAX_BYTES, may_read=started_it),
    FileKind(ERRORS, max_bytes=lambda: 2 * settings.IMPORT_MAX_BYTES, may_read=started_it),
)
JOB_KIND = JobKind(
    JOB, _("Import"), step=step, undo=undo_step, source=Source.IMPORT, error_file=error_file, remarks=remarks
)
