"""Judging and writing the rows of one file, chunk by chunk: the same for the job and for a dry run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import Definition
from apps.core.saving import Outcome, Submission, save_many
from apps.records.importing.converting import ConvertedRow, Converter, explain
from apps.records.importing.mapping import ImportPlan, Mode, Unknown
from apps.records.importing.matching import find_by, find_references, fold
from apps.records.importing.reading import FileRow, Layout, rows

CHUNK = 2_000


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


def outcome_word(outcome: Outcome) -> str:
    """What happened to a row, in the words of the ledger."""
    return "skipped" if outcome.action == "unchanged" else outcome.action


def refusal(row: JudgedRow, outcome: Outcome, importer: Importer) -> str:
    """Why a row is refused or left, under the headings of the file; empty for a good one."""
    return row.message or (explain(outcome.errors, importer.headings) if outcome.errors else "")
