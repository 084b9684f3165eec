"""A private note is its writer's alone, by whatever door somebody comes."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.change import Source, change
from apps.core.registry import registry
from apps.events.live import may_watch_record
from apps.records.models import Note
from apps.records.services import add_note
from tests.security.conftest import MakeCompany

pytestmark = pytest.mark.django_db

SECRET = "Zanzibar clause"


@pytest.fixture
def secret(olga: Any, company_of: MakeCompany) -> Note:
    record = company_of(olga)
    with change(by=olga, source=Source.PAGE) as opened:
        return add_note(registry.get("company"), record, body=SECRET, private=True, user=olga, change=opened)


@pytest.mark.parametrize("who", ["tariq", "mina", "admin"])
def test_nobody_else_reads_it(secret: Note, who: str, request: Any, client_for: Any, api: Any) -> None:
    person = request.getfixturevalue(who)
    client = client_for(person)
    for address in ("/notes/", "/notes/?q=zanzibar", "/", f"/companies/{secret.about_id}/", "/references/note/?q=zanz",
                    "/api/v1/notes/", "/api/v1/notes/?q=zanz", f"/api/v1/companies/{secret.about_id}/notes/",
                    "/admin/records/note/?q=zanzibar"):  # fmt: skip
        answer = client.get(address, follow=True)
        assert SECRET not in answer.content.decode(), address
    for address in (f"/notes/{secret.pk}/", f"/notes/{secret.pk}/history/", f"/notes/{secret.pk}/timeline/",
                    f"/api/v1/notes/{secret.pk}/", f"/api/v1/notes/{secret.pk}/history/"):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert client.post(f"/notes/{secret.pk}/delete/").status_code == 404
    assert api(person).patch(f"/api/v1/notes/{secret.pk}/", {"private": False}).status_code == 404
    export = client.post("/notes/export/", {"file_format": "json", "columns": ["body"]})
    assert export.status_code == 200
    assert SECRET not in b"".join(export.streaming_content).decode()
    assert not may_watch_record(person, f"note-{secret.pk}")
    secret.refresh_from_db()
    assert secret.deleted_at is None


def test_nor_from_the_bin(secret: Note, olga: Any, admin: Any, client_for: Any) -> None:
    assert client_for(olga).post(f"/notes/{secret.pk}/delete/").status_code == 302
    assert SECRET in client_for(olga).get("/notes/bin/").content.decode()
    assert SECRET not in client_for(admin).get("/notes/bin/").content.decode()
    client_for(admin).post(f"/notes/bin/{secret.pk}/restore/")
    secret.refresh_from_db()
    assert secret.deleted_at is not None


def test_its_writer_does(secret: Note, olga: Any, client_for: Any) -> None:
    assert SECRET in client_for(olga).get("/notes/").content.decode()
    assert client_for(olga).get(f"/notes/{secret.pk}/").status_code == 200
