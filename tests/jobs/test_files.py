"""Stored files: judged by content and size, given back only to whom they are for."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from apps.core.change import Source, change
from apps.core.exceptions import Refused
from apps.jobs.files import FileKind, clean_name, delete_file, judge, register_file_kind, started_it, store_file
from apps.jobs.models import StoredFile

pytestmark = pytest.mark.django_db

ANY = register_file_kind(FileKind("toy-any", lambda: 20_000, started_it))
SHEETS = register_file_kind(
    FileKind(
        "toy-sheets",
        lambda: 20_000,
        started_it,
        frozenset({"text/plain", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    )
)
PICTURES = register_file_kind(FileKind("toy-pictures", lambda: 20_000, started_it, frozenset({"image/*"})))


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def store(by: Any, content: bytes, name: str = "a.bin", kind: str = "toy-any") -> StoredFile:
    with change(by=by, source=Source.PAGE) as opened:
        return store_file(kind, SimpleUploadedFile(name, content).chunks(), name=name, by=by, change=opened)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, kind)
    return buffer.getvalue()


def test_the_name_stays_in_the_database(olga: Any) -> None:
    stored = store(olga, b"name,city\nLumen,Lisbon\n", name="Firmen Ä.csv")
    assert stored.file.name == f"{connection.tenant.schema_name}/toy-any/{stored.pk}"
    assert (stored.name, stored.size, stored.content_type) == ("Firmen Ä.csv", 23, "text/plain")
    assert len(stored.sha256) == 64


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"name;city\n\xe9t\xe9;Nice\n", "text/plain"),
        (b"BM,PK,ID3\n1,2,3\n", "text/plain"),
        ("name\n日本\n".encode("utf-16"), "text/plain"),
        (picture(), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
        (
            zipped(**{"xl__workbook.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (zipped(a=b"b"), "application/zip"),
        (b"\x00\x01\x02\x03nothing known", "application/octet-stream"),
        (b"PK\x03\x04 not a zip", "application/octet-stream"),
    ],
)
def test_content_is_what_the_bytes_say(content: bytes, expected: str) -> None:
    assert judge(io.BytesIO(content), 20_000) == expected


def test_the_wrong_content_is_refused_whatever_its_name(olga: Any) -> None:
    for content in (picture(), b"MZ\x90\x00\x03\x00\x00\x00\x04\x00", zipped(a=b"b")):
        with pytest.raises(Refused):
            store(olga, content, name="companies.csv", kind="toy-sheets")
    assert store(olga, b"a,b\n", name="companies.exe", kind="toy-sheets").content_type == "text/plain"
    assert store(olga, picture(), kind="toy-pictures").content_type == "image/png"
    with pytest.raises(Refused):
        store(olga, b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', name="a.png", kind="toy-pictures")


def test_size_is_counted_while_it_comes(olga: Any) -> None:
    with pytest.raises(Refused, match="too large"):
        store(olga, b"x" * 20_001)
    with pytest.raises(Refused, match="empty"):
        store(olga, b"")
    with pytest.raises(Refused, match="unpacks"):
        store(olga, zipped(bomb=b"0" * 2_000_000))
    assert not StoredFile.objects.exists()


def test_a_file_is_a_download_for_whom_it_is_for(olga: Any, tariq: Any, admin: Any, client_for: Any) -> None:
    stored = store(olga, b"<script>alert(1)</script>", name='x"; filename=evil.html')
    for person in (olga, admin):
        response = client_for(person).get(stored.get_absolute_url())
        assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client_for(tariq).get(stored.get_absolute_url()).status_code == 404
    assert client_for().get(stored.get_absolute_url()).status_code == 302


def test_a_file_of_a_forgotten_kind_is_nobodys(olga: Any, client_for: Any) -> None:
    stored = store(olga, b"x")
    StoredFile.objects.update(kind="gone")
    assert client_for(olga).get(stored.get_absolute_url()).status_code == 404


def test_deleting_takes_the_content_with_it(olga: Any, django_capture_on_commit_callbacks: Any) -> None:
    stored = store(olga, b"x")
    storage, path = stored.file.storage, stored.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_file(stored)
        assert storage.exists(path)
    assert not storage.exists(path)


@given(st.text(max_size=400))
def test_names_are_tame(name: str) -> None:
    tame = clean_name(name)
    assert 0 < len(tame) <= 255
    assert not set(tame) & set("/\\\x00\r\n\u202e\u200b")


def test_names_lose_folders_and_keep_their_ending() -> None:
    assert clean_name(r"C:\temp\a.csv") == "a.csv"
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("x" * 400 + ".xlsx").endswith("x.xlsx")
    assert clean_name("invoice\u202excod.exe") == "invoicexcod.exe"
