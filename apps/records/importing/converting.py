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


@dataclass
class ConvertedRow:
    """One row as values; references still stand as the text that names them."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[PartRow]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """Sentences by column heading."""


class Converter:
    """Turns rows into values by a plan. Judged cells are remembered: columns repeat themselves."""

    def __init__(self, definition: Definition, plan: ImportPlan, columns: Sequence[str]) -> None:
        self.definition = definition
        self.plan = plan
        by_path = {target.path: target for target in targets(definition)}
        position = {name: number for number, name in enumerate(columns)}
        self.cells = [
            _CellReader(position[column.column], column, by_path[column.path].declared)
            for column in plan.columns
            if column.path in by_path and column.column in position
        ]
        self.constants = {
            path: by_path[path].declared.clean(text) for path, text in plan.constants.items() if path in by_path
        }

    def convert(self, line: int, cells: Sequence[str]) -> ConvertedRow:
        """The row's values; whatever can't be read stands in ``errors`` under its column."""
        row = ConvertedRow(line)
        parts: dict[tuple[str, str], dict[str, Any]] = {}
        for path, value in self.constants.items():
            _put(row, parts, path, value)
        for reader in self.cells:
            raw = cells[reader.position] if reader.position < len(cells) else ""
            try:
                value = reader.read(raw)
            except ValidationError as error:
                row.errors[reader.column.column] = " ".join(error.messages)
                continue
            if reader.is_reference:
                if value or self.plan.blank_overwrites:
                    row.references[reader.column.path] = value
            elif self.plan.blank_overwrites or not reader.declared.behaviour.is_empty(value):
                _put(row, parts, reader.column.path, value)
        for (key, _number), values in sorted(parts.items()):
            filled = self._complete_part(key, values)
            if filled is not None:
                row.parts.setdefault(key, []).append(PartRow(filled))
        return row

    def _complete_part(self, key: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """All values of a part, or None when the row says nothing of it (its kind alone says nothing)."""
        part = self.definition.type.part_index[key]
        if all(name == "kind" or part.index[name].behaviour.is_empty(value) for name, value in values.items()):
            return None
        return {declared.key: values.get(declared.key, _nothing(declared)) for declared in part.fields}


def _nothing(declared: Field) -> Any:
    """What stands in a field of which the file says nothing: its default, else its empty value."""
    return declared.default if declared.default is not None else declared.behaviour.clean("", declared)


def _put(row: ConvertedRow, parts: dict[tuple[str, str], dict[str, Any]], path: str, value: Any) -> None:
    if "." in path:
        key, number, name = path.split(".")
        parts.setdefault((key, number), {})[name] = value
    else:
        row.values[path] = value


class _CellReader:
    """Reads the cells of one column."""

    def __init__(self, position: int, column: ColumnPlan, declared: Field) -> None:
        self.position = position
        self.column = column
        self.declared = declared
        self.is_reference = declared.behaviour.is_reference
        self._known: dict[str, Any] = {}
        self._spell: Callable[[str], str] = _SPELLINGS.get(declared.kind, _as_is).__get__(self)
        self._values = {text.casefold(): value for text, value in column.values.items()}

    def read(self, raw: str) -> Any:
        """The value of a cell. Raises ``ValidationError``."""
        try:
            found = self._known[raw]
        except KeyError:
            try:
                found = self._read(raw)
            except ValidationError as error:
                found = error
            if len(self._known) < 50_000:
                self._known[raw] = found
        if isinstance(found, ValidationError):
            raise found
        return list(found) if isinstance(found, list) else found

    def _read(self, raw: str) -> Any:
        text = unneutralise(raw.strip().strip("\u3000"))
        text = self._values.get(text.casefold(), text)
        if self.is_reference:
            return "" if text.casefold() in EMPTY_WORDS else text
        if not text or (text.casefold() in EMPTY_WORDS and self.declared.kind not in {"text", "longtext"}):
            return _nothing(self.declared)
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


def explain(errors: Mapping[str, Sequence[str]], headings: Mapping[str, str]) -> str:
    """Errors by field as one sentence for the error file; ``headings`` gives the file's column by field."""
    told = []
    for key, messages in errors.items():
        heading = headings.get(key, "")
        words = " ".join(messages)
        told.append(f"{heading}: {words}" if heading else words)
    return " ".join(told) or _("This row can't be imported.")
