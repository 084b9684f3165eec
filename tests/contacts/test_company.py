"""Companies: the inherited suite, and what is theirs alone."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from apps.contacts.models import Company, CompanyAddress
from tests.records.suite import HTMX, RecordTypeSuite

pytestmark = pytest.mark.django_db


class CompanyData:
    """What the inherited tests need to know of companies."""

    __test__ = True
    type_key = "company"
    new = {
        "name": "Lúmen Software Ltd",
        "status": "prospect",
        "website": "lumen.example",
        "city": "Lisboa",
        "country": "PT",
        "annual_revenue": "84200",
        "annual_revenue_currency": "EUR",
        "tax_id": "PT500000000",
    }
    edit = ("tax_id", "PT500000001", "PT500000001")
    wrong = {"employees": "many", "website": "javascript:alert(1)", "founded": "23"}
    shown = ("Prospect", "lumen.example", "Lisboa", "Portugal", "€84,200", "PT500000000")
    list_queries = 8
    detail_queries = 14


class TestCompany(CompanyData, RecordTypeSuite):
    """Companies keep what every record type keeps."""


def form(prefix: str, *rows: dict[str, str], initial: int = 0) -> dict[str, str]:
    """The rows of a part as the form sends them."""
    sent = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{key}": value for key, value in row.items()}
    return sent


@pytest.fixture
def hers(client_for: Any, olga: Any) -> Any:
    return client_for(olga)


def test_parts_are_made_changed_and_taken_away_with_their_company(hers: Any, olga: Any) -> None:
    rows = form("addresses", {"kind": "office", "city": "Porto", "country": "PT"}, {"kind": "office", "city": ""})
    answer = hers.post("/companies/new/", {"name": "Lumen", **rows})
    assert answer.status_code == 302, answer.content.decode()
    company = Company.objects.visible_to(olga).get()
    first = CompanyAddress.objects.get()
    assert (first.city, company.city, company.country, company.version) == ("Porto", "Porto", "PT", 1)
    url = f"/companies/{company.pk}/"
    changed = form(
        "addresses",
        {"id": str(first.pk), "kind": "office", "city": "Braga", "country": "PT"},
        {"kind": "office", "city": "Faro", "country": "PT"},
    )
    assert hers.post(f"{url}edit/", {"name": "Lumen", "version": "1", **changed}).status_code == 302
    assert list(CompanyAddress.objects.values_list("city", flat=True)) == ["Braga", "Faro"]
    company.refresh_from_db()
    assert company.version == 2
    timeline = unescape(hers.get(f"{url}timeline/", headers=HTMX).content.decode())
    assert "Porto, Portugal" in timeline
    assert "Braga, Portugal" in timeline
    gone = form("addresses", {"id": str(first.pk), "kind": "office", "city": "Braga", "DELETE": "on"})
    assert hers.post(f"{url}edit/", {"name": "Lumen", "version": "2", **gone}).status_code == 302
    assert list(CompanyAddress.objects.values_list("city", flat=True)) == ["Faro"]


def test_a_wrong_part_says_so_in_its_row_and_nothing_is_saved(hers: Any) -> None:
    rows = form("emails", {"kind": "work", "address": "nobody@"})
    answer = hers.post("/companies/new/", {"name": "Lumen", **rows})
    assert answer.status_code == 422
    assert answer.context["parts"][2][0].errors["address"]
    assert "nobody@" in answer.content.decode()
    assert not Company._base_manager.exists()


def test_a_part_of_another_company_can_t_be_taken(hers: Any, client_for: Any, stan: Any, olga: Any) -> None:
    client_for(stan).post("/companies/new/", {"name": "His", **form("phones", {"kind": "work", "number": "+351 1"})})
    theirs = Company.objects.visible_to(stan).get().phones.get()
    rows = form("phones", {"id": str(theirs.pk), "kind": "work", "number": "+351 2"}, initial=1)
    assert hers.post("/companies/new/", {"name": "Mine", **rows}).status_code == 422
    theirs.refresh_from_db()
    assert theirs.number == "+351 1"


def test_a_parent_out_of_sight_says_restricted_and_stays(
    hers: Any, client_for: Any, admin: Any, stan: Any, olga: Any
) -> None:
    client_for(stan).post("/companies/new/", {"name": "Secret Holding"})
    parent = Company.objects.visible_to(stan).get()
    refused = hers.post("/companies/new/", {"name": "Child", "parent": str(parent.pk)})
    assert refused.status_code == 422
    sent = {"name": "Child", "parent": str(parent.pk), "owner": str(olga.pk)}
    assert client_for(admin).post("/companies/new/", sent).status_code == 302
    child = Company.objects.visible_to(olga).get()
    page = hers.get(f"/companies/{child.pk}/").content.decode()
    assert "Secret Holding" not in page
    assert "restricted" in page
    edit = hers.get(f"/companies/{child.pk}/edit/")
    assert str(parent.pk) not in edit.content.decode()
    kept = {"name": "Child", "parent": "keep", "legal_name": "Évora", "version": child.version}
    assert hers.post(f"/companies/{child.pk}/edit/", kept).status_code == 302
    child.refresh_from_db()
    assert (child.parent_id, child.legal_name) == (parent.pk, "Évora")


def test_the_tree_of_companies_never_bites_its_tail(hers: Any, olga: Any) -> None:
    hers.post("/companies/new/", {"name": "Top"})
    top = Company.objects.visible_to(olga).get(name="Top")
    hers.post("/companies/new/", {"name": "Below", "parent": str(top.pk)})
    below = Company.objects.visible_to(olga).get(name="Below")
    answer = hers.post(f"/companies/{top.pk}/field/parent/", {"parent": str(below.pk)}, headers=HTMX)
    assert answer.status_code == 422
    assert "Below" in hers.get(f"/companies/{top.pk}/").content.decode()


def test_references_offer_only_what_is_in_sight(hers: Any, client_for: Any, stan: Any, olga: Any) -> None:
    for person, name in ((stan, "Lumen South"), (olga, "Lumen North")):
        client_for(person).post("/companies/new/", {"name": name})
    found = hers.get("/references/company/", {"q": "lum"}).json()["results"]
    assert [one["text"] for one in found] == ["Lumen North"]
    assert [one["text"] for one in hers.get("/references/user/", {"q": "tariq"}).json()["results"]] == []
    assert hers.get("/references/no_such/").status_code == 404


def test_a_revenue_needs_its_currency(hers: Any) -> None:
    answer = hers.post("/companies/new/", {"name": "Lumen", "annual_revenue": "5"})
    assert answer.status_code == 422
    assert "annual_revenue_currency" in answer.context["form"].errors
