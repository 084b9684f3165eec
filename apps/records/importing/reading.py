"""Reading tables out of the files people have: encoding, separator and header row are guessed, then shown.

Nothing here trusts a file's name. What can't be read is refused with a sentence that names the line.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from apps.records.importing import workbooks

MAX_COLUMNS = 500
MAX_CELL = 200_000
MAX_LINE = 4_000_000
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 200
SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 60
MAX_ABOVE = 200
"""Characters that are shown of a line over the header."""
LINE_ENDS = ("\n", "\r")
DELIMITERS = (",", ";", "\t", "|")
SPREADSHEETS = {"xlsx", "xls", "ods"}

csv.field_size_limit(MAX_CELL)


class UnreadableFile(Exception):
    """The file can't be imported; the message says why and, where one is to blame, the line."""


@dataclass(frozen=True)
class Layout:
    """How a file is to be read. ``header_line`` is the line (from 1) that names the columns.

    ``above`` are the first texts of the lines over it, which are left out.
    """

    kind: str
    encoding: str = "utf-8"
    delimiter: str = ","
    header_line: int = 1
    columns: tuple[str, ...] = ()
    sheet: str = ""
    above: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a job's parameters."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Layout:
        """Back from a job's parameters."""
        return cls(**{**data, "columns": tuple(data["columns"]), "above": tuple(data.get("above", ()))})


class FileRow(NamedTuple):
    """One row of a file: the line it begins on (in a sheet the row number), its cells, or why it has none."""

    line: int
    cells: list[str]
    error: str = ""


def recognise(path: Path) -> Layout:
    """Look at a file and say how to read it. Raises ``UnreadableFile``."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise UnreadableFile(_("The file is empty."))
    kind = _kind(path, head)
    if kind in SPREADSHEETS:
        return _recognise_sheet(path, kind)
    return _recognise_text(path, head)


def rows(path: Path, layout: Layout, *, skip: int = 0) -> Iterator[FileRow]:
    """The rows under the header, blank ones left out, from row ``skip`` on. Raises ``UnreadableFile``."""
    found = _sheet_rows(path, layout) if layout.kind in SPREADSHEETS else _text_rows(path, layout)
    filled = (row for row in found if row.error or any(map(str.strip, row.cells)))
    return itertools.islice(filled, skip, None)


def count_rows(path: Path, layout: Layout) -> int:
    """How many rows ``rows`` gives."""
    return sum(1 for _row in rows(path, layout))


def _kind(path: Path, head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if head.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
        raise UnreadableFile(_("This is a packed archive. Unpack it and import the table inside."))
    if head.startswith(b"%PDF"):
        raise UnreadableFile(_("This is a PDF. Import a CSV or XLSX file."))
    start = head[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body", b"<meta")):
        raise UnreadableFile(_("This is a web page, not a table. Save it as CSV or XLSX and import that."))
    return "csv"


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unpacked = sum(member.file_size for member in members)
            packed = max(1, sum(member.compress_size for member in members))
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        raise UnreadableFile(_("This file is damaged and can't be opened.")) from None
    if unpacked > MAX_UNPACKED or (unpacked > 50_000_000 and unpacked / packed > MAX_RATIO):
        raise UnreadableFile(_("This file unpacks to far more than it should. It was not opened."))
    if "xl/vbaProject.bin" in names:
        raise UnreadableFile(_("This workbook holds macros. Save it as XLSX without macros and import that."))
    if "xl/workbook.xml" in names:
        return "xlsx"
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    raise UnreadableFile(_("This is a packed archive. Unpack it and import the table inside."))


# --- text -----------------------------------------------------------------------------------------------
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def guess_encoding(path: Path, head: bytes) -> str:
    """The encoding of a text file: its mark, else UTF-8 if all of it is, else the likeliest legacy one."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            if name == "utf-16" and head[2:2000].count(0) > 0.6 * len(head[2:2000]):
                words = _("The file says it is UTF-16, but its text is UTF-32. Save it as UTF-8 and import that.")
                raise UnreadableFile(words)
            return name
    if head[1:2000:2].count(0) > len(head[:2000]) * 0.3:
        return "utf-16-le"
    if head[0:2000:2].count(0) > len(head[:2000]) * 0.3:
        return "utf-16-be"
    if _decodes(path, "utf-8"):
        return "utf-8"
    best = from_bytes(
        head, cp_isolation=["cp1252", "cp1250", "cp1251", "shift_jis", "gb18030", "big5", "euc_kr"]
    ).best()
    guessed = best.encoding if best is not None else "cp1252"
    if guessed != "cp1252" and _decodes(path, "cp1252") and _mostly_ascii(head):
        return "cp1252"
    return guessed if _decodes(path, guessed) else "latin-1"


def _mostly_ascii(head: bytes) -> bool:
    return sum(1 for byte in head if byte < 128) > 0.9 * len(head)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(1024 * 1024):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    file: BinaryIO
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield text


class _Lines:
    """The lines of a text. One that is longer than any row may be is skipped without being held in memory."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        """Lines read so far."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith(LINE_ENDS):
            while (more := self._text.readline(MAX_LINE)) and not more.endswith(LINE_ENDS):
                continue
            raise csv.Error("field limit: line too long")
        return line


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[FileRow]:
    """Rows as the csv module sees them; a broken row is given with its error and reading goes on.

    Raises ``UnreadableFile`` where it isn't clear which line the next row begins on.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error) and lines.number > line:
                words = _("The quotation mark opened on line %(line)d is not closed within %(limit)d characters.")
                raise UnreadableFile(words % {"line": line, "limit": MAX_CELL}) from None
            yield FileRow(line, [], _csv_error(error, line))
            continue
        except UnicodeDecodeError:
            raise UnreadableFile(_("The text can't be decoded after line %(line)d.") % {"line": line}) from None
        if len(cells) > MAX_COLUMNS:
            words = _("Line %(line)d has %(count)d columns; at most %(limit)d are read.")
            raise UnreadableFile(words % {"line": line, "count": len(cells), "limit": MAX_COLUMNS})
        yield FileRow(line, cells)


def _csv_error(error: csv.Error, line: int) -> str:
    words = str(error)
    if "field limit" in words:
        return _("Line %(line)d has a cell of more than %(limit)d characters.") % {"line": line, "limit": MAX_CELL}
    if "unexpected end" in words:
        return _("The quotation mark opened on line %(line)d is never closed.") % {"line": line}
    return _("The quotation marks on line %(line)d don't fit together.") % {"line": line}


def _recognise_text(path: Path, head: bytes) -> Layout:
    encoding = guess_encoding(path, head)
    scores = []
    for delimiter in DELIMITERS:
        with _text(path, encoding) as text:
            sample = _sample(text, delimiter)
        scores.append((_score(sample), delimiter, sample))
    _best, delimiter, sample = max(scores, key=lambda entry: (entry[0], -DELIMITERS.index(entry[1])))
    header = _header(sample)
    return Layout("csv", encoding, delimiter, header.line, column_names(header.cells), above=_above(sample, header))


def _sample(text: io.TextIOWrapper, delimiter: str) -> list[FileRow]:
    found = []
    for row in _records(text, delimiter):
        found.append(row)
        if len(found) >= SAMPLE_ROWS:
            break
    return found


def _score(sample: list[FileRow]) -> float:
    """How table-like the sample is under a delimiter: most rows agree on a width, and it is more than one."""
    widths = Counter(len(row.cells) for row in sample if any(row.cells))
    if not widths:
        return 0
    width, agreeing = widths.most_common(1)[0]
    if width <= 1:
        return 0.01
    return agreeing / sum(widths.values()) + min(width, 20) / 100


def _header(sample: list[FileRow]) -> FileRow:
    usable = [row for row in sample if not row.error and any(cell.strip() for cell in row.cells)]
    if not usable:
        error = next((row.error for row in sample if row.error), _("The file has no rows."))
        raise UnreadableFile(error)
    widths = Counter(len(row.cells) for row in usable if len(row.cells) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    for row in usable:
        filled = sum(1 for cell in row.cells if cell.strip())
        if len(row.cells) >= min(width, 2) and filled >= max(1, 0.5 * width):
            return row
    return usable[0]


def _above(sample: list[FileRow], header: FileRow) -> tuple[str, ...]:
    """What stands over the header, a line each, so that a person sees what is left out."""
    lines = (" ".join(" ".join(row.cells).split()) for row in sample if row.line < header.line)
    return tuple(line[:MAX_ABOVE] for line in lines if line)


def column_names(cells: list[str]) -> tuple[str, ...]:
    """Names of columns that can be told apart: empty ones get their number, repeated ones a count."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.replace("\ufeff", "").split())[:200] or _("Column %(number)d") % {"number": number}
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _text_rows(path: Path, layout: Layout) -> Iterator[FileRow]:
    with _text(path, layout.encoding) as text:
        for row in _records(text, layout.delimiter):
            if row.line > layout.header_line:
                yield row


# --- spreadsheets ---------------------------------------------------------------------------------------
def _recognise_sheet(path: Path, kind: str) -> Layout:
    sheet = ""
    sample: list[FileRow] = []
    for line in _workbook_lines(path):
        if isinstance(line, str):
            sheet, sample = line, []
        else:
            sample.append(FileRow(len(sample) + 1, line))
    if not any(cell for row in sample for cell in row.cells):
        raise UnreadableFile(_("The workbook has no rows."))
    header = _header(sample)
    width = len(header.cells)
    if width > MAX_COLUMNS:
        words = _("The sheet has %(count)d columns; at most %(limit)d are read.")
        raise UnreadableFile(words % {"count": width, "limit": MAX_COLUMNS})
    return Layout(kind, "", "", header.line, column_names(header.cells), sheet, _above(sample, header))


def _sheet_rows(path: Path, layout: Layout) -> Iterator[FileRow]:
    for number, cells in enumerate(_workbook_lines(path, layout.sheet), start=1):
        if number > layout.header_line:
            yield FileRow(number, cells)


def _workbook_lines(path: Path, *sheet: str) -> Iterator[Any]:
    """What ``workbooks.py`` writes about the file. Raises ``UnreadableFile``."""
    command = [sys.executable, "-I", workbooks.__file__, str(path), *sheet]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:  # noqa: S603 - our own script
        try:
            yield from map(json.loads, child.stdout or ())
            status = child.wait()
        finally:
            child.kill()
    if status == workbooks.DAMAGED:
        raise UnreadableFile(_("This workbook is damaged or protected and can't be opened."))
    if status:
        raise UnreadableFile(_("This workbook is too big to be read. Save it as CSV and import that."))
