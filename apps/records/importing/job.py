"""The import job: chunk by chunk through ``save_many``, each row with its line in the ledger.

A chunk, its ledger rows and the cursor are one transaction, so a killed worker goes on at the next chunk.
The phases: rows; then references between rows of the file, when all rows are there; then the file of the
refused rows.
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import definition_for
from apps.core.saving import Outcome, Submission, copy_rows, save_many
from apps.jobs.choices import LedgerAction
from apps.jobs.files import store_file
from apps.jobs.models import Job, LedgerEntry, StoredFile
from apps.jobs.runner import job_change
from apps.records.importing.checking import refused_rows
from apps.records.importing.converting import explain
from apps.records.importing.mapping import ImportPlan
from apps.records.importing.matching import find_references
from apps.records.importing.reading import FileRow, Layout, rows
from apps.records.importing.running import CHUNK, Importer, JudgedRow, outcome_word, refusal

JOB = "import"
ERRORS = "import-errors"
"""Kind of the stored files of refused rows."""


def importer_of(job: Job) -> Importer:
    """The importer of a job, for the person who started it."""
    stored = StoredFile.objects.get(pk=job.params["file"])
    definition = definition_for(job.params["type"], job.by)
    layout = Layout.from_json(job.params["layout"])
    return Importer(Path(stored.file.path), layout, ImportPlan.from_json(job.params["plan"]), definition, job.by)


_reading: dict[uuid.UUID, tuple[int, Importer, Iterator[FileRow]]] = {}
"""The open file of a running job and the row it stands at; a resumed job opens it again."""
MAX_OPEN = 4
"""Files one worker keeps open: jobs take turns, and one that another worker ends never comes back for its file."""


def _open(job: Job, offset: int) -> tuple[Importer, Iterator[FileRow]]:
    standing = _reading.pop(job.pk, None)
    if standing is not None and standing[0] == offset:
        return standing[1], standing[2]
    importer = importer_of(job)
    return importer, rows(importer.path, importer.layout, skip=offset)


def step(job: Job) -> bool:
    """Do the next piece of the job's phase; True when nothing is left."""
    phase = job.cursor.get("phase")
    if phase == "links":
        return _link(job)
    if phase in {"report", "end"}:
        return _report(job)
    return _import_chunk(job)


def _import_chunk(job: Job) -> bool:
    offset = int(job.cursor.get("row", 0))
    importer, found = _open(job, offset)
    chunk = list(itertools.islice(found, CHUNK))
    judged = importer.judge(chunk)
    with job_change(job) as change:
        results = importer.save(judged, change)
        entries = [
            _entry(job, offset + number, row, outcome, importer, change)
            for number, (row, outcome) in enumerate(results, start=1)
        ]
        copy_rows(LedgerEntry, entries)
        counts = Counter(job.result.get("counts", {}))
        counts.update(outcome_word(outcome) for _row, outcome in results)
        finished = len(chunk) < CHUNK
        cursor = {"phase": "links", "row": 0} if finished else {"row": offset + len(chunk)}
        job.advance(done=job.done + len(chunk), cursor=cursor, result={**job.result, "counts": dict(counts)})
    if not finished:
        while len(_reading) >= MAX_OPEN:
            _reading.pop(next(iter(_reading)))
        _reading[job.pk] = (offset + len(chunk), importer, found)
    return False


def _entry(
    job: Job, position: int, row: JudgedRow, outcome: Outcome, importer: Importer, change: Change
) -> LedgerEntry:
    word = outcome_word(outcome)
    message = refusal(row, outcome, importer)
    if outcome.action == "unchanged":
        message = _("The record holds these values already.")
    return LedgerEntry(
        job=job,
        position=position,
        record_type=importer.definition.type.key,
        record_id=outcome.record_id,
        action=LedgerAction(word),
        change_id=change.id if word in {"created", "updated"} else None,
        message=message,
        data={"line": row.line} | ({"links": row.links} if row.links and outcome.record_id else {}),
    )


def _link(job: Job) -> bool:
    """Set references of rows to rows of the same file, now that they are there."""
    after = int(job.cursor.get("row", 0))
    waiting = LedgerEntry.objects.filter(job=job, position__gt=after, data__has_key="links").order_by("position")
    entries = list(waiting[:CHUNK])
    if not entries:
        with job_change(job):
            job.advance(done=job.done, cursor={"phase": "report"})
        return False
    definition = definition_for(job.params["type"], job.by)
    texts: dict[str, set[str]] = {}
    for entry in entries:
        for key, text in entry.data["links"].items():
            texts.setdefault(key, set()).add(text)
    known = {key: find_references(definition.type.index[key], wanted, job.by) for key, wanted in texts.items()}
    last = LedgerEntry.objects.filter(job=job).order_by("-position").values_list("position", flat=True)[0]
    with job_change(job) as change:
        submissions = []
        for entry in entries:
            values = {
                key: known[key][text][0]
                for key, text in entry.data["links"].items()
                if len(known[key].get(text, [])) == 1
            }
            submissions.append(
                Submission(definition=definition, user=job.by, values=values, record_id=entry.record_id)
            )
        outcomes = save_many(definition, submissions, user=job.by, change=change)
        made = []
        for number, (entry, submission, outcome) in enumerate(
            zip(entries, submissions, outcomes, strict=True), start=1
        ):
            lost = sorted(set(entry.data["links"]) - set(submission.values))
            errors = outcome.errors | {key: [_("Not found, or not clear.")] for key in lost}
            if outcome.action == "updated":
                linked = LedgerEntry(
                    job=job,
                    position=last + number,
                    record_type=definition.type.key,
                    record_id=entry.record_id,
                    action=LedgerAction.UPDATED,
                    change_id=change.id,
                    message=_("Linked to another row."),
                    data={"line": entry.data["line"], "linked": True},
                )
                made.append(linked)
            if errors:
                entry.message = _("Saved, but not linked: %(why)s") % {"why": explain(errors, {})}
        LedgerEntry.objects.bulk_create(made)
        LedgerEntry.objects.bulk_update(entries, ["message"])
        result = {**job.result, "linked": int(job.result.get("linked", 0)) + len(made)}
        job.advance(done=job.done, cursor={"phase": "links", "row": entries[-1].position}, result=result)
    return False


def _report(job: Job) -> bool:
    """Keep the refused rows as a file that can be mended and imported again."""
    if job.cursor.get("phase") == "end":
        return True
    refused = LedgerEntry.objects.filter(job=job, action=LedgerAction.REFUSED)
    reasons = {entry.data["line"]: entry.message for entry in refused.iterator()}
    result = dict(job.result)
    with job_change(job) as change:
        if reasons:
            importer = importer_of(job)
            content = refused_rows(importer.path, importer.layout, reasons)
            stored = store_file(ERRORS, content, name=_("refused-rows.csv"), by=job.by, change=change)
            result["error_file"] = str(stored.pk)
        job.advance(done=job.done, cursor={"phase": "end"}, result=result)
    return True


def error_file(job: Job) -> StoredFile | None:
    """The file of refused rows of an import that has ended."""
    key = job.result.get("error_file")
    return StoredFile.objects.filter(pk=key).first() if key else None
