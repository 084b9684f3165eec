"""Admins shape record types in the settings pages, and what they made is there at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.contacts.models import Company
from apps.core.field_indexes import index_name, is_there
from apps.core.registry import registry
from apps.jobs.models import Job
from apps.jobs.services import run_job
from apps.records.models import FieldDefinition, ObjectType, SavedView

pytestmark = pytest.mark.django_db

FIELDS = "/settings/records/company/fields/"


@pytest.fixture
def browser(client_for: Callable[..., Client], admin: Any) -> Client:
    return client_for(admin)


def define(browser: Client, kind: str, type_key: str = "company", **given: Any) -> Any:
    data = {"label_en": "Grade", "decimal_places": "2", **given}
    return browser.post(f"/settings/records/{type_key}/fields/new/?kind={kind}", data)


def test_a_field_is_offered_everywhere_at_once(browser: Client) -> None:
    made = define(browser, "text", label_en="Licence no.", help_en="From the register", max_length="12", required="on")
    assert (made.status_code, made["Location"]) == (302, FIELDS)
    assert FieldDefinition.objects.get().key == "licence_no"
    assert "Licence no." in browser.get(FIELDS).text
    refused = browser.post("/companies/new/", {"name": "Lumen"})
    assert refused.status_code == 422
    assert "This field is required." in refused.text
    browser.post("/companies/new/", {"name": "Lumen", "licence_no": "ES-77"})
    company = Company._base_manager.get()
    assert company.custom == {"licence_no": "ES-77"}
    assert "ES-77" in browser.get(f"/companies/{company.pk}/").text
    assert "ES-77" in browser.get("/companies/?columns=licence_no&licence_no=es-77").text
    assert browser.get("/api/v1/companies/").json()["results"][0]["licence_no"] == "ES-77"


@pytest.mark.parametrize(
    ("kind", "given", "at"),
    [
        ("text", {"label_en": ""}, "label"),
        ("text", {"key": "name"}, "key"),
        ("text", {"key": "Big"}, "key"),
        ("text", {"pattern": "(a"}, "pattern"),
        ("text", {"pattern": "(?=a)b"}, "pattern"),
        ("text", {"pattern": "((a{100}){100}){100}"}, "pattern"),
        ("text", {"pattern": "[A-Z]+", "default": "abc"}, "default"),
        ("integer", {"minimum": "many"}, "minimum"),
        ("integer", {"minimum": "5", "maximum": "4"}, "maximum"),
        ("decimal", {"decimal_places": "99"}, "decimal_places"),
        ("decimal", {"maximum": "9.5", "default": "10"}, "default"),
        ("date", {"maximum": "soon"}, "maximum"),
        ("choice", {"choices": ""}, "choices"),
        ("choice", {"choices": "Gold\nSilver", "default": "Bronze"}, "default"),
        ("reference", {"target": "nothing"}, "target"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(
    browser: Client, kind: str, given: dict[str, str], at: str
) -> None:
    refused = define(browser, kind, **given)
    assert refused.status_code == 422
    assert f'href="#id_{at}' in refused.text or f'id="field-{at}' in refused.text
    assert at in refused.context["form"].errors
    assert not FieldDefinition.objects.exists()


def test_rules_hold_on_pages_and_in_the_api(browser: Client) -> None:
    define(
        browser, "text", label_en="Plate", pattern="[A-Z]{2}-[0-9]+", pattern_message_en="Two letters, then digits."
    )
    define(browser, "integer", label_en="Stars", minimum="1", maximum="5")
    define(browser, "date", label_en="Chartered", minimum="1900-01-01")
    bad = {"name": "Lumen", "plate": "no plate", "stars": "6", "chartered": "1850-01-01"}
    page = browser.post("/companies/new/", bad)
    assert page.status_code == 422
    assert "Two letters, then digits." in page.text
    assert "from 1 to 5" in page.text
    api = browser.post("/api/v1/companies/", bad, content_type="application/json")
    assert api.status_code == 422
    assert api.json()["errors"].keys() == {"plate", "stars", "chartered"}
    # A condition may ask for what the field wouldn't take.
    assert browser.get("/companies/?chartered__before=1850-01-01").status_code == 200
    good = {"name": "Lumen", "plate": "ES-1", "stars": "5", "chartered": "1900-01-01"}
    assert browser.post("/companies/new/", good).status_code == 302


def test_a_hostile_pattern_takes_no_time(browser: Client) -> None:
    """(a+)+$ over a long text needs time without end where a pattern is tried by going back."""
    define(browser, "longtext", label_en="Essay")
    define(browser, "text", label_en="Code", pattern="(a+)+", max_length="1000")
    assert browser.post("/companies/new/", {"name": "Lumen", "code": "a" * 999 + "!"}).status_code == 422


def test_choices_money_and_defaults(browser: Client) -> None:
    define(browser, "choice", label_en="Tier", choices="Gold\nSilver\n\nGold\nBrüçke", default="Silver")
    define(browser, "money", label_en="Budget", minimum="0")
    options = registry.get("company").index["tier"].options
    assert [(option.key, str(option.label)) for option in options] == [
        ("gold", "Gold"), ("silver", "Silver"), ("brucke", "Brüçke"),
    ]  # fmt: skip
    assert 'value="silver" selected' in browser.get("/companies/new/").text
    answer = browser.post("/api/v1/companies/", {"name": "Lumen"}, content_type="application/json")
    assert answer.json()["tier"] == "silver"
    record = {"name": "Nova", "budget": "1200.50", "budget_currency": "EUR", "tier": "gold"}
    assert browser.post("/companies/new/", record).status_code == 302
    assert "1,200.50" in browser.get("/companies/?columns=budget,tier&name=Nova").text


def test_an_own_field_keeps_its_kind_and_key(browser: Client) -> None:
    define(browser, "integer")
    page = browser.post(f"{FIELDS[:-7]}field/grade/", {"label_en": "Rank", "key": "rank", "kind": "text"})
    assert page.status_code == 302
    row = FieldDefinition.objects.get()
    assert (row.key, row.kind, str(row.label)) == ("grade", "integer", "Rank")


def test_the_order_is_the_admins(browser: Client) -> None:
    for label in ("One", "Two", "Three"):
        define(browser, "text", label_en=label)
    browser.post(f"{FIELDS}order/", {"keys": ["three", "one", "gone"]})
    keys = [field.key for field in registry.get("company").fields if field.custom]
    assert keys == ["three", "one", "two"]


def test_out_of_use_keeps_the_values_and_back_again(browser: Client) -> None:
    define(browser, "text")
    browser.post("/companies/new/", {"name": "Lumen", "grade": "A1"})
    company = Company._base_manager.get()
    browser.post(f"{FIELDS[:-7]}field/grade/use/", {"active": "false"})
    assert "A1" not in browser.get(f"/companies/{company.pk}/").text
    browser.post(f"/companies/{company.pk}/edit/", {"name": "Lumen Power", "version": company.version})
    browser.post(f"{FIELDS[:-7]}field/grade/use/", {"active": "true"})
    assert "A1" in browser.get(f"/companies/{company.pk}/").text


def test_deleting_a_field_takes_the_values_and_says_how_many(browser: Client, inline_tasks: None) -> None:
    define(browser, "text")
    for name in ("Lumen", "Nova"):
        browser.post("/companies/new/", {"name": name, "grade": "A1"})
    address = f"{FIELDS[:-7]}field/grade/delete/"
    browser.post(address)
    assert FieldDefinition.objects.exists(), "a field in use is not deleted"
    browser.post(f"{FIELDS[:-7]}field/grade/use/", {"active": "false"})
    assert "2 records hold a value" in browser.get(address).text
    browser.post(address)
    run_job(Job.objects.get(kind="records.delete_field").pk)
    assert not FieldDefinition.objects.exists()
    assert {company.custom.get("grade") for company in Company._base_manager.all()} == {None}
    assert {row.custom.get("grade") for row in Company.history.filter(history_type="+")} == {"A1"}


def test_a_record_type_from_nothing(browser: Client) -> None:
    made = browser.post(
        "/settings/records/objects/new/", {"label_en": "Property", "label_plural_en": "Properties", "icon": "house"}
    )
    assert made["Location"] == "/settings/records/o.property/fields/"
    define(browser, "reference", "o.property", label_en="Seller", target="contact")
    define(browser, "integer", "o.property", label_en="Rooms", minimum="0")
    assert registry.get("o.property").list_columns == ("name", "seller", "rooms", "owner", "updated_at")
    assert browser.post("/o/properties/new/", {"name": "Harbour 3", "rooms": "4"}).status_code == 302
    assert "Harbour 3" in browser.get("/o/properties/?columns=rooms&rooms__at_least=4").text
    refused = browser.post("/settings/records/objects/property/delete/", follow=True)
    assert "It has records" in refused.text
    assert ObjectType.objects.exists()


def test_a_type_that_others_refer_to_stays(browser: Client) -> None:
    for label in ("Boat", "Pier"):
        browser.post(
            "/settings/records/objects/new/", {"label_en": label, "label_plural_en": f"{label}s", "icon": "box"}
        )
    assert define(browser, "reference", "o.boat", label_en="Berth", target="o.pier").status_code == 302
    assert "Fields refer to it: Berth" in browser.post("/settings/records/objects/pier/delete/", follow=True).text
    name = {"name": "My boats", "shared_with": "private"}
    assert browser.post("/o/boats/views/new/", name).status_code == 302
    assert SavedView.objects.filter(type_key="o.boat").exists()
    assert browser.post("/settings/records/objects/boat/delete/").status_code == 302
    assert not SavedView.objects.exists(), "a type made anew under the same key begins without old views"
    assert browser.post("/settings/records/objects/pier/delete/").status_code == 302
    assert not ObjectType.objects.exists()
    assert browser.get("/o/boats/").status_code == 404


@pytest.mark.django_db(transaction=True)
class TestIndexes:
    """The indexes are made outside of any transaction, so these tests commit."""

    @pytest.fixture(autouse=True)
    def _no_index_stays(self, transactional_db: None) -> Iterator[None]:
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'cf\\_%%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')

    def test_sorting_by_a_field(self, browser: Client, inline_tasks: None) -> None:
        made = define(browser, "text", indexed="on")
        assert made["Location"].startswith("/jobs/")
        assert is_there(index_name("company", "grade", "sort"))
        for name, grade in (("Lumen", "é"), ("Nova", "F"), ("Orion", "d"), ("Pax", "")):
            browser.post("/companies/new/", {"name": name, "grade": grade})
        for sort, order in (("grade", "Orion Lumen Nova Pax"), ("-grade", "Nova Lumen Orion Pax")):
            found = browser.get(f"/api/v1/companies/?sort={sort}").json()["results"]
            assert " ".join(row["name"] for row in found) == order
        browser.post(f"{FIELDS[:-7]}field/grade/", {"label_en": "Grade"})
        assert not is_there(index_name("company", "grade", "sort"))
        assert browser.get("/api/v1/companies/?sort=grade").status_code == 400

    def test_the_index_serves_the_sort(self, browser: Client, inline_tasks: None) -> None:
        define(browser, "integer", indexed="on")
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
            cursor.execute(
                "EXPLAIN SELECT id FROM contacts_company WHERE public.nc_number((custom ->> 'grade')) IS NOT NULL "
                "ORDER BY public.nc_number((custom ->> 'grade')), id LIMIT 50"
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
            cursor.execute("RESET enable_seqscan; RESET enable_sort")
        assert index_name("company", "grade", "sort") in plan

    def test_no_value_twice(self, browser: Client, inline_tasks: None) -> None:
        define(browser, "text", unique="on")
        assert browser.post("/companies/new/", {"name": "Lumen", "grade": "A-1"}).status_code == 302
        again = browser.post("/companies/new/", {"name": "Nova", "grade": " a-1 "})
        assert again.status_code == 422
        assert "Another record has this value already." in again.text
        assert browser.post("/companies/new/", {"name": "Nova", "grade": ""}).status_code == 302
        first = Company._base_manager.get(name="Lumen")
        browser.post(f"/companies/{first.pk}/delete/")
        assert browser.post("/companies/new/", {"name": "Orion", "grade": "A-1"}).status_code == 302

    def test_no_value_twice_in_a_set_either(self, browser: Client, inline_tasks: None) -> None:
        define(browser, "text", unique="on")
        rows = [{"name": name, "grade": grade} for name, grade in (("A", "1"), ("B", "2"), ("C", "1"))]
        answer = browser.post("/api/v1/companies/bulk/", {"create": rows}, content_type="application/json").json()
        assert Company._base_manager.count() == 2
        assert "Another record has this value already." in str(answer)

    def test_values_that_are_there_twice_are_named(self, browser: Client, inline_tasks: None) -> None:
        define(browser, "text")
        for name, grade in (("Lumen", "A-1"), ("Nova", "a-1"), ("Orion", "B")):
            browser.post("/companies/new/", {"name": name, "grade": grade})
        browser.post(f"{FIELDS[:-7]}field/grade/", {"label_en": "Grade", "unique": "on"})
        row = FieldDefinition.objects.get()
        assert row.index_state == "failed"
        assert "in 2 records" in row.index_error
        assert "not unique yet" in browser.get(FIELDS).text
        last = Company._base_manager.get(name="Nova")
        browser.post(f"/companies/{last.pk}/edit/", {"name": "Nova", "grade": "C", "version": last.version})
        browser.post(f"{FIELDS[:-7]}field/grade/", {"label_en": "Grade", "unique": "on"})
        assert FieldDefinition.objects.get().index_state == "ready"

    def test_own_types_share_a_table_and_not_their_values(self, browser: Client, inline_tasks: None) -> None:
        for label in ("Boat", "Pier"):
            browser.post(
                "/settings/records/objects/new/", {"label_en": label, "label_plural_en": f"{label}s", "icon": "box"}
            )
            define(browser, "text", f"o.{label.lower()}", label_en="Code", unique="on", indexed="on")
        for plural in ("boats", "piers"):
            assert browser.post(f"/o/{plural}/new/", {"name": "A", "code": "1"}).status_code == 302
            assert browser.post(f"/o/{plural}/new/", {"name": "B", "code": "1"}).status_code == 422
