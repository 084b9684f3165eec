"""The import job: chunk by chunk through ``save_many``, each row with its line in the ledger.

A chunk, its ledger rows and the cursor are one transaction, so a killed worker goes on at the next chunk.
References to rows of the same file are linked in a second phase, when all rows are there.
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import Definition, definition_for
from apps.core.saving import Outcome, Submission, copy_rows, save_many
from apps.jobs.choices import LedgerAction
from apps.jobs.models import Job, LedgerEntry, StoredFile
from apps.jobs.runner import job_change
from apps.records.importing.converting import ConvertedRow, Converter, explain
from apps.records.importing.mapping import ImportPlan, Mode, Unknown
from apps.records.importing.matching import find_by, find_references, fold
from apps.records.importing.reading import FileRow, Layout, rows

CHUNK = 2_000
JOB = "import"
ACTIONS = {"created": LedgerAction.CREATED, "updated": LedgerAction.UPDATED, "unchanged": LedgerAction.SKIPPED}


@dataclass
class JudgedRow:
    """What a row would do: its action, the submission that does it, and words for a refused one."""

    line: int
    action: str
    submission: Submission | None = None
    message: str = ""
    links: dict[str, str] = field(default_factory=dict)
    """References that wait for other rows of the file, by field key."""


class Importer:
    """Judges rows of one file for one person by one plan. Used by the job and by the dry run."""

    def __init__(self, path: Path, layout: Layout, plan: ImportPlan, definition: Definition, user: Any) -> None:
        self.path, self.layout, self.plan = path, layout, plan
        self.definition, self.user = definition, user
        self.converter = Converter(definition, plan, layout.columns)
        self.headings = {path: column.column for path, column in plan.mapped().items()}
        self.own_titles = self._titles_of_file()

    def _titles_of_file(self) -> set[str]:
        """Titles and external ids in the file, where some column refers to records of the same type."""
        mapped = self.plan.mapped()
        own = self.definition.type.key
        if not any(self.definition.type.index[p].target == own for p in mapped if p in self.definition.type.index):
            return set()
        named = [mapped[key].column for key in (self.definition.type.title_field, "external_id") if key in mapped]
        positions = [self.layout.columns.index(name) for name in named]
        return {
            row.cells[position].strip().casefold()
            for row in rows(self.path, self.layout)
            for position in positions
            if position < len(row.cells) and row.cells[position].strip()
        }

    def judge(self, chunk: Sequence[FileRow]) -> list[JudgedRow]:
        """What each row of a chunk would do, before the rules of saving; at most one query a reference column."""
        converted = [self._convert(row) for row in chunk]
        good = [row for row in converted if isinstance(row, ConvertedRow)]
        known = self._references(good)
        matches = self._matches(good)
        judged: list[JudgedRow] = []
        for row in converted:
            if isinstance(row, JudgedRow):
                judged.append(row)
                continue
            links, problems = self._resolve(row, known)
            if problems:
                judged.append(JudgedRow(row.line, "refused", message=explain(problems, self.headings)))
                continue
            judged.append(self._decide(row, links, matches))
        return judged

    def _convert(self, row: FileRow) -> ConvertedRow | JudgedRow:
        if row.error:
            return JudgedRow(row.line, "refused", message=row.error)
        if len(row.cells) > len(self.layout.columns) and any(c.strip() for c in row.cells[len(self.layout.columns) :]):
            words = _("This row has %(count)d cells, but there are %(columns)d columns.")
            message = words % {"count": len(row.cells), "columns": len(self.layout.columns)}
            return JudgedRow(row.line, "refused", message=message)
        converted = self.converter.convert(row.line, row.cells)
        if converted.errors:
            message = " ".join(f"{heading}: {words}" for heading, words in converted.errors.items())
            return JudgedRow(row.line, "refused", message=message)
        return converted

    def _references(self, good: Sequence[ConvertedRow]) -> dict[str, Mapping[str, list[uuid.UUID]]]:
        wanted: dict[str, set[str]] = {}
        for row in good:
            for path, text in row.references.items():
                if text:
                    wanted.setdefault(path, set()).add(text)
        index = self.definition.type.index
        return {path: find_references(index[path], texts, self.user) for path, texts in wanted.items()}

    def _resolve(
        self, row: ConvertedRow, known: Mapping[str, Mapping[str, list[uuid.UUID]]]
    ) -> tuple[dict[str, str], dict[str, list[str]]]:
        links: dict[str, str] = {}
        problems: dict[str, list[str]] = {}
        mapped = self.plan.mapped()
        for path, text in row.references.items():
            declared = self.definition.type.index[path]
            found = known.get(path, {}).get(text, []) if text else []
            if not text:
                row.values[path] = None
            elif len(found) == 1:
                row.values[path] = found[0]
            elif found:
                words = _("“%(text)s” could mean %(count)d records.") % {"text": text[:80], "count": len(found)}
                problems[path] = [words]
            elif declared.target == self.definition.type.key and text.casefold() in self.own_titles:
                links[path] = text
            elif mapped[path].unknown != Unknown.EMPTY:
                problems[path] = [_("“%(text)s” isn't there, or you may not see it.") % {"text": text[:80]}]
        return links, problems

    def _matches(self, good: Sequence[ConvertedRow]) -> Mapping[str, list[uuid.UUID]]:
        if self.plan.mode == Mode.CREATE or not self.plan.match_key:
            return {}
        keys = {str(row.values[self.plan.match_key]) for row in good if row.values.get(self.plan.match_key)}
        declared = self.definition.type.index[self.plan.match_key]
        return find_by(self.definition.type.visible_to(self.user), declared, keys)

    def _decide(self, row: ConvertedRow, links: dict[str, str], matches: Mapping[str, list[uuid.UUID]]) -> JudgedRow:
        key = str(row.values.get(self.plan.match_key) or "")
        found = matches.get(key, []) if key else []
        if len(found) > 1:
            words = _("%(count)d records have this %(field)s, so it isn't clear which one is meant.")
            label = self.definition.type.index[self.plan.match_key].label
            return JudgedRow(row.line, "refused", message=words % {"count": len(found), "field": label})
        if found and self.plan.mode == Mode.SKIP:
            return JudgedRow(row.line, "skipped", message=_("There is such a record already."))
        record_id = found[0] if found else None
        submission = Submission(
            definition=self.definition,
            user=self.user,
            values=row.values,
            record_id=record_id,
            parts=row.parts,
            replace_parts=frozenset(row.parts),
        )
        return JudgedRow(row.line, "update" if record_id else "create", submission, links=links)

    def save(self, judged: Sequence[JudgedRow], change: Change) -> list[tuple[JudgedRow, Outcome]]:
        """Write a judged chunk. Rows that mean the same record go in one after the other, in the file's order."""
        results: list[tuple[JudgedRow, Outcome]] = []
        for batch in self._without_repeats(judged):
            writing = [row for row in batch if row.submission is not None]
            submissions = [row.submission for row in writing if row.submission is not None]
            outcomes = save_many(self.definition, submissions, user=self.user, change=change)
            by_line = {row.line: outcome for row, outcome in zip(writing, outcomes, strict=True)}
            results += [(row, by_line.get(row.line, Outcome(row.action))) for row in batch]
        return results

    def _without_repeats(self, judged: Sequence[JudgedRow]) -> Iterator[list[JudgedRow]]:
        if self.plan.mode == Mode.CREATE or not self.plan.match_key:
            yield list(judged)
            return
        texts = [str(row.submission.values.get(self.plan.match_key) or "") for row in judged if row.submission]
        folded = fold(set(texts))
        seen: set[str] = set()
        batch: list[JudgedRow] = []
        for row in judged:
            key = folded.get(str(row.submission.values.get(self.plan.match_key) or ""), "") if row.submission else ""
            if key and key in seen:
                yield batch
                batch, seen = [], set()
                row = self._again(row)
            if key:
                seen.add(key)
            batch.append(row)
        yield batch

    def _again(self, row: JudgedRow) -> JudgedRow:
        given = row.submission
        if given is None:
            return row
        converted = ConvertedRow(row.line, given.values, parts=given.parts)
        return self._decide(converted, row.links, self._matches([converted]))


def importer_of(job: Job) -> Importer:
    """The importer of a job, for the person who started it."""
    stored = StoredFile.objects.get(pk=job.params["file"])
    definition = definition_for(job.params["type"], job.by)
    layout = Layout.from_json(job.params["layout"])
    return Importer(Path(stored.file.path), layout, ImportPlan.from_json(job.params["plan"]), definition, job.by)


_reading: dict[uuid.UUID, tuple[int, Importer, Iterator[FileRow]]] = {}
"""The open file of a running job and the row it stands at; a resumed job opens it again."""


def _open(job: Job, offset: int) -> tuple[Importer, Iterator[FileRow]]:
    standing = _reading.pop(job.pk, None)
    if standing is not None and standing[0] == offset:
        return standing[1], standing[2]
    importer = importer_of(job)
    return importer, rows(importer.path, importer.layout, skip=offset)


def step(job: Job) -> bool:
    """Import one chunk of rows, or link one chunk of references between rows."""
    if job.cursor.get("phase") == "links":
        return _link(job)
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
        counts.update(_word(outcome) for _row, outcome in results)
        finished = len(chunk) < CHUNK
        waiting = bool(importer.own_titles)
        cursor = {"phase": "links", "row": 0} if finished and waiting else {"row": offset + len(chunk)}
        job.advance(done=job.done + len(chunk), cursor=cursor, result={**job.result, "counts": dict(counts)})
    if not finished:
        _reading[job.pk] = (offset + len(chunk), importer, found)
    return finished and not waiting


def _word(outcome: Outcome) -> str:
    return {"create": "created", "update": "updated", "unchanged": "skipped"}.get(outcome.action, outcome.action)


def _entry(
    job: Job, position: int, row: JudgedRow, outcome: Outcome, importer: Importer, change: Change
) -> LedgerEntry:
    word = _word(outcome)
    message = row.message or (explain(outcome.errors, importer.headings) if outcome.errors else "")
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
        return True
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
