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
from apps.records.importing.mapping import ColumnPlan, ImportPlan, Unknown, targets

MAX_EXPONENT = 60
"""Powers of ten that a number is written out to: ``1e999999999`` would fill the memory with zeros."""
EMPTY_WORDS = frozenset({"null", "none", "n/a", "#n/a", "-"})
_MONEY = re.compile(r"[\s\u00a0\u202f'’$€£¥₹]|(?i:USD|EUR|GBP|CHF|JPY)")
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%b %d, %Y")


MEMO = 4_000
"""Distinct cells of one column that are remembered at a time, so that wide and long files stay small in memory."""
MEMO_LENGTH = 200


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
    pieces: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Values of parts by part key and number, until ``complete`` makes rows of them."""
    parts: dict[str, list[PartRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, path: str, value: Any) -> None:
        """Set the value of a field, or with a path such as ``addresses.0.city`` of a part."""
        if "." in path:
            key, number, name = path.split(".")
            self.pieces.setdefault((key, number), {})[name] = value
        else:
            self.values[path] = value


class Converter:
    """Turns rows into values by a plan. Judged cells are remembered: columns repeat themselves."""

    def __init__(self, definition: Definition, plan: ImportPlan, columns: Sequence[str]) -> None:
        self.definition = definition
        self.declared = {target.path: target.declared for target in targets(definition, columns)}
        position = {name: number for number, name in enumerate(columns)}
        self.readers = [
            _CellReader(position[column.column], column, self.declared[column.path], plan.blank_overwrites)
            for column in plan.columns
            if column.path in self.declared and column.column in position
        ]
        self.constants = {
            path: self.declared[path].clean(text) for path, text in plan.constants.items() if path in self.declared
        }
        self._waits = any(reader.is_reference and reader.part for reader in self.readers)
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
            elif reader.part is not None:
                pieces.setdefault(reader.part, {})[reader.name] = value
            else:
                values[reader.path] = list(value) if isinstance(value, list) else value
        if not self._waits:
            self.complete(row)
        return row

    def complete(self, row: ConvertedRow) -> None:
        """Make rows of parts out of their pieces, when nothing is waited for any more."""
        for key, number in sorted(row.pieces):
            said = row.pieces[key, number]
            filled = self._complete_part(key, said)
            if filled is None:
                continue
            lacking = [f for f in self._required[key] if f.behaviour.is_empty(filled[f.key])]
            row.problems += [Problem("", f"{field.label}: {_('This field is required.')}") for field in lacking]
            if not lacking:
                row.parts.setdefault(key, []).append(PartRow(filled, place=int(number), given=frozenset(said)))
        row.pieces.clear()

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


_UNKNOWN: Any = object()
"""A cell that wasn't judged yet."""
_EMPTY: Any = object()
"""A cell that says nothing."""
_NOTHING: Any = object()
"""A cell that leaves its field alone."""


class _CellReader:
    """Reads the cells of one column."""

    def __init__(self, position: int, column: ColumnPlan, declared: Field, blank_overwrites: bool) -> None:
        self.position = position
        self.column = column
        self.declared = declared
        self.path = column.path
        key, _dot, rest = column.path.partition(".")
        number, _dot, self.name = rest.partition(".")
        self.part = (key, number) if rest else None
        self.is_reference = declared.behaviour.is_reference
        self.known: dict[str, Any] = {}
        """What cells that came up before were worth: a value, ``_NOTHING`` or a ``Problem``."""
        self._blank_overwrites = blank_overwrites
        self._spell: Callable[[str], str] = _SPELLINGS.get(declared.kind, _as_is).__get__(self)
        self._values = {text.casefold(): value for text, value in column.values.items()}

    def judge(self, raw: str) -> Any:
        """The value of a cell that isn't in ``known``."""
        found: Any
        try:
            found = self._read(raw)
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

    def _read(self, raw: str) -> Any:
        text = unneutralise(raw.strip().strip("\u3000"))
        if self._values:
            text = self._values.get(text.casefold(), text)
        if not text or (text.casefold() in EMPTY_WORDS and self.declared.kind not in {"text", "longtext"}):
            return _EMPTY
        if self.is_reference:
            return text
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
