"""Starting an import: the file is kept, the plan travels with the job."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Change
from apps.core.exceptions import Refused
from apps.core.registry import Definition
from apps.jobs.files import store_file
from apps.jobs.models import Job, StoredFile
from apps.jobs.services import start_job
from apps.records.importing.job import JOB
from apps.records.importing.mapping import ImportPlan, Mode, known_keys, suggest
from apps.records.importing.reading import Layout, UnreadableFile, count_rows, recognise, rows

FILE_KIND = "import"
JUDGED = 200
"""Rows from which the way dates are written is guessed."""


def keep_upload(content: Iterable[bytes], *, name: str, by: Any, change: Change) -> tuple[StoredFile, Layout]:
    """Store an upload and find out how to read it. Raises ``Refused`` when it is no table."""
    stored = store_file(FILE_KIND, content, name=name, by=by, change=change)
    try:
        return stored, recognise(Path(stored.file.path))
    except UnreadableFile as error:
        raise Refused(str(error)) from None


def suggested_plan(definition: Definition, path: Path, layout: Layout) -> ImportPlan:
    """What the headings and the first rows of a file say. Raises ``UnreadableFile``."""
    first = [row.cells for row in itertools.islice(rows(path, layout), JUDGED)]
    return ImportPlan(suggest(definition, layout.columns, first))


def start_import(
    definition: Definition, stored: StoredFile, layout: Layout, plan: ImportPlan, *, by: Any, change: Change
) -> Job:
    """Queue the import of a stored file.

    Raises ``PermissionDenied`` without the grants ``import`` and ``add``, ``Refused`` for a plan that maps
    nothing, matches by no known field, or a file that can't be read to its end.
    """
    key = definition.type.key
    access.require(by, "import", key)
    access.require(by, "add", key)
    if plan.mode == Mode.UPDATE:
        access.require(by, "change", key)
    if not plan.mapped():
        raise Refused(_("Map at least one column to a field."))
    if plan.mode != Mode.CREATE and not (plan.match_keys and set(plan.match_keys) <= known_keys(definition)):
        raise Refused(_("Choose the field by which rows find their records."))
    try:
        total = count_rows(Path(stored.file.path), layout)
    except UnreadableFile as error:
        raise Refused(str(error)) from None
    params = {"type": key, "file": str(stored.pk), "layout": layout.as_json(), "plan": plan.as_json()}
    title = _("Import of %(name)s into %(type)s") % {"name": stored.name[:100], "type": definition.type.label_plural}
    return start_job(JOB, params=params, by=by, total=total, change=change, title=title)
