"""The import job: chunk by chunk through ``save_many``, each row with its line in the ledger.

A chunk, its ledger rows and the cursor are one transaction, so a killed worker goes on at the next chunk.
The phases: rows; then references between rows of the file, when all rows are there; then the file of the
refused rows.
"""

from __future__ import annotations

import gc
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.exceptions import Refused, UnknownType
from apps.core.registry import definition_for, registry
from apps.core.saving import Outcome, copy_values, save_many
from apps.jobs.choices import LedgerAction
from apps.jobs.files import store_file
from apps.jobs.models import Job, LedgerEntry, StoredFile
from apps.jobs.runner import job_change
from apps.records.importing.ahead import Ahead
from apps.records.importing.checking import refused_rows
from apps.records.importing.converting import explain
from apps.records.importing.linking import linked, wanted_by
from apps.records.importing.mapping import ImportPlan
from apps.records.importing.reading import Layout, UnreadableFile
from apps.records.importing.resolving import NewRecord
from apps.records.importing.running import CHUNK, Importer, JudgedRow, outcome_word, refusal

JOB = "import"
ERRORS = "import-errors"
"""Kind of the stored files of refused rows."""


def file_of(job: Job) -> tuple[Path, Layout]:
    """The file of a job and how it is read."""
    stored = StoredFile.objects.get(pk=job.params["file"])
    return Path(stored.file.path), Layout.from_json(job.params["layout"])


def importer_of(job: Job) -> Importer:
    """The importer of a job, for the person who started it."""
    path, layout = file_of(job)
    definition = definition_for(job.params["type"], job.by)
    return Importer(path, layout, ImportPlan.from_json(job.params["plan"]), definition, job.by)


_reading: dict[uuid.UUID, tuple[int, Ahead]] = {}
"""The open file of a running job and the row it stands at; a resumed job opens it again."""
MAX_OPEN = 4
"""Files one worker keeps open: jobs take turns, and one that another worker ends never comes back for its file."""
MADE_FROM = 10**12
"""Ledger position of the first record that was made because a row names it; rows have their own number."""


def _open(job: Job, offset: int) -> Ahead:
    standing = _reading.pop(job.pk, None)
    if standing is not None:
        if standing[0] == offset:
            return standing[1]
        standing[1].close()
    return Ahead(importer_of(job), size=CHUNK, skip=offset)


def _keep_open(job: Job, offset: int, ahead: Ahead) -> None:
    while len(_reading) >= MAX_OPEN:
        _reading.pop(next(iter(_reading)))[1].close()
    _reading[job.pk] = (offset, ahead)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for cycles while a chunk is made.

    Thousands of rows live until the chunk is written; walking over them again and again, and over everything else
    that the process holds, took a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def step(job: Job) -> bool:
    """Do the next piece of the job's phase; True when nothing is left."""
    phase = job.cursor.get("phase")
    if phase == "links":
        return _link(job)
    if phase in {"report", "end"}:
        return _report(job)
    with _no_collection():
        return _import_chunk(job)


def _import_chunk(job: Job) -> bool:
    offset = int(job.cursor.get("row", 0))
    made_before = int(job.cursor.get("made", 0))
    ahead = _open(job, offset)
    importer = ahead.importer
    try:
        chunk = ahead.take()
    except UnreadableFile as error:
        raise Refused(str(error)) from None
    with job_change(job) as change:
        importer.claim()
        results = importer.save(importer.judge(chunk), change)
        made, importer.resolver.made = importer.resolver.made, []
        counts = Counter(job.result.get("counts", {}))
        counts.update(outcome_word(outcome) for _row, outcome in results)
        copy_values(LedgerEntry, _ledger_columns(), _entries(job, offset, results, importer, change))
        copy_values(LedgerEntry, _ledger_columns(), _entries_of_made(job, made_before, made, change))
        finished = len(chunk) < CHUNK
        cursor: dict[str, Any] = {"phase": "links", "row": 0} if finished else {"row": offset + len(chunk)}
        cursor["made"] = made_before + len(made)
        result = {**job.result, "counts": dict(counts)}
        if cursor["made"]:
            made_of = Counter(job.result.get("made_of", {})) + Counter(record.target for record in made)
            result |= {"made": cursor["made"], "made_of": dict(made_of)}
        job.advance(done=job.done + len(chunk), cursor=cursor, result=result)
    if finished:
        ahead.close()
    else:
        _keep_open(job, offset + len(chunk), ahead)
    return False


@cache
def _ledger_columns() -> list[Any]:
    """The columns of the ledger that an import writes; its ids are made by the database."""
    return [column for column in LedgerEntry._meta.concrete_fields if column.attname != "id"]


def _entries(
    job: Job, offset: int, results: Sequence[tuple[JudgedRow, Outcome]], importer: Importer, change: Change
) -> Iterator[tuple[Any, ...]]:
    """A ledger row for each row of a chunk, in the order of ``_ledger_columns``."""
    type_key, unchanged = importer.definition.type.key, _("The record holds these values already.")
    for position, (row, outcome) in enumerate(results, start=offset + 1):
        word = outcome_word(outcome)
        changed = word in {"created", "updated"}
        message = "" if changed else unchanged if outcome.action == "unchanged" else refusal(row, outcome, importer)
        data = f'{{"line": {row.line}}}'
        if row.links and outcome.record_id:
            data = json.dumps({"line": row.line, "links": row.links})
        yield (
            job.pk, position, type_key, outcome.record_id, word, change.id if changed else None, message, data,
        )  # fmt: skip


def _entries_of_made(job: Job, before: int, made: Sequence[NewRecord], change: Change) -> Iterator[tuple[Any, ...]]:
    """Ledger rows of records that were made because rows name them: an undo takes them back too."""
    words = _("A row refers to it.")
    for position, record in enumerate(made, start=MADE_FROM + before):
        data = json.dumps({"made_for": record.path})
        yield (job.pk, position, record.target, record.id, "created", change.id, words, data)


def _link(job: Job) -> bool:
    """Set references of rows to rows of the same file, now that they are there."""
    after = int(job.cursor.get("row", 0))
    waiting = LedgerEntry.objects.filter(job=job, position__gt=after, data__has_key="links").order_by("position")
    entries = list(waiting[:CHUNK])
    if not entries:
        with job_change(job):
            job.advance(done=job.done, cursor={"phase": "report"})
        return False
    importer = importer_of(job)
    texts: dict[str, set[str]] = {}
    for entry in entries:
        for path, text in wanted_by(entry.data["links"]):
            texts.setdefault(path, set()).add(text)
    known = importer.resolver.find(texts)
    with job_change(job) as change:
        made = [linked(entry.data["links"], known, importer, entry.record_id) for entry in entries]
        submissions = [submission for submission, _lost in made]
        outcomes = save_many(importer.definition, submissions, user=job.by, change=change)
        counts = Counter(job.result.get("counts", {}))
        linked_rows = 0
        for entry, (_submission, lost), outcome in zip(entries, made, outcomes, strict=True):
            problems = [*lost, *(explain(outcome.errors, importer.headings) if outcome.errors else ())]
            if outcome.action == "updated":
                linked_rows += 1
                if entry.change_id is None:
                    # A row that changed nothing by itself; the others are undone by their first change.
                    counts[entry.action] -= 1
                    entry.action, entry.change_id, entry.message = LedgerAction.UPDATED, change.id, ""
                    counts[entry.action] += 1
            if problems:
                why = " ".join(map(str, problems))
                entry.message = _("Saved, but not linked: %(why)s") % {"why": why}
        LedgerEntry.objects.bulk_update(entries, ["action", "change_id", "message"], batch_size=1_000)
        result = {**job.result, "linked": int(job.result.get("linked", 0)) + linked_rows, "counts": dict(+counts)}
        job.advance(done=job.done, cursor={"phase": "links", "row": entries[-1].position}, result=result)
    return False


def _report(job: Job) -> bool:
    """Keep the refused rows as a file that can be mended and imported again."""
    if job.cursor.get("phase") == "end":
        return True
    refused = LedgerEntry.objects.filter(job=job, action=LedgerAction.REFUSED).order_by("position")
    result = dict(job.result)
    with job_change(job) as change:
        if refused.exists():
            path, layout = file_of(job)
            reasons = refused.values_list("data__line", "message").iterator(chunk_size=CHUNK)
            content = refused_rows(path, layout, reasons)
            stored = store_file(ERRORS, content, name=_("refused-rows.csv"), by=job.by, change=change)
            result["error_file"] = str(stored.pk)
        job.advance(done=job.done, cursor={"phase": "end"}, result=result)
    return True


def remarks(job: Job) -> list[str]:
    """What an import made besides the records of its rows, type by type."""
    words = _("Of those created, %(number)s are here because rows refer to them: %(type)s.")
    return [
        words % {"number": intcomma(number), "type": _label(key)}
        for key, number in sorted(job.result.get("made_of", {}).items())
    ]


def _label(key: str) -> str:
    """What records of a type are called; one that is gone goes by its key."""
    try:
        return str(registry.get(key).label_plural)
    except UnknownType:
        return key


def error_file(job: Job) -> StoredFile | None:
    """The file of refused rows of an import that has ended."""
    key = job.result.get("error_file")
    return StoredFile.objects.filter(pk=key).first() if key else None
