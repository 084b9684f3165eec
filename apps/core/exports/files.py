"""Files of records: CSV, XLSX and JSON, written chunk by chunk, so that memory stays flat at any size.

Records come in the order of their creation, by keyset, with the columns asked for and no others; the field
rules hold as in lists. A text that a spreadsheet would run as a formula is written with an apostrophe before
it in CSV (OWASP, "CSV Injection"), and ``unneutralise`` gives the original back; in XLSX every text is typed as
text, which no program evaluates. JSON keeps each value as it is.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from rustpy_xlsxwriter import FastExcel, Format

from apps.core.access import RecordQuerySet
from apps.core.conditions import Viewer
from apps.core.exports.cells import (
    Spell,
    Value,
    cell_date,
    cell_moment,
    cell_number,
    cell_text,
    chained,
    number_format,
    to_text,
)
from apps.core.fields import Field
from apps.core.formulas import neutralise
from apps.core.kinds import Checkbox, Date, DateTime, Decimals, Integer
from apps.core.registry import Definition, PartType
from apps.core.titles import Titles

CHUNK = 2_000
"""Records read at once."""
MAX_SHEET_ROWS = 1_048_575
"""Records that one sheet of XLSX holds, without its heading (ECMA-376 as Excel implements it)."""

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

MAX_PART_ROWS = 10
"""Rows of one part that a table has columns for."""


@dataclass(frozen=True)
class _Column:
    """One column of the file. ``piece`` says what of a reference stands in it: its title or its id."""

    field: Field
    heading: str
    position: int
    piece: str = ""


class Export:
    """The records of ``queryset`` with some columns, as one viewer may have them.

    ``queryset`` must come from ``visible_to(user, "export")``. ``columns`` are keys of fields and parts; all fields
    that the viewer may see when none are given. A part has as many columns in a table as the record with most of its
    rows needs, at most ``MAX_PART_ROWS`` rows; JSON has them all. ``progress(done)`` is called after each chunk.
    """

    def __init__(
        self,
        definition: Definition,
        viewer: Viewer,
        queryset: RecordQuerySet[Any],
        columns: Sequence[str] = (),
        *,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.definition = definition
        self.viewer = viewer
        self.queryset = queryset
        self.progress = progress
        keys = list(dict.fromkeys(columns)) or list(definition.fields)
        parts = {part.key: part for part in definition.parts}
        self.parts = [parts[key] for key in keys if key in parts]
        self.fields = [definition.usable(key) for key in keys if key not in parts]
        self.titles = Titles(viewer.user)

    # --- rows -------------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> list[str]:
        names = ["pk", *(field.column for field in self.fields if not field.custom)]
        return [*names, "custom"] if any(field.custom for field in self.fields) else names

    def _chunks(self) -> Iterator[list[tuple[uuid.UUID, list[Value]]]]:
        """Id and values in the order of the fields, a chunk at a time."""
        rows = self.queryset.order_by("pk").values_list(*self._names)
        where = {name: position for position, name in enumerate(self._names)}
        takers = [self._taker(field, where) for field in self.fields]
        last: uuid.UUID | None = None
        done = 0
        while True:
            chunk = list((rows if last is None else rows.filter(pk__gt=last))[:CHUNK])
            if not chunk:
                return
            last = chunk[-1][0]
            values = [(row[0], [take(row) for take in takers]) for row in chunk]
            self._want_titles(values)
            self._read_parts([pk for pk, _values in values])
            yield values
            done += len(chunk)
            if self.progress is not None:
                self.progress(done)
            if len(chunk) < CHUNK:
                return

    def _taker(self, field: Field, where: dict[str, int]) -> Callable[[Sequence[Any]], Value]:
        if not field.custom:
            position = where[field.column]
            return lambda row: row[position]
        custom, key, behaviour = where["custom"], field.key, field.behaviour
        return lambda row: behaviour.from_json(row[custom].get(key))

    def _want_titles(self, rows: list[tuple[uuid.UUID, list[Value]]]) -> None:
        for position, field in enumerate(self.fields):
            if field.behaviour.is_reference and not field.masked:
                self.titles.want(self.definition.type, field, (values[position] for _id, values in rows))

    # --- parts ------------------------------------------------------------------------------------------

    def _read_parts(self, ids: list[uuid.UUID]) -> None:
        """The rows of each part for the records of a chunk, one query a part."""
        self._rows: dict[str, dict[uuid.UUID, list[Any]]] = {}
        for part in self.parts:
            by_record: dict[uuid.UUID, list[Any]] = {}
            parent = f"{part.model.parent_field}_id"
            rows = part.model._base_manager.filter(**{f"{parent}__in": ids}).order_by("position", "id")
            for row in rows:
                by_record.setdefault(getattr(row, parent), []).append(row)
                for field in part.references:
                    self.titles.want(self.definition.type, field, [field.value_of(row)])
            self._rows[part.key] = by_record

    @cached_property
    def _most_rows(self) -> dict[str, int]:
        """How many rows of each part the record with most of them has, one query a part."""
        found = {}
        for part in self.parts:
            parent = f"{part.model.parent_field}_id"
            rows = part.model._base_manager.filter(**{f"{parent}__in": self.queryset.order_by().values("pk")})
            most = rows.order_by().values(parent).annotate(rows=Count("pk")).aggregate(most=Max("rows"))["most"]
            found[part.key] = min(most or 0, MAX_PART_ROWS)
        return found

    def _part_values(self, pk: uuid.UUID) -> list[Value]:
        """The values of a record's part rows, in the order of ``_columns``; what it doesn't have is empty."""
        values: list[Value] = []
        for part in self.parts:
            rows = self._rows[part.key].get(pk, [])
            for number in range(self._most_rows[part.key]):
                row = rows[number] if number < len(rows) else None
                values += [f.value_of(row) if row is not None else f.behaviour.empty for f in part.fields]
        return values

    # --- tables -----------------------------------------------------------------------------------------

    @cached_property
    def _columns(self) -> list[_Column]:
        """A reference has two columns: what it is called, and its id, by which it can be read back."""
        found: list[_Column] = []
        labelled = [(field, str(field.label)) for field in self.fields]
        labelled += [
            (field, _("%(part)s %(number)d: %(field)s") % {"part": part.label_one, "number": n, "field": field.label})
            for part in self.parts
            for n in range(1, self._most_rows[part.key] + 1)
            for field in part.fields
        ]
        for position, (field, label) in enumerate(labelled):
            if field.behaviour.is_reference and not field.masked:
                found.append(_Column(field, label, position, "title"))
                found.append(_Column(field, _("%(field)s (ID)") % {"field": label}, position, "id"))
            else:
                found.append(_Column(field, label, position))
        return found

    @cached_property
    def headings(self) -> list[str]:
        """The heading of each column; of those with one label, later ones carry their key."""
        headings = [_("Record ID")]
        for column in self._columns:
            known = column.heading in headings
            headings.append(f"{column.heading} ({column.field.key})" if known else column.heading)
        return headings

    def _table(self, spells: Sequence[Spell]) -> Iterator[list[list[Any]]]:
        positions = [column.position for column in self._columns]
        paired = list(zip(positions, spells, strict=True))
        for chunk in self._chunks():
            whole = [(pk, [*values, *self._part_values(pk)] if self.parts else values) for pk, values in chunk]
            yield [[str(pk), *(spell(values[position]) for position, spell in paired)] for pk, values in whole]

    def _spell_reference(self, column: _Column) -> Spell:
        def spell(value: uuid.UUID | None) -> str:
            if value is None:
                return ""
            title = self.titles.get(self.definition.type, column.field, value)
            if column.piece == "id":
                return "" if title.restricted else str(value)
            return title.text

        return spell

    def _csv_spell(self, column: _Column) -> Spell:
        field = column.field
        if column.piece:
            return chained(self._spell_reference(column), neutralise)
        behaviour = field.behaviour
        plain = to_text(field)
        if not field.masked and isinstance(behaviour, Integer | Decimals | Date | DateTime | Checkbox):
            return plain
        return chained(plain, neutralise)

    def csv(self, *, bom: bool = False) -> Iterator[bytes]:
        """The file in pieces: UTF-8, commas, CRLF (RFC 4180); ``bom`` helps old spreadsheets to know UTF-8."""
        spells = [self._csv_spell(column) for column in self._columns]
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(neutralise(heading) for heading in self.headings)
        yield (b"\xef\xbb\xbf" if bom else b"") + _taken(buffer)
        for rows in self._table(spells):
            writer.writerows(rows)
            yield _taken(buffer)

    def _xlsx_spell(self, column: _Column) -> Spell:
        field = column.field
        if column.piece:
            return chained(self._spell_reference(column), cell_text)
        if not field.masked:
            behaviour = field.behaviour
            if isinstance(behaviour, Integer | Decimals):
                return cell_number
            if isinstance(behaviour, DateTime):
                zone = self.viewer.time_zone
                return lambda value: cell_moment(value, zone)
            if isinstance(behaviour, Date):
                return cell_date
            if isinstance(behaviour, Checkbox):
                return lambda value: value
        return chained(to_text(field), cell_text)

    def xlsx(self, path: Path) -> None:
        """Write the workbook; more than a million records go on to further sheets.

        Moments are those of the viewer's time zone. A text of more than 32,767 characters is cut with "…".
        """
        headings = self.headings
        rows = chain.from_iterable(self._table([self._xlsx_spell(column) for column in self._columns]))
        records: Iterator[dict[str, Any]] = (dict(zip(headings, row, strict=True)) for row in rows)
        number_of_records = self.queryset.order_by().count()
        if not number_of_records:
            records = iter([dict.fromkeys(headings)])  # without a row the writer knows no headings
        sheets = max(1, math.ceil(number_of_records / MAX_SHEET_ROWS))
        formats = {
            heading: Format().set_num_format(pattern)
            for heading, column in zip(headings[1:], self._columns, strict=True)
            if (pattern := number_format(column.field))
        }
        book = FastExcel(path)
        for number in range(1, sheets + 1):
            book.sheet(self._sheet_name(number), islice(records, MAX_SHEET_ROWS), column_formats=formats or None)
            book.freeze(row=1, sheet=self._sheet_name(number))
        book.save()

    def _sheet_name(self, number: int) -> str:
        name = re.sub(r"[\[\]:*?/\\']", " ", str(self.definition.type.label_plural)).strip()[:25] or "Records"
        return name if number == 1 else f"{name} {number}"

    # --- JSON -------------------------------------------------------------------------------------------

    def json(self) -> Iterator[bytes]:
        """A JSON array in pieces: one object a record, keys as in the API."""
        spells = [self._json_spell(field) for field in self.fields]
        keys = [field.key for field in self.fields]
        opening = "["
        for chunk in self._chunks():
            lines = []
            for pk, values in chunk:
                body: dict[str, Any] = {"id": str(pk)}
                body.update((key, spell(value)) for key, spell, value in zip(keys, spells, values, strict=True))
                body.update((part.key, self._json_rows(part, pk)) for part in self.parts)
                lines.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
            yield (opening + "\n" + ",\n".join(lines)).encode()
            opening = ","
        yield b"\n]\n" if opening == "," else b"[]\n"

    def _json_rows(self, part: PartType, pk: uuid.UUID) -> list[dict[str, Any]]:
        spells = [(field, self._json_spell(field)) for field in part.fields]
        return [
            {field.key: spell(field.value_of(row)) for field, spell in spells}
            for row in self._rows[part.key].get(pk, [])
        ]

    def _json_spell(self, field: Field) -> Spell:
        behaviour = field.behaviour
        if field.masked:
            return to_text(field)
        if not behaviour.is_reference:
            return behaviour.to_json

        def spell(value: uuid.UUID | None) -> Any:
            if value is None:
                return None
            title = self.titles.get(self.definition.type, field, value)
            return {"id": None, "restricted": True} if title.restricted else {"id": str(value), "title": title.text}

        return spell

    # --- any --------------------------------------------------------------------------------------------

    def write(self, file_format: str, target: IO[bytes], *, bom: bool = False) -> None:
        """Write the whole file to ``target``. Raises ``ValidationError`` for an unknown format."""
        if file_format not in CONTENT_TYPES:
            raise ValidationError(_("Choose CSV, XLSX or JSON."), "format")
        if file_format == "xlsx":
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "export.xlsx"
                self.xlsx(path)
                with path.open("rb") as written:
                    shutil.copyfileobj(written, target)
            return
        target.writelines(self.csv(bom=bom) if file_format == "csv" else self.json())


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
