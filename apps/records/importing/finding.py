"""Which record a row of a file means: by one key, or by several that must not contradict each other."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from apps.core.registry import Definition, PartType
from apps.records.importing.converting import ConvertedRow
from apps.records.importing.mapping import ImportPlan, Mode
from apps.records.importing.matching import find_by, find_by_part, fold

Said = tuple[str, str]
"""What a row says in a key: the key, or the path of a part's column such as ``phones.e164``, and the text."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The record that a row means, if any; or why that isn't clear, with the key to blame."""

    record_id: uuid.UUID | None = None
    key: str = ""
    words: str = ""


class Finder:
    """Finds the records that the rows of one file mean, among those that one person sees."""

    def __init__(self, definition: Definition, plan: ImportPlan, user: Any) -> None:
        self.type, self.user = definition.type, user
        self.keys = plan.match_keys if plan.mode != Mode.CREATE else ()
        self._copied = {
            key: [(part.key, part.primary[key]) for part in self.type.parts if key in part.primary]
            for key in self.keys
        }
        self._forms: dict[str, tuple[PartType, str]] = {}
        for part in self.type.parts:
            self._forms |= {key: (part, column) for key, column in part.found_by.items() if key in self.keys}
        self._key_of = {self._path(key): key for key in self._forms}
        self._blank = {one.column: one.behaviour.empty for one in self.type.fields if not one.custom}
        self._known: Mapping[Said, list[uuid.UUID]] = {}
        self._folded: Mapping[str, str] = {}

    def said(self, row: ConvertedRow) -> tuple[Said, ...]:
        """What a row says of the record that it means. Asks nothing of the database, so any thread may do it."""
        found = []
        for key in self.keys:
            text = self._text(row, key)
            if text:
                form = self._form(row, key, text) if key in self._forms else ""
                found.append((self._path(key), form) if form else (key, text))
        return tuple(found)

    def _text(self, row: ConvertedRow, key: str) -> str:
        """A copy of a part's first row stands in the part."""
        given = row.values.get(key)
        if not given:
            for part, column in self._copied[key]:
                first = row.parts.get(part)
                if first:
                    given = first[0].values.get(column)
        return str(given or "")

    def _path(self, key: str) -> str:
        part, column = self._forms[key]
        return f"{part.key}.{column}"

    def _form(self, row: ConvertedRow, key: str, text: str) -> str:
        """The form in which a text is compared: what the part's row would derive from it, were it saved."""
        part, column = self._forms[key]
        if part.derive is None:
            return ""
        stated = dict(self._blank)
        for other in self.type.parts:
            for first in row.parts.get(other.key, ())[:1]:
                for copy, source in other.primary.items():
                    stated[self.type.index[copy].column] = first.values.get(source)
        stated |= {self.type.index[name].column: value for name, value in row.values.items()}
        derived = SimpleNamespace(**{part.index[part.primary[key]].column: text})
        part.derive(derived, SimpleNamespace(**stated))
        return str(getattr(derived, column) or "")

    def look_up(self, rows: Iterable[tuple[Said, ...]]) -> None:
        """Ask the database for everything that these rows say; one or two queries a key."""
        texts: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for name, text in row:
                texts[name].add(text)
        loose = {name for name in texts if name in self.type.index and not self.type.index[name].exact}
        self._folded = fold({text for name in loose for text in texts[name]}) if loose else {}
        seen = self.type.visible_to(self.user)
        known: dict[Said, list[uuid.UUID]] = {}
        for name, some in texts.items():
            if name in self._key_of:
                by_text = find_by_part(seen, *self._forms[self._key_of[name]], some)
            else:
                by_text = find_by(seen, self.type.index[name], some, folded=self._folded)
            known.update({(name, text): ids for text, ids in by_text.items()})
        self._known = known

    def meant(self, said: Sequence[Said]) -> Meant:
        """The record of a row that was looked up."""
        hits = {self._key_of.get(one[0], one[0]): set(self._known[one]) for one in said if self._known.get(one)}
        if not hits:
            return Meant()
        common = set.intersection(*hits.values())
        if len(common) == 1:
            return Meant(next(iter(common)))
        labels = get_text_list([str(self.type.index[key].label) for key in hits], _("and"))
        words = _("%(count)d records have this %(field)s, so it isn't clear which one is meant.")
        if not common:
            words = _("%(field)s belong to different records, so it isn't clear which one is meant.")
        return Meant(key=next(iter(hits)), words=words % {"count": len(common), "field": labels})

    def batches(self, rows: Sequence[tuple[Said, ...]]) -> Iterator[tuple[range, list[int]]]:
        """Stretches of rows none of which says what another one says, and those of each that repeat earlier ones.

        The rows were looked up together.
        """
        begin, seen, waiting = 0, set[Said](), set[Said]()
        again: list[int] = []
        for number, said in enumerate(rows):
            identity = {(name, self._folded.get(text, text)) for name, text in said}
            if not identity.isdisjoint(waiting):
                yield range(begin, number), again
                begin, waiting, again = number, set(), []
            if not identity.isdisjoint(seen):
                again.append(number)
            seen |= identity
            waiting |= identity
        yield range(begin, len(rows)), again
