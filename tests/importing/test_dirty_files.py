"""Dirty files give a right result or a refusal that names the line."""

from __future__ import annotations

import base64
import contextlib
import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django_countries import countries

from apps.contacts.models import ContactPhone
from apps.core.change import Source, change
from apps.core.formulas import unneutralise
from apps.core.registry import definition_for
from apps.records.importing.mapping import ColumnPlan, ImportPlan
from apps.records.importing.reading import MAX_CELL, MAX_COLUMNS, UnreadableFile, recognise, rows
from apps.records.importing.services import keep_upload, start_import
from tests.importing.files import imported, refusals

DIRTY = Path(__file__).resolve().parents[3] / "shared" / "data" / "dirty" / "csv"
STRINGS = DIRTY.parent / "strings"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
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
ROWS = {
    "dataloader_20kRows.csv": {"created": 20_000},
    "dataloader_csvEscapedQuotes.csv": {"created": 2},
    "dataloader_csvSeparator.csv": {"created": 2},
    "dataloader_csvtext.csv": {"created": 2},
    "dataloader_csvtext_BOM_UTF16BE.csv": {"created": 2},
    "dataloader_csvtext_BOM_UTF16LE.csv": {"created": 2},
    "dataloader_csvtext_BOM_UTF8.csv": {"created": 2},
    "dataloader_dateEndingInZ.csv": {"created": 1},
    "dataloader_dateOnlyWithTimeZone.csv": {"created": 2},
    "dataloader_dateWithTimeZone.csv": {"created": 2},
    "dataloader_emptyFirstRowFieldValueInCsvTemplate.csv": {"created": 2},
    "dataloader_timeZoneFormatTesting.csv": {"created": 12},
    "dataloader_timeZoneFormatTestingWithErrors.csv": {"created": 6},
    "messytables_blank_line.ods": {"created": 3},
    "messytables_complex.csv": {"created": 2, "refused": 1},
    "messytables_example.tsv": {"created": 140},
    "messytables_excel_pasting.csv": {"created": 13, "refused": 3},
    "messytables_long.csv": {"created": 3_999},
    "messytables_mixedGLB.csv": {"created": 133},
    "messytables_null.csv": {"created": 9},
    "messytables_simple.csv": {"created": 6},
    "messytables_simple.psv": {"created": 28},
    "messytables_simple.ssv": {"created": 6},
    "messytables_simple.xls": {"created": 6},
    "messytables_simple.xlsx": {"created": 6},
    "messytables_skip_initials.csv": {"created": 2},
    "messytables_small.csv": {},
    "messytables_sparse_with_column_errors.csv": {"created": 1_896, "refused": 304},
    "messytables_utf-16le_encoded.csv": {"created": 327},
    "messytables_utf8bom.csv": {},
    "messytables_weird_head_padding.csv": {"created": 76},
}
"""What becomes of the rows when the first column is a name and the second a text."""
WHY = {
    "messytables_complex.csv": {4: "This row has 6 cells, but there are 4 columns."},
    "messytables_excel_pasting.csv": dict.fromkeys((14, 16, 19), "Year: This must be one line of text."),
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
    assert {path.name for path in DIRTY.iterdir()} == {*ROWS, *REFUSED}
    for path in sorted(DIRTY.iterdir()):
        with contextlib.suppress(UnreadableFile):
            assert read(path)[1] > 0, path.name


@needs_shared
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("type_key", ["contact", "company"])
def test_rows_of_dirty_files_become_records_or_are_refused_by_their_line(
    olga: Any, inline_tasks: None, type_key: str
) -> None:
    definition = definition_for(type_key, olga)
    for name, counts in ROWS.items():
        if type_key == "company" and name == "dataloader_20kRows.csv":
            continue
        with change(by=olga, source=Source.PAGE) as opened:
            content = (DIRTY / name).read_bytes()
            stored, layout = keep_upload([content], name=name, by=olga, change=opened)
            columns = [ColumnPlan(column) for column in layout.columns]
            for column, path in zip(columns, ("name", "description"), strict=False):
                column.path = path
            job = start_import(definition, stored, layout, ImportPlan(columns), by=olga, change=opened)
        job.refresh_from_db()
        assert (job.state, job.result.get("counts", {})) == ("done", counts), name
        assert sum(counts.values()) == job.total, name
        lines = refusals(job)
        assert len(lines) == counts.get("refused", 0), name
        assert all(lines.values()), name
        assert lines == WHY.get(name, lines), name
    people_or_companies = definition.type.rows()
    assert people_or_companies.filter(name='The "Best" Account').exists()
    assert people_or_companies.filter(name='"The Best" Account').exists()


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
@pytest.mark.parametrize("type_key", ["contact", "company"])
def test_odd_e_mail_addresses_get_the_verdict_of_the_standards(admin: Any, inline_tasks: None, type_key: str) -> None:
    """RFC 5321 decides, without its quoted and deprecated forms; blanks around an address are none of it."""
    listed = json.loads((STRINGS / "odd_email_addresses_isemail.json").read_text())
    good = {one["address"] for one in listed if one["category"] in {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN"}}
    texts = [one["address"] for one in listed if one["address"].strip()]
    out = io.StringIO()
    csv.writer(out).writerows([("Name", "Email"), *((f"Number {n}", text) for n, text in enumerate(texts))])
    job = imported(admin, out.getvalue(), type_key=type_key)
    wanted = {f"Number {n}" for n, text in enumerate(texts) if text.strip() in good}
    kept = dict(definition_for(type_key, admin).type.rows().values_list("name", "email"))
    assert set(kept) == wanted
    declared = definition_for(type_key, admin)["email"]
    assert kept == {name: declared.clean(texts[int(name.split()[1])]) for name in kept}
    assert job.result["counts"] == {"created": len(wanted), "refused": len(texts) - len(wanted)}
    assert all(words.startswith("Email: ") for words in refusals(job).values())


@needs_shared
@pytest.mark.django_db(transaction=True)
def test_every_kind_of_phone_number_of_every_region(admin: Any, inline_tasks: None) -> None:
    """Four spellings each: whatever is typed is kept, and its international form is the one of the list."""
    with (STRINGS / "phone_examples_libphonenumber.csv").open(encoding="utf-8", newline="") as listed:
        numbers = list(csv.DictReader(listed))
    spellings = ("e164", "international", "rfc3966", "national")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["External ID", "Last name", "Country", *(f"Phone {n}: Number" for n in range(1, 5))])
    for position, one in enumerate(numbers):
        country = one["region"] if one["region"] in countries.countries else ""
        writer.writerow([position, one["type"], country, *(one[spelling] for spelling in spellings)])
    job = imported(admin, out.getvalue(), type_key="contact")
    assert (job.result["counts"], refusals(job)) == ({"created": len(numbers)}, {})
    found = ContactPhone.objects.values_list("contact__external_id", "contact__country", "position", "number", "e164")
    assert len(found) == 4 * len(numbers)
    for external_id, country, position, number, e164 in found:
        one = numbers[int(external_id)]
        assert number == one[spellings[position]]
        local = spellings[position] == "national" and not country
        assert e164 == ("" if local else one["e164"]), one


@needs_shared
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("type_key", ["contact", "company"])
def test_naughty_strings_are_kept_as_they_are_or_refused_by_their_line(
    admin: Any, inline_tasks: None, type_key: str
) -> None:
    texts = json.loads((STRINGS / "blns.json").read_text())
    texts += [
        base64.b64decode(text).decode(errors="replace")
        for text in json.loads((STRINGS / "blns.base64.json").read_text())
    ]
    texts += (STRINGS / "blns.txt").read_text(encoding="utf-8").split("\n")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["External ID", "Name", "Description"])
    writer.writerows((number, f"Number {number}", text) for number, text in enumerate(texts))
    job = imported(admin, out.getvalue(), type_key=type_key)
    definition = definition_for(type_key, admin)
    kept = dict(definition.type.rows().values_list("external_id", "description"))
    refused = 0
    for number, text in enumerate(texts):
        try:
            wanted = definition["description"].clean(unneutralise(text.strip().strip("\u3000")))
        except ValidationError:
            refused += 1
            assert str(number) not in kept
            assert _CONTROL.search(text), "nothing else is refused"
        else:
            assert kept[str(number)] == wanted
            assert wanted.split() == text.replace("\r", "\n").split(), "nothing but the blanks around it is lost"
    assert job.result["counts"] == {"created": len(texts) - refused, "refused": refused}
    assert all(words.startswith("Description: This text has control") for words in refusals(job).values())
