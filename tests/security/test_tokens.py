"""Tokens, cursors and places in an address come back from strangers: a damaged one is refused, never an error."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.jobs.models import Job
from tests.security.conftest import MakeCompany

pytestmark = pytest.mark.django_db

SURROGATE = "\ud800"
NUL = "\x00"
HARD_TEXTS = (SURROGATE, NUL, f"a{SURROGATE}b", "x" * 5_000, "\u202e", "%s %(x)s {0}")


def packed(body: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode()


@pytest.mark.parametrize("text", HARD_TEXTS)
@pytest.mark.parametrize("action", ["delete", "edit", "export"])
def test_the_token_of_a_selection(olga: Any, client_for: Any, company_of: MakeCompany, text: str, action: str) -> None:
    company_of(olga)
    client = client_for(olga)
    for tree in ({"version": 1, "all": []}, {"version": 1, "field": "name", "operator": "is", "value": text}):
        for words in ("", text):
            token = packed({"type": "company", "tree": tree, "q": words})
            answer = client.post("/companies/bulk/", {"action": action, "all": token})
            assert answer.status_code in {200, 302, 400}
    assert Company.objects.filter(deleted_at=None).count() == 1


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_cursors(olga: Any, client_for: Any, api: Any, company_of: MakeCompany, text: str) -> None:
    record = company_of(olga)
    page = f"/companies/{record.pk}/"
    client = client_for(olga)
    moments = ("2026-01-01T00:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
    for moment in moments:
        for body in ([moment, "record", text], [moment, text, "1"], [text, "record", "1"], [moment, 1], text, 5):
            assert client.get(f"{page}timeline/", {"cursor": packed(body)}).status_code in {200, 400}
        for spelt in (f"{moment}~{record.pk}", f"{moment}~x", moment):
            assert api(olga).get(f"/api/v1{page}history/?cursor={spelt.replace('+', '%2B')}").status_code in {200, 400}
    for value in (text, 5, 10**40, None, [text], {"a": text}):
        for body in (["name", "n", value, record.pk.hex], ["name", text, value, record.pk.hex], [value]):
            cursor = packed(body)
            assert client.get("/companies/", {"cursor": cursor, "sort": "name"}).status_code in {200, 400}
            assert api(olga).get(f"/api/v1/companies/?sort=name&cursor={cursor}").status_code in {200, 400}
    for sort in ("created_at", "employees", "annual_revenue"):
        for value in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e40", 10**30, -(10**30)):
            cursor = packed([sort, "n", value, record.pk.hex])
            assert client.get("/companies/", {"cursor": cursor, "sort": sort}).status_code in {200, 400}


DIGITS = ("9" * 5_000, "9" * 30, "-1", "٣", "²", "1.5", "0x10", "")


@pytest.mark.parametrize("digits", DIGITS)
def test_places_that_are_numbers(admin: Any, client_for: Any, company_of: MakeCompany, digits: str) -> None:
    record = company_of(admin)
    with change(by=None, source=Source.SYSTEM):
        job = Job.objects.create(kind="records.bulk_edit", title="A job", by=admin)
    client = client_for(admin)
    for address, name in (
        (f"/jobs/{job.pk}/", "after"),
        ("/jobs/", "before"),
        (f"/companies/{record.pk}/history/", "before"),
        ("/settings/people/", "page"),
        ("/notifications/", "before"),
        ("/notifications/", "page"),
        ("/outbox/", "page"),
        ("/admin/contacts/company/", "p"),
    ):
        assert client.get(address, {name: digits}).status_code < 500, address
    version = {"name": "New name", "version": digits}
    assert client.post(f"/companies/{record.pk}/field/name/", version).status_code < 500
    assert client.post(f"/companies/{record.pk}/edit/", {**version, "emails-TOTAL_FORMS": digits}).status_code < 500
    assert client.post(f"/companies/{record.pk}/draft/", {"emails-TOTAL_FORMS": digits}).status_code < 500
    assert client.get(f"/companies/{record.pk}/edit/").status_code == 200
    assert client.post(f"/companies/{record.pk}/history/{digits}/restore/").status_code in {404, 409}
