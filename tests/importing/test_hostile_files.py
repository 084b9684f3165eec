"""Files made to do harm: each gives a right result or a polite refusal, in bounded time and memory."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from apps.contacts.models import Company
from apps.records.importing.reading import (
    MAX_COLUMNS,
    FileRow,
    Layout,
    UnreadableFile,
    count_rows,
    recognise,
    rows,
)
from tests.importing import hostile
from tests.importing.files import imported

SECONDS = 20
MEGABYTES = 400


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """This process takes no more time and memory than a file of this size deserves."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def file(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "wide.csv": (lambda: hostile.wide(10_000), f"at most {MAX_COLUMNS}"),
    "gz.csv": (hostile.truncated_gzip, "packed archive"),
    "corners.xlsx": (hostile.corners, "too big"),
    "bomb.xlsx": (lambda: hostile.unpacks_to(300_000_000), "unpacks to far more"),
    "quoted.csv": (lambda: hostile.one_cell(50_000_000, quoted=True, broken=True), "mark opened on line 3"),
    "page.csv": (lambda: b"<!DOCTYPE html><table><tr><td>Name</td></tr></table>", "web page"),
    "macros.csv": (
        lambda: hostile.workbook([], others={"xl/vbaProject.bin": b"Sub Auto_Open()"}), "macros"
    ),
    "zip.csv": (lambda: hostile.workbook([]).replace(b"xl/workbook.xml", b"xx/workbook.xml"), "archive"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    make, words = REFUSED[name]
    path = file(tmp_path, make(), name)
    with pytest.raises(UnreadableFile, match=words):
        count_rows(path, recognise(path))


@pytest.mark.parametrize("quoted", [False, True])
def test_one_cell_of_fifty_megabytes_costs_its_row_only(tmp_path: Path, quoted: bool) -> None:
    path = file(tmp_path, hostile.one_cell(50_000_000, quoted=quoted))
    found = list(rows(path, recognise(path)))
    assert [row.line for row in found] == [2, 3, 4]
    assert "Line 3 has a cell of more than" in found[1].error
    assert found[2].cells == ["B", "Braga"]


def test_a_workbook_that_lies_about_its_size(tmp_path: Path) -> None:
    path = file(tmp_path, hostile.lies_about_its_size(200_000_000), "lies.xlsx")
    with contextlib.suppress(UnreadableFile):
        assert count_rows(path, recognise(path)) == 0


def test_formulas_are_not_run_and_their_last_value_is_read(tmp_path: Path) -> None:
    content = hostile.workbook(
        [
            hostile.row(1, hostile.text_cell("A1", "Name"), hostile.text_cell("B1", "City")),
            hostile.row(2, hostile.formula_cell("A2", "1+2", "3"), hostile.formula_cell("B2", "WEBSERVICE(A1)")),
        ]
    )
    path = file(tmp_path, content, "book.csv")
    assert [row.cells for row in rows(path, recognise(path))] == [["3", ""]]


@pytest.mark.django_db(transaction=True)
class TestDoors:
    """The page and the command give the same refusals."""

    @pytest.mark.parametrize("name", sorted(REFUSED))
    def test_the_page_refuses(self, olga: Any, client_for: Callable[[Any], Client], name: str) -> None:
        make, words = REFUSED[name]
        client = client_for(olga)
        answer = client.post("/companies/import/", {"file": SimpleUploadedFile(name, make())})
        if answer.status_code == 302:
            answer = client.get(answer.url)
            assert words in answer.content.decode().replace("&#x27;", "'")
        else:
            assert answer.status_code == 422
            assert words in str(answer.context["form"].errors["file"])

    @pytest.mark.parametrize("name", sorted(REFUSED))
    def test_the_command_refuses(self, olga: Any, tmp_path: Path, name: str) -> None:
        make, words = REFUSED[name]
        path = file(tmp_path, make(), name)
        with pytest.raises(CommandError, match=words):
            call_command("import_records", "company", str(path), "--as", olga.username)
        assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_breaks_under_way_stops_its_job_with_the_reason(
    olga: Any, inline_tasks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was readable when it was counted; what was done until then is kept."""

    def breaks(path: Path, layout: Layout, *, skip: int = 0) -> Iterator[FileRow]:
        yield FileRow(2, ["One"])
        raise UnreadableFile("The text can't be decoded after line 2.")

    monkeypatch.setattr("apps.records.importing.ahead.rows", breaks)
    job = imported(olga, "Name\nOne\nTwo\n")
    assert (job.state, job.error) == ("failed", "The text can't be decoded after line 2.")
