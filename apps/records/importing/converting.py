"""From a row of a file to a submission: cells are spelt the file's way, values the product's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.fields import Field
from apps.core.formulas import unneutralise
from apps.core.registry import Definition
from apps.core.saving import PartRow
from apps.records.importing.mapping import DATE_FORMATS, ColumnPlan, ImportPlan, Unknown, of_system, targets

MAX_EXPONENT = 60
"""Powers of ten that a number is written out to: ``1e999999999`` would fill the memory with zeros."""
EMPTY_WORDS = frozenset({"null", "none", "n/a", "#n/a", "-"})
_MONEY = re.compile(r"[\s\u00a0\u202f'’$€£¥₹]|(?i:USD|EUR|GBP|CHF|JPY)")
MEMO = 4_000
"""Distinct cells of one column that are remembered at a time, so that wide and long files stay small in memory."""
MEMO_LENGTH = 200


Pieces = dict[tuple[str, int, int], dict[str, Any]]
"""Values of parts: by the part's key, which of several values in one cell they are, and the number of the row."""


@dataclass(slots=True)
class Problem:
    """Why a cell, or without a heading the row as a whole, can't be imported."""

    column: str
    words: str

    def __str__(self) -> str:
        return f"{self.column}: {self.words}" if self.column else self.words


@dataclass(slots=True)
class ConvertedRow:
    """One row as values; references still stand as the text that names them, by path."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    pieces: Pieces = field(default_factory=dict)
    """Until ``complete`` makes rows of parts out of them."""
    parts: dict[str, list[PartRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    said: tuple[tuple[str, str], ...] = ()
    """What the row says of the record that it means (``finding.py``)."""

    def put(self, path: str, value: Any) -> None:
        """Set the value of a field, or with a path such as ``addresses.0.city`` of a part."""
        if "." in path:
            key, number, name = path.split(".")
            self.pieces.setdefault((key, 0, int(number)), {})[name] = value
        else:
            self.values[path] = value


class Converter:
    """Turns rows into values by a plan. Judged cells are remembered: columns repeat themselves."""

    def __init__(self, definition: Definition, plan: ImportPlan, columns: Sequence[str]) -> None:
        self.definition = definition
        self.declared = {target.path: target.declared for target in targets(definition, columns)}
        position = {name: number for number, name in enumerate(columns)}
        self.readers = [
            _CellReader(position[column.column], column, self.declared, plan)
            for column in plan.columns
            if column.path in self.declared and column.column in position
        ]
        self.constants = {
            path: self.declared[path].clean(text) for path, text in plan.constants.items() if path in self.declared
        }
        self.waiting = frozenset(reader.at[0] for reader in self.readers if reader.is_reference and reader.at)
        """The parts whose rows refer to records that are yet to be found."""
        placed = [reader.at for reader in self.readers if reader.at]
        self._last = {key: max(number for other, _place, number in placed if other == key) for key, *_rest in placed}
        """The last row of each part that a column numbers."""
        self._required = {
            part.key: [declared for declared in part.fields if declared.required] for part in definition.type.parts
        }
        self._blank = {
            part.key: {declared.key: _nothing(declared) for declared in part.fields} for part in definition.type.parts
        }

    def convert(self, line: int, cells: Sequence[str]) -> ConvertedRow:
        """The row's values; whatever can't be read stands in ``problems``."""
        row = ConvertedRow(line)
        for path, value in self.constants.items():
            row.put(path, value)
        width = len(cells)
        values, pieces = row.values, row.pieces
        for reader in self.readers:
            raw = cells[reader.position] if reader.position < width else ""
            value = reader.known.get(raw, _UNKNOWN)
            if value is _UNKNOWN:
                value = reader.judge(raw)
            if value is _NOTHING:
                continue
            if isinstance(value, Problem):
                row.problems.append(value)
            elif reader.is_reference:
                row.references[reader.path] = value
                if reader.at is not None and reader.given and value:
                    reader.tell(pieces.setdefault(reader.at, {}))
            elif reader.at is None:
                values[reader.path] = list(value) if isinstance(value, list) else value
            elif reader.given or type(value) is _Several:
                reader.put(pieces, value)
            else:
                pieces.setdefault(reader.at, {})[reader.name] = value
        self.complete(row, but_for=self.waiting)
        return row

    def complete(self, row: ConvertedRow, *, but_for: frozenset[str] = frozenset()) -> None:
        """Make rows of parts out of their pieces, where nothing is waited for any more.

        Second and further values of one cell follow the rows that the file's columns number.
        """
        extra: dict[str, int] = {}
        waiting: Pieces = {}
        for key, place, number in sorted(row.pieces):
            if key in but_for:
                waiting[key, place, number] = row.pieces[key, place, number]
                continue
            said = row.pieces[key, place, number]
            if place:
                said = self._shared(key, row.pieces.get((key, 0, number), {})) | said
                number = extra[key] = extra.get(key, self._last.get(key, 0)) + 1
            filled = self._complete_part(key, said)
            if filled is None:
                continue
            lacking = [f for f in self._required[key] if f.behaviour.is_empty(filled[f.key])]
            row.problems += [Problem("", f"{field.label}: {_('This field is required.')}") for field in lacking]
            if not lacking:
                row.parts.setdefault(key, []).append(PartRow(filled, place=number, given=frozenset(said)))
        row.pieces = waiting

    def _shared(self, key: str, values: dict[str, Any]) -> dict[str, Any]:
        """What the first of several values tells of the others: their kind."""
        index = self.definition.type.part_index[key].index
        return {name: value for name, value in values.items() if index[name].default is not None}

    def _complete_part(self, key: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """All values of a part, or None when the row says nothing of it: defaults alone say nothing."""
        index = self.definition.type.part_index[key].index
        if all(
            index[name].default is not None or index[name].behaviour.is_empty(value) for name, value in values.items()
        ):
            return None
        return self._blank[key] | values


def _nothing(declared: Field) -> Any:
    """What stands in a field of which the file says nothing: its default, else its empty value."""
    return declared.default if declared.default is not None else declared.behaviour.clean("", declared)


@dataclass(slots=True)
class _Several:
    """The values of one cell that stand for several rows of a part."""

    values: list[Any]


_UNKNOWN: Any = object()
"""A cell that wasn't judged yet."""
_EMPTY: Any = object()
"""A cell that says nothing."""
_NOTHING: Any = object()
"""A cell that leaves its field alone."""


class _CellReader:
    """Reads the cells of one column."""

    def __init__(self, position: int, column: ColumnPlan, fields: Mapping[str, Field], plan: ImportPlan) -> None:
        self.position = position
        self.column = column
        self.path = column.path
        self.declared = fields[column.path]
        key, _dot, rest = column.path.partition(".")
        number, _dot, self.name = rest.partition(".")
        self.at = (key, 0, int(number)) if rest else None
        """Where among the pieces of parts its values go."""
        told = column.given if self.at else {}
        self.given = {
            name: fields[f"{key}.{number}.{name}"].clean(text)
            for name, text in told.items()
            if f"{key}.{number}.{name}" in fields
        }
        self.is_reference = self.declared.behaviour.is_reference
        self.known: dict[str, Any] = {}
        """What cells that came up before were worth: a value, ``_NOTHING`` or a ``Problem``."""
        self._blank_overwrites = plan.blank_overwrites
        self._system = plan.system if self.path == "external_id" else ""
        self._separator = column.separator if self.at and not self.is_reference else ""
        self._spell: Callable[[str], str] = _SPELLINGS.get(self.declared.kind, _as_is).__get__(self)
        self._values = {text.casefold(): value for text, value in column.values.items()}

    def put(self, pieces: Pieces, value: Any) -> None:
        """Put the value, or each of several, among the pieces, with what the heading tells of their rows."""
        key, _place, number = self.at or ("", 0, 0)
        for place, one in enumerate(value.values if isinstance(value, _Several) else (value,)):
            piece = pieces.setdefault((key, place, number), {})
            piece[self.name] = one
            if not self.declared.behaviour.is_empty(one):
                self.tell(piece)

    def tell(self, piece: dict[str, Any]) -> None:
        """Add what the heading tells of a row, where no column says it."""
        for name, told in self.given.items():
            piece.setdefault(name, told)

    def judge(self, raw: str) -> Any:
        """The value of a cell that isn't in ``known``."""
        found: Any
        try:
            found = self._read_several(raw) if self._separator and self._separator in raw else self._read(raw)
        except ValidationError as error:
            found = Problem(self.column.column, " ".join(error.messages))
        else:
            empty = found is _EMPTY or self.declared.behaviour.is_empty(found)
            if empty and not self._blank_overwrites:
                found = _NOTHING
            elif found is _EMPTY:
                found = "" if self.is_reference else _nothing(self.declared)
        if len(raw) <= MEMO_LENGTH:
            if len(self.known) >= MEMO:
                self.known.clear()
            self.known[raw] = found
        return found

    def _read_several(self, raw: str) -> Any:
        values = [self._read(text) for text in raw.split(self._separator)]
        filled = [one for one in values if one is not _EMPTY and not self.declared.behaviour.is_empty(one)]
        return _Several(filled) if len(filled) > 1 else filled[0] if filled else _EMPTY

    def _read(self, raw: str) -> Any:
        text = unneutralise(raw.strip().strip("\u3000"))
        if self._values:
            text = self._values.get(text.casefold(), text)
        if not text or (text.casefold() in EMPTY_WORDS and self.declared.kind not in {"text", "longtext"}):
            return _EMPTY
        if self.is_reference:
            return text
        if self._system:
            text = of_system(self._system, text)
        try:
            return self.declared.clean(self._spell(text))
        except ValidationError as error:
            if self.column.unknown == Unknown.EMPTY and error.code == "choice":
                return self.declared.behaviour.clean("", self.declared)
            raise


def _as_is(self: _CellReader, text: str) -> str:
    return text


def _number(self: _CellReader, text: str) -> str:
    bare = _MONEY.sub("", text)
    bare = bare.replace(".", "").replace(",", ".") if self.column.decimal_comma else bare.replace(",", "")
    try:
        number = Decimal(bare)
        if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
            return text
        if self.column.factor:
            number *= Decimal(self.column.factor)
    except ArithmeticError:
        return text
    if abs(number.adjusted()) > MAX_EXPONENT:
        return text
    places = self.declared.decimal_places if self.declared.kind == "decimal" else 0
    if number == number.quantize(Decimal(1).scaleb(-places)) if abs(number.adjusted()) < 25 else False:
        number = number.quantize(Decimal(1).scaleb(-places))
    return format(number, "f")


def _date(self: _CellReader, text: str) -> str:
    formats = (self.column.date_format,) if self.column.date_format else DATE_FORMATS[:1]
    for pattern in formats:
        try:
            return dt.datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return text


_SPELLINGS: Mapping[str, Any] = {"integer": _number, "decimal": _number, "date": _date}


def explain(errors: Mapping[str, Sequence[str]], headings: Mapping[str, str]) -> list[Problem]:
    """Errors by field as problems; ``headings`` gives the file's column by path."""
    found = [Problem(headings.get(key, ""), " ".join(messages)) for key, messages in errors.items()]
    return found or [Problem("", _("This row can't be imported."))]
