"""Dirty files give a right result or a refusal that names the line."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.contacts.models import Company
from apps.core.registry import definition_for
from apps.records.importing.reading import MAX_CELL, MAX_COLUMNS, UnreadableFile, recognise, rows
from tests.importing.files import imported, refusals

DIRTY = Path(__file__).resolve().parents[3] / "shared" / "data" / "dirty" / "csv"
EXPECTED = {
    "dataloader_20kRows.csv": (20_000, 1),
    "dataloader_csvEscapedQuotes.csv": (2, 2),
    "dataloader_csvtext_BOM_UTF16BE.csv": (2, 3),
    "dataloader_csvtext_BOM_UTF16LE.csv": (2, 3),
    "dataloader_csvtext_BOM_UTF8.csv": (2, 3),
    "messytables_example.tsv": (140, 17),
    "messytables_simple.csv": (6, 3),
    "messytables_simple.psv": (28, 6),
    "messytables_simple.ssv": (6, 3),
    "messytables_simple.xls": (6, 3),
    "messytables_simple.xlsx": (6, 3),
    "messytables_utf-16le_encoded.csv": (327, 19),
    "messytables_mixedGLB.csv": (133, 19),
}
REFUSED = {
    "dataloader_csvtext_BOM_UTF32BE.csv": "UTF-32",
    "dataloader_csvtext_BOM_UTF32LE.csv": "UTF-32",
    "messytables_badcolspan.html": "web page",
    "messytables_simple.unknown": "empty",
    "messytables_simple.zip": "archive",
}
needs_shared = pytest.mark.skipif(not DIRTY.is_dir(), reason="the shared data set of dirty files is not here")


def read(path: Path) -> tuple[int, int]:
    layout = recognise(path)
    found = list(rows(path, layout))
    assert all(row.cells or f"ine {row.line}" in row.error for row in found), "an error names its line"
    return len(found), len(layout.columns)


@needs_shared
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_tables_of_others_are_read(name: str) -> None:
    assert read(DIRTY / name) == EXPECTED[name]


@needs_shared
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_no_table_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFile, match=REFUSED[name]):
        read(DIRTY / name)


@needs_shared
def test_every_dirty_file_is_read_or_refused() -> None:
    for path in sorted(DIRTY.iterdir()):
        with contextlib.suppress(UnreadableFile):
            assert read(path)[1] > 0, path.name


def file(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_an_unclosed_quotation_mark_names_its_line(tmp_path: Path) -> None:
    path = file(tmp_path, b'name,city\nA,Porto\n"B,Faro\nC,Braga\n')
    found = list(rows(path, recognise(path)))
    assert found[0].cells == ["A", "Porto"]
    assert "line 3" in found[1].error


def test_too_many_columns_and_too_long_cells(tmp_path: Path) -> None:
    wide = file(tmp_path, b",".join(b"c%d" % n for n in range(10_000)) + b"\n1\n")
    with pytest.raises(UnreadableFile, match=f"at most {MAX_COLUMNS}"):
        recognise(wide)
    long = file(tmp_path, b"name,city\nA,Porto\n" + b"x" * (MAX_CELL + 10) + b",Faro\nB,Braga\n")
    found = list(rows(long, recognise(long)))
    assert "Line 3" in found[1].error
    assert found[-1].cells == ["B", "Braga"]


def test_line_ends_of_old_machines(tmp_path: Path) -> None:
    path = file(tmp_path, b"name,city\rA,Porto\rB,Faro\r")
    assert [row.cells for row in rows(path, recognise(path))] == [["A", "Porto"], ["B", "Faro"]]


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00", b"\xef\xbb\xbf", b"   \r\n"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="empty"):
        recognise(file(tmp_path, content))


def test_packed_files_are_not_opened(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="archive"):
        recognise(file(tmp_path, gzip.compress(b"name\nA\n")[:20]))


def test_a_workbook_that_unpacks_to_gigabytes_is_not_opened(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 80_000_000)
    with pytest.raises(UnreadableFile, match="far more"):
        recognise(file(tmp_path, packed.getvalue(), "bomb.xlsx"))


def test_macros_and_damage_are_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(UnreadableFile, match="macros"):
        recognise(file(tmp_path, packed.getvalue(), "book.xlsx"))
    with pytest.raises(UnreadableFile, match="damaged"):
        recognise(file(tmp_path, b"PK\x03\x04 and nothing else", "broken.xlsx"))


@needs_shared
@pytest.mark.django_db(transaction=True)
def test_every_dirty_file_on_the_page(olga: Any, client_for: Any) -> None:
    """The upload answers with the columns or with a reason, never with an error."""
    client = client_for(olga)
    for path in sorted(DIRTY.iterdir()):
        answer = client.post("/companies/import/", {"file": SimpleUploadedFile(path.name, path.read_bytes())})
        if answer.status_code == 302:
            assert client.get(answer.url).status_code in {200, 422}, path.name
        else:
            assert answer.status_code == 422, path.name
            assert answer.context["form"].errors["file"], path.name


@needs_shared
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["messytables_simple.xls", "messytables_simple.xlsx", "messytables_blank_line.ods"])
def test_a_workbook_with_the_name_of_a_text_is_read_all_the_same(olga: Any, client_for: Any, name: str) -> None:
    client = client_for(olga)
    content = (DIRTY / name).read_bytes()
    pages = []
    for called in (name, "accounts.csv"):
        answer = client.post("/companies/import/", {"file": SimpleUploadedFile(called, content)})
        assert answer.status_code == 302, called
        page = client.get(answer.url)
        pages.append([(column.heading, column.samples) for column in page.context["columns"]])
    assert pages[0] == pages[1]
    assert pages[0]


@needs_shared
@pytest.mark.django_db(transaction=True)
def test_odd_e_mail_addresses_are_judged_as_everywhere(admin: Any, inline_tasks: None) -> None:
    listed = json.loads((DIRTY.parent / "strings" / "odd_email_addresses_isemail.json").read_text())
    texts = [entry["address"] for entry in listed if entry["address"].strip()]
    out = io.StringIO()
    csv.writer(out).writerows([("Name", "Email"), *((f"Company {n}", text) for n, text in enumerate(texts))])
    job = imported(admin, out.getvalue())
    assert job.state == "done"
    declared = definition_for("company", admin)["email"]
    wanted = {}
    for number, text in enumerate(texts):
        with contextlib.suppress(ValidationError):
            wanted[f"Company {number}"] = declared.clean(text.strip())
    assert dict(Company.objects.values_list("name", "email")) == wanted
    assert job.result["counts"] == {"created": len(wanted), "refused": len(texts) - len(wanted)}
    assert all(words.startswith("Email: ") for words in refusals(job).values())
