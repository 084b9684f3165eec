"""Files that somebody made to do harm, small enough to make in a test."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def formula_cell(place: str, formula: str, value: str = "") -> str:
    """A formula with the value that the program which wrote it had last computed."""
    return f'<c r="{place}" t="str"><f>{formula}</f>{f"<v>{value}</v>" if value else ""}</c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def workbook(rows: Iterable[str], *, others: dict[str, bytes] | None = None) -> bytes:
    """An XLSX with one sheet, written by hand."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{WORKBOOK_TYPE}"/>'
            "</Types>",
        )
        archive.writestr("_rels/.rels", _relation("officeDocument", "xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Companies" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _relation("worksheet", "worksheets/sheet1.xml"))
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (others or {}).items():
            archive.writestr(name, content)
    return packed.getvalue()


def _relation(kind: str, target: str) -> str:
    one = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{one}</Relationships>'


def corners() -> bytes:
    """A kilobyte that asks for half a terabyte: a library that makes a full table of it dies."""
    return workbook([row(1, text_cell("A1", "Name")), row(1_048_576, text_cell("XFD1048576", "x"))])


def unpacks_to(size: int) -> bytes:
    """An XLSX whose zip says honestly how big it gets."""
    return workbook([row(1, text_cell("A1", "Name"))], others={"xl/media/x.bin": b"\0" * size})


def lies_about_its_size(size: int) -> bytes:
    """A sheet that unpacks to ``size`` bytes in a zip whose directory says that it is small."""
    small = 5_000
    content = workbook([row(1, text_cell("A1", "Name")), " " * size])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(real.to_bytes(4, "little"), small.to_bytes(4, "little"))


def wide(columns: int) -> bytes:
    return b",".join(b"c%d" % number for number in range(columns)) + b"\n" + b"x," * (columns - 1) + b"x\n"


def one_cell(size: int, *, quoted: bool = False, broken: bool = False) -> bytes:
    """A table with one cell of ``size`` bytes on line 3; ``broken`` spreads it over many lines."""
    cell = b"x\n" * (size // 2) if broken else b"x" * size
    return b"Name,City\nA,Porto\n" + (b'"%s"' % cell if quoted else cell) + b",Faro\nB,Braga\n"


def truncated_gzip() -> bytes:
    return gzip.compress(b"Name\n" + b"A\n" * 1000)[:60]
