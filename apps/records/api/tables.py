"""Records as CSV (RFC 4180): a page of a list, and rows for a bulk call. Columns are named by field keys.

A text that a spreadsheet would run as a formula is written with an apostrophe before it, as in exports, and loses
it when it is read back.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from apps.core.api.problems import Problem
from apps.core.exceptions import UnknownType
from apps.core.fields import Field
from apps.core.formulas import neutralise, unneutralise
from apps.core.kinds import Checkbox, Date, DateTime, Decimals, Integer
from apps.core.registry import Definition, registry
from apps.records.api.presenting import ENVELOPE, Row, Wanted
from apps.records.api.submitting import MAX_PARTS

CONTENT_TYPE = "text/csv"
MAX_COLUMNS = 1_000
NEVER = ("restricted",)
"""What an answer in JSON has and a table hasn't."""

_OF_PART = re.compile(r"([a-z][a-z0-9_]*)\.(0|[1-9][0-9]{0,3})\.([a-z][a-z0-9_]*)\Z")


class CsvRenderer(BaseRenderer):
    """Says that a list can be had as ``text/csv``; the view writes it."""

    media_type = CONTENT_TYPE
    format = "csv"
    charset = "utf-8"


# --- out ----------------------------------------------------------------------------------------------------


def table_columns(definition: Definition, wanted: Wanted) -> list[str]:
    """The columns of a table: those of ``fields`` in its order, else all; each expanded reference has its title.

    Raises ``ValidationError`` for parts, of which one cell can't hold many.
    """
    own = {*definition.fields, *ENVELOPE}
    keys = ["id", "version", *definition.fields] if wanted.fields is None else ["id", *wanted.fields]
    for key in (*keys, *wanted.expand):
        if key not in own or key in NEVER:
            raise ValidationError(_("“%(name)s” doesn't fit into a table. Ask for JSON."), "field", {"name": key})
    columns = []
    for key in dict.fromkeys(keys):
        columns += [key, f"{key}.title"] if key in wanted.expand else [key]
    return columns


def as_table(definition: Definition, rows: Sequence[Row], columns: Sequence[str], wanted: Wanted) -> str:
    """``rows`` as they were made for JSON, as lines of CSV under ``columns``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    cells = [_cell(definition, column, wanted) for column in columns]
    writer.writerows([cell(row) for cell in cells] for row in rows)
    return buffer.getvalue()


def _cell(definition: Definition, column: str, wanted: Wanted) -> Callable[[Row], str]:
    key, _dot, of_reference = column.partition(".")
    declared = definition.fields.get(key)
    if of_reference:
        return lambda row: neutralise(_title(row[key]))
    if declared is None:
        return lambda row: str(row[key])
    if declared.behaviour.is_reference and not declared.masked:
        return lambda row: str((row[key] or {}).get("id") or "") if key in wanted.expand else row[key] or ""
    if not declared.masked and isinstance(declared.behaviour, Integer | Decimals | Date | DateTime | Checkbox):
        return lambda row: _text(row[key], declared)
    return lambda row: neutralise(_text(row[key], declared))


def _text(value: Any, declared: Field) -> str:
    if declared.masked or isinstance(value, str):
        return value or ""
    return declared.behaviour.to_text(declared.behaviour.from_json(value), declared)


def _title(shown: Mapping[str, Any] | None) -> str:
    """What an expanded reference is called; nothing where its title is hidden or it is out of sight."""
    if shown is None or shown.get("restricted") is True:
        return ""
    try:
        record_type = registry.get(shown["record_type"])
    except UnknownType:
        return str(shown["title"])  # people and set-up objects
    return next((str(shown[key]) for key in (record_type.title_field, *record_type.called) if shown.get(key)), "")


# --- in -----------------------------------------------------------------------------------------------------


class CsvParser(BaseParser):
    """``text/csv`` in UTF-8: a line of field keys, then one row for each record, as a list of JSON-like objects."""

    media_type = CONTENT_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw: bytes = parser_context["request"]._request.body if parser_context else stream.read()
        try:
            text = raw.removeprefix(codecs.BOM_UTF8).decode()
        except UnicodeDecodeError:
            raise Problem("malformed", _("The body isn't UTF-8 text.")) from None
        if "\x00" in text:
            raise Problem("malformed", _("A text can't hold the character NUL."))
        return list(read_table(text))


def read_table(text: str) -> Iterator[dict[str, Any]]:
    """The rows of ``text``. An empty cell counts as not given; ``phones.0.number`` is a field of a part.

    Raises ``Problem`` (malformed) naming the line.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        if not header or len(set(header)) != len(header) or not all(header) or len(header) > MAX_COLUMNS:
            raise Problem("malformed", _("The first line must name each field once."))
        for cells in lines:
            if len(cells) > len(header):
                words = _("Line %(line)d has more cells than the first line.") % {"line": lines.line_num}
                raise Problem("malformed", words)
            given = {name: unneutralise(cell) for name, cell in zip(header, cells, strict=False) if cell != ""}
            if given:
                yield _nested(given)
    except csv.Error as error:
        words = _("Line %(line)d isn't CSV that can be read: %(reason)s.")
        raise Problem("malformed", words % {"line": lines.line_num, "reason": error}) from None


def _nested(given: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    parts: dict[str, dict[int, dict[str, str]]] = {}
    for name, cell in given.items():
        found = _OF_PART.match(name)
        if found is not None and int(found[2]) < MAX_PARTS:
            parts.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = cell
        else:
            row[name] = _number(cell) if name == "version" else cell
    row.update((key, [rows[number] for number in sorted(rows)]) for key, rows in parts.items())
    return row


def _number(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else cell
