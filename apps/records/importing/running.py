"""Judging and writing the rows of one file, chunk by chunk: the same for the job and for a dry run.

A chunk is converted without asking the database, so that the next one can be converted while this one is
written (``ahead.py``); then it is judged, and then saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.change import Change
from apps.core.registry import Definition
from apps.core.saving import Outcome, Submission, save_many
from apps.core.workspace import current_schema
from apps.records.importing.converting import ConvertedRow, Converter, Problem, explain
from apps.records.importing.finding import Finder, Said
from apps.records.importing.linking import titles_of_file
from apps.records.importing.mapping import ImportPlan, Mode, Unknown, paths_of_key
from apps.records.importing.reading import FileRow, Layout, rows
from apps.records.importing.resolving import NewRecord, Resolved, Resolver

CHUNK = 5_000


@dataclass(slots=True)
class JudgedRow:
    """What a row would do: its action, the submission that does it, and what is wrong with a refused one."""

    line: int
    action: str
    cells: Sequence[str] = ()
    submission: Submission | None = None
    problems: list[Problem] = field(default_factory=list)
    message: str = ""
    links: dict[str, Any] = field(default_factory=dict)
    """What waits for other rows of the file (``linking.py``)."""
    needs: list[NewRecord] = field(default_factory=list)
    """Records that the row refers to and that are made for it."""
    said: tuple[Said, ...] = ()
    """What a row that will be saved says of the record that it means."""


@dataclass(slots=True)
class ReadRow:
    """A row of the file with its values, or with what is wrong with it."""

    cells: Sequence[str]
    converted: ConvertedRow


class Importer:
    """Judges rows of one file for one person by one plan. Used by the job and by the dry run."""

    def __init__(self, path: Path, layout: Layout, plan: ImportPlan, definition: Definition, user: Any) -> None:
        self.path, self.layout, self.plan = path, layout, plan
        self.definition, self.user = definition, user
        self.converter = Converter(definition, plan, layout.columns)
        self.headings = {path: column.column for path, column in plan.mapped().items()}
        self.positions = {name: number for number, name in enumerate(layout.columns)}
        self.finder = Finder(definition, plan, user)
        self.resolver = Resolver(definition, plan, self.converter.declared, user, self._titles_of_file)

    def _titles_of_file(self) -> frozenset[int]:
        """What rows of the file can be called by, where some column refers to records of the same type.

        Hashes do: what they mistake for a title is found missing when the rows are linked.
        """
        return titles_of_file(rows(self.path, self.layout), self.layout.columns, self.plan, self.definition)

    def convert(self, chunk: Sequence[FileRow]) -> list[ReadRow]:
        """The rows as values, judged cell by cell. Asks nothing of the database, so any thread may do it."""
        width = len(self.layout.columns)
        found = []
        for row in chunk:
            if row.error:
                converted = ConvertedRow(row.line, problems=[Problem("", row.error)])
            elif len(row.cells) > width and any(cell.strip() for cell in row.cells[width:]):
                words = _("This row has %(count)d cells, but there are %(columns)d columns.")
                problem = Problem("", words % {"count": len(row.cells), "columns": width})
                converted = ConvertedRow(row.line, problems=[problem])
            else:
                converted = self.converter.convert(row.line, row.cells)
                if self.finder.keys and not converted.problems:
                    converted.said = self.finder.said(converted)
            found.append(ReadRow(row.cells, converted))
        return found

    def claim(self) -> None:
        """Wait until no other import finds or makes the records that this one looks for; holds till the commit.

        Two imports of the same records at once would otherwise both miss them and both create them.
        """
        mapped, declared = self.plan.mapped(), self.converter.declared
        keys = {declared[p].target for p, c in mapped.items() if c.unknown == Unknown.CREATE and p in declared}
        if self.plan.mode != Mode.CREATE:
            keys.add(self.definition.type.key)
        with connection.cursor() as cursor:
            for key in sorted(keys - {""}):
                name = f"{current_schema()}:import:{key}"
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

    def judge(self, chunk: Sequence[ReadRow]) -> list[JudgedRow]:
        """What each row of a chunk would do, before the rules of saving; at most one query a reference column."""
        good = [row.converted for row in chunk if not row.converted.problems]
        self.resolver.look_up(good)
        resolved: dict[int, Resolved] = {}
        for row in good:
            found = resolved[row.line] = self.resolver.resolve(row)
            if found.errors:
                row.problems = explain(found.errors, self.headings)
            elif row.pieces:
                self.converter.complete(row)
        self.finder.look_up([row.said for row in good if not row.problems])
        return [self._judged(row, resolved.get(row.converted.line)) for row in chunk]

    def _judged(self, row: ReadRow, resolved: Resolved | None) -> JudgedRow:
        converted = row.converted
        if converted.problems or resolved is None:
            return JudgedRow(converted.line, "refused", row.cells, problems=converted.problems)
        decided = self._decide(converted, row.cells)
        decided.links, decided.needs = resolved.links, resolved.needs
        return decided

    def _decide(self, row: ConvertedRow, cells: Sequence[str]) -> JudgedRow:
        meant = self.finder.meant(row.said)
        if meant.words:
            problem = Problem(self._heading(meant.key), meant.words)
            return JudgedRow(row.line, "refused", cells, problems=[problem])
        record_id = meant.record_id
        if record_id and self.plan.mode == Mode.SKIP:
            return JudgedRow(row.line, "skipped", cells, message=_("There is such a record already."))
        submission = Submission(
            definition=self.definition,
            user=self.user,
            values=row.values,
            record_id=record_id,
            parts=row.parts,
            # Rows that a file doesn't speak of stay, unless its empty cells mean something.
            replace_parts=frozenset(row.parts) if self.plan.blank_overwrites else frozenset(),
        )
        return JudgedRow(row.line, "update" if record_id else "create", cells, submission, said=row.said)

    def _heading(self, key: str) -> str:
        paths = paths_of_key(self.definition, key)
        return next((self.headings[path] for path in paths if path in self.headings), "")

    def save(self, judged: Sequence[JudgedRow], change: Change) -> list[tuple[JudgedRow, Outcome]]:
        """Write a judged chunk. Rows that mean the same record go in one after the other, in the file's order."""
        self._make_needed(judged, change)
        results: list[tuple[JudgedRow, Outcome]] = []
        for batch in self._without_repeats(judged):
            writing = [row for row in batch if row.submission is not None]
            submissions = [row.submission for row in writing if row.submission is not None]
            outcomes = iter(save_many(self.definition, submissions, user=self.user, change=change))
            results += [(row, Outcome(row.action) if row.submission is None else next(outcomes)) for row in batch]
        return results

    def _make_needed(self, judged: Sequence[JudgedRow], change: Change) -> None:
        """Make the records that rows refer to; a row whose record can't be made is refused with the reason."""
        needed = {need.id: need for row in judged if row.submission is not None for need in row.needs}
        if not needed:
            return
        self.resolver.make(list(needed.values()), change)
        for row in judged:
            lost = {need.path: [need.refused] for need in row.needs if need.refused}
            if lost:
                row.action, row.submission, row.problems = "refused", None, explain(lost, self.headings)

    def _without_repeats(self, judged: Sequence[JudgedRow]) -> Iterator[list[JudgedRow]]:
        """Stretches of rows that mean different records; what repeats an earlier one is judged anew when that one is
        saved."""
        if not self.finder.keys:
            yield list(judged)
            return
        for stretch, repeating in list(self.finder.batches([row.said for row in judged])):
            batch = [judged[number] for number in stretch]
            if repeating:
                self.finder.look_up([judged[number].said for number in repeating])
                for number in repeating:
                    batch[number - stretch.start] = self._again(judged[number])
            yield batch

    def _again(self, row: JudgedRow) -> JudgedRow:
        given = row.submission
        if given is None:
            return row
        decided = self._decide(ConvertedRow(row.line, given.values, parts=given.parts, said=row.said), row.cells)
        decided.links = row.links
        return decided

    def problems(self, row: JudgedRow, outcome: Outcome) -> list[tuple[str, str, str]]:
        """Heading, cell and reason of everything that is wrong with a refused row."""
        found = row.problems or explain(outcome.errors, self.headings)
        return [(problem.column, self._cell(row, problem.column), problem.words) for problem in found]

    def _cell(self, row: JudgedRow, heading: str) -> str:
        position = self.positions.get(heading, len(row.cells))
        return row.cells[position] if position < len(row.cells) else ""


def outcome_word(outcome: Outcome) -> str:
    """What happened to a row, in the words of the ledger."""
    return "skipped" if outcome.action == "unchanged" else outcome.action


def refusal(row: JudgedRow, outcome: Outcome, importer: Importer) -> str:
    """Why a row is refused or left, under the headings of the file; empty for a good one."""
    if row.message or row.problems:
        return row.message or " ".join(map(str, row.problems))
    return " ".join(map(str, explain(outcome.errors, importer.headings))) if outcome.errors else ""
