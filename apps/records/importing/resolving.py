"""What the references of a row point to: records that are there, other rows of the file, or records to be made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from apps.core import access
from apps.core.change import Change
from apps.core.exceptions import UnknownType
from apps.core.fields import Field
from apps.core.ids import uuid7
from apps.core.registry import definition_for, registry
from apps.core.saving import Submission, clean_values, save_many
from apps.records.importing.converting import ConvertedRow
from apps.records.importing.linking import hold_back
from apps.records.importing.mapping import ImportPlan, Unknown, of_system
from apps.records.importing.matching import find_references, fold


@dataclass(slots=True)
class NewRecord:
    """A record that the file refers to by name and that isn't there: it is made before the rows that need it."""

    target: str
    text: str
    path: str
    id: uuid.UUID
    by: str = ""
    """The field besides the title that gets the text: rows find it by that one."""
    made: bool = False
    refused: str = ""


@dataclass(slots=True)
class Resolved:
    """What became of a row's references.

    ``links`` wait for other rows of the file, as JSON: by field key the text, by part key its rows (``linking.py``).
    """

    links: dict[str, Any] = field(default_factory=dict)
    needs: list[NewRecord] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)


class Resolver:
    """Finds what references mean, chunk by chunk; one query a column and chunk."""

    def __init__(
        self,
        definition: Any,
        plan: ImportPlan,
        declared: Mapping[str, Field],
        user: Any,
        own_titles: Callable[[], frozenset[int]],
    ) -> None:
        self.definition, self.user, self.declared = definition, user, declared
        self._read_own_titles = own_titles
        self._system = plan.system
        self._unknown = {path: column.unknown for path, column in plan.mapped().items()}
        self._by = {path: column.find_by for path, column in plan.mapped().items()}
        self._known: dict[str, Mapping[str, list[uuid.UUID]]] = {}
        self._needed: dict[tuple[str, str], NewRecord] = {}
        self._folded: dict[str, str] = {}
        self._may_make: dict[str, bool] = {}
        self.made: list[NewRecord] = []
        """What was made since somebody last took it away."""

    @cached_property
    def own_titles(self) -> frozenset[int]:
        """Hashes of what rows of the file are called; see ``Importer``."""
        return self._read_own_titles()

    def find(self, wanted: Mapping[str, Collection[str]]) -> dict[str, Mapping[str, list[uuid.UUID]]]:
        """The ids that the texts of columns mean, by the column's path and the text."""
        return {
            path: find_references(
                self.declared[path], texts, self.user, by=self._by.get(path, ""), system=self._system
            )
            for path, texts in wanted.items()
        }

    def look_up(self, rows: Sequence[ConvertedRow]) -> None:
        """Ask the database for everything that a chunk's references name."""
        wanted: dict[str, set[str]] = {}
        for row in rows:
            for path, text in row.references.items():
                if text:
                    wanted.setdefault(path, set()).add(text)
        self._known = self.find(wanted)
        making = {path for path in wanted if self._unknown.get(path) == Unknown.CREATE}
        self._needed = {}
        self._folded = fold({text for path in making for text in wanted[path]}) if making else {}

    def resolve(self, row: ConvertedRow) -> Resolved:
        """Put ids where the row names records."""
        found = Resolved()
        waiting: dict[str, str] = {}
        for path, text in row.references.items():
            declared = self.declared[path]
            known = self._known.get(path, {}).get(text, []) if text else []
            if not text:
                row.put(path, None)
            elif len(known) == 1:
                row.put(path, known[0])
            elif known:
                words = _("“%(text)s” could mean %(count)d records.") % {"text": text[:80], "count": len(known)}
                found.errors[path] = [words]
            elif self._is_own_row(declared, text):
                waiting[path] = text
            elif self._unknown.get(path) == Unknown.CREATE and self._may_be_made(declared):
                need = self._need(declared.target, path, text)
                found.needs.append(need)
                row.put(path, need.id)
            elif self._unknown.get(path) != Unknown.EMPTY:
                found.errors[path] = [_("“%(text)s” isn't there, or you may not see it.") % {"text": text[:80]}]
        if waiting:
            found.links = hold_back(row, waiting, self.definition.type)
        return found

    def _is_own_row(self, declared: Field, text: str) -> bool:
        own = declared.target == self.definition.type.key
        return own and hash(text.strip().casefold()) in self.own_titles

    def _may_be_made(self, declared: Field) -> bool:
        """Is the target a type whose records this person may add?"""
        target = declared.target
        if target not in self._may_make:
            try:
                registry.get(target)
                self._may_make[target] = access.can(self.user, "add", target)
            except UnknownType:
                self._may_make[target] = False
        return self._may_make[target]

    def _need(self, target: str, path: str, text: str) -> NewRecord:
        by = self._by.get(path, "")
        key = (target, text if by == "external_id" else self._folded.get(text, text))
        if key not in self._needed:
            self._needed[key] = NewRecord(target, text, path, uuid7(), by)
        return self._needed[key]

    def make(self, needed: Sequence[NewRecord], change: Change) -> None:
        """Save new records of one or more types by their names. What can't be made says why in ``refused``."""
        by_target: dict[str, list[NewRecord]] = {}
        for need in needed:
            by_target.setdefault(need.target, []).append(need)
        for target, some in by_target.items():
            definition = definition_for(target, self.user)
            good, submissions = [], []
            for need in some:
                title = definition.type.title_field
                raw = {title: need.text}
                if need.by and need.by != title:
                    raw[need.by] = of_system(self._system, need.text) if need.by == "external_id" else need.text
                values, errors = clean_values(definition, raw, partial=True, creating=True)
                if errors:
                    need.refused = " ".join(words for group in errors.values() for words in group)
                    continue
                good.append(need)
                submissions.append(Submission(definition, self.user, values, new_id=need.id))
            outcomes = save_many(definition, submissions, user=self.user, change=change)
            for need, outcome in zip(good, outcomes, strict=True):
                need.made = outcome.action == "created"
                need.refused = " ".join(words for group in outcome.errors.values() for words in group)
        self.made += [need for need in needed if need.made]
