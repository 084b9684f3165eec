"""People: the inherited suite, and what is theirs alone."""

from __future__ import annotations

import datetime as dt
from html import unescape
from typing import Any

import pytest

from apps.contacts.models import Company, Contact, ContactPhone, ContactPosition, ContactRelation
from apps.contacts.naming import derive_name, split_name
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, clean_values, restore_version, save_many, save_record, undo_changes
from tests.contacts.test_company import form
from tests.records.suite import HTMX, RecordTypeSuite

pytestmark = pytest.mark.django_db


class ContactData:
    """What the inherited tests need to know of people."""

    __test__ = True
    type_key = "contact"
    new = {
        "first_name": "Zoë",
        "last_name": "Nuñez",
        "name": "Zoë Nuñez",
        "status": "prospect",
        "title": "Buyer",
        "email": "zoe@lumen.example",
        "phone": "+351 912 345 678",
        "city": "Lisboa",
        "country": "PT",
        "language": "pt",
        "languages": ["en", "pt"],
        "time_zone": "Europe/Lisbon",
        "birth_date": "1984-02-29",
    }
    edit = ("language", "es", "Spanish")
    wrong = {"birth_date": "yesterday", "website": "javascript:alert(1)", "language": "Elvish"}
    shown = ("Zoë Nuñez", "Prospect", "Buyer", "zoe@lumen.example", "Lisboa", "Portugal", "English, Portuguese")
    list_queries = 8
    detail_queries = 17


class TestContact(ContactData, RecordTypeSuite):
    """People keep what every record type keeps."""


def saved(by: Any, type_key: str, raw: dict[str, Any], **given: Any) -> Any:
    definition = definition_for(type_key, by)
    values, errors = clean_values(definition, raw, partial=True, creating="record_id" not in given)
    assert not errors
    with change(by=by, source=Source.PAGE) as opened:
        return save_record(Submission(definition, by, values, **given), change=opened)


@pytest.fixture
def hers(client_for: Any, olga: Any) -> Any:
    return client_for(olga)


@pytest.fixture
def lumen(olga: Any) -> Any:
    return saved(olga, "company", {"name": "Lumen"})


@pytest.fixture
def secret(stan: Any) -> Any:
    """A company that Olga can't see."""
    return saved(stan, "company", {"name": "Hidden Harbour"})


# --- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "name", "pieces"),
    [
        ({"first_name": "Ana", "last_name": "Ruiz"}, "Ana Ruiz", ("Ana", "Ruiz")),
        ({"name": "Ana María Ruiz"}, "Ana María Ruiz", ("Ana María", "Ruiz")),
        ({"name": "Ruiz, Ana"}, "Ruiz, Ana", ("Ana", "Ruiz")),
        ({"name": "王小明"}, "王小明", ("", "王小明")),
        ({"name": "王小明", "first_name": "小明", "last_name": "王"}, "王小明", ("小明", "王")),
        ({"email": "ana@lumen.example"}, "", ("", "")),
        ({"phone": "+351 912 345 678"}, "", ("", "")),
    ],
)
def test_a_full_name_and_its_pieces_make_each_other(
    olga: Any, raw: dict[str, str], name: str, pieces: tuple[str, str]
) -> None:
    contact = saved(olga, "contact", raw)
    assert (contact.name, (contact.first_name, contact.last_name)) == (name, pieces)


def test_a_full_name_follows_its_pieces_until_somebody_writes_one(olga: Any) -> None:
    contact = saved(olga, "contact", {"email": "ana@lumen.example"})
    contact = saved(olga, "contact", {"first_name": "Ana", "last_name": "Ruiz"}, record_id=contact.pk)
    assert contact.name == "Ana Ruiz"
    contact = saved(olga, "contact", {"last_name": "Vidal"}, record_id=contact.pk)
    assert contact.name == "Ana Vidal"
    contact = saved(olga, "contact", {"name": "Dr. Ana V."}, record_id=contact.pk)
    contact = saved(olga, "contact", {"last_name": "Vega"}, record_id=contact.pk)
    assert (contact.name, contact.last_name) == ("Dr. Ana V.", "Vega")
    contact = saved(olga, "contact", {"name": ""}, record_id=contact.pk)
    assert contact.name == contact.first_name + " Vega"


def test_nobody_without_a_name(hers: Any) -> None:
    answer = hers.post("/contacts/new/", {"title": "Buyer"})
    assert answer.status_code == 422
    assert "Give a name, an e-mail address or a phone number." in answer.content.decode()


def test_long_names_are_kept_whole() -> None:
    name = "x" * 150 + " Ruiz"
    assert split_name(name)["first_name"] == "x" * 150
    assert derive_name({"name": name}, {}, frozenset({"name"})) == {}


# --- positions -----------------------------------------------------------------------------------------------


def test_a_job_move_keeps_the_old_position(hers: Any, olga: Any, lumen: Any) -> None:
    other = saved(olga, "company", {"name": "Nova"})
    rows = form("positions", {"company": str(lumen.pk), "title": "Buyer", "started_on": "2020-03-01"})
    answer = hers.post("/contacts/new/", {"first_name": "Ana", "last_name": "Ruiz", **rows})
    assert answer.status_code == 302, answer.content.decode()
    ana = Contact.objects.visible_to(olga).get()
    assert (ana.company, ana.title) == (lumen, "Buyer")
    first = ContactPosition.objects.get()
    old = {"id": str(first.pk), "company": str(lumen.pk), "title": "Buyer", "ended_on": "2024-05-31"}
    moved = [PartRow({"company": other.pk, "title": "Head of buying", "started_on": dt.date(2024, 6, 1)})]
    kept = PartRow({"ended_on": dt.date(2024, 5, 31)}, id=first.pk)
    saved(olga, "contact", {}, record_id=ana.pk, parts={"positions": [*moved, kept]}, replace_parts={"positions"})
    ana.refresh_from_db()
    assert (ana.company, ana.title) == (other, "Head of buying")
    page = unescape(hers.get(f"/companies/{lumen.pk}/").content.decode())
    assert "Ana Ruiz" in page
    timeline = unescape(hers.get(f"/contacts/{ana.pk}/timeline/", headers=HTMX).content.decode())
    assert "Lumen · Buyer" in timeline
    wrong = form("positions", old | {"started_on": "2025-01-01"}, initial=1)
    answer = hers.post(f"/contacts/{ana.pk}/edit/", {"first_name": "Ana", "version": ana.version, **wrong})
    assert answer.status_code == 422
    assert "A position can't end before it starts." in unescape(answer.content.decode())


def test_a_company_out_of_sight_is_not_chosen_told_or_lost(hers: Any, olga: Any, stan: Any, secret: Any) -> None:
    rows = form("positions", {"company": str(secret.pk), "title": "Buyer"})
    answer = hers.post("/contacts/new/", {"last_name": "Ruiz", **rows})
    assert answer.status_code == 422
    assert "you may not see it" in unescape(answer.content.decode())
    ana = saved(olga, "contact", {"last_name": "Ruiz"})
    with change(by=None, source=Source.MAIL) as opened:
        given = Submission(
            definition_for("contact", None), None, {}, record_id=ana.pk,
            parts={"positions": [PartRow({"company": secret.pk, "title": "Buyer"})]},
        )  # fmt: skip
        save_record(given, change=opened)
    page = unescape(hers.get(f"/contacts/{ana.pk}/").content.decode())
    assert "restricted" in page
    for path in ("", "edit/", "timeline/", "history/"):
        text = unescape(hers.get(f"/contacts/{ana.pk}/{path}").content.decode())
        assert "Hidden Harbour" not in text
        assert str(secret.pk) not in text, path
    row = ContactPosition.objects.get()
    ana.refresh_from_db()
    kept = form("positions", {"id": str(row.pk), "company": "keep", "title": "Head of buying"}, initial=1)
    answer = hers.post(f"/contacts/{ana.pk}/edit/", {"last_name": "Ruiz", "version": ana.version, **kept})
    assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    assert (row.company_id, row.title) == (secret.pk, "Head of buying")


def test_a_new_person_starts_at_the_company_she_was_opened_from(hers: Any, lumen: Any) -> None:
    page = hers.get(f"/contacts/new/?company={lumen.pk}").content.decode()
    assert f'value="{lumen.pk}" selected' in page


# --- reports and relations -----------------------------------------------------------------------------------


def test_nobody_reports_to_themselves_or_in_a_ring(hers: Any, olga: Any) -> None:
    chief = saved(olga, "contact", {"name": "Chief"})
    clerk = saved(olga, "contact", {"name": "Clerk", "reports_to": chief.pk})
    data = {"last_name": "Chief", "name": "Chief", "version": chief.version}
    answer = hers.post(f"/contacts/{chief.pk}/edit/", {**data, "reports_to": str(clerk.pk)})
    assert "report to somebody who reports to them" in unescape(answer.content.decode())
    answer = hers.post(f"/contacts/{chief.pk}/edit/", {**data, "reports_to": str(chief.pk)})
    assert answer.status_code == 422
    chief.refresh_from_db()
    assert chief.reports_to is None


def test_a_relation_is_seen_from_both_sides(hers: Any, olga: Any) -> None:
    ana = saved(olga, "contact", {"name": "Ana Ruiz"})
    rows = {"relations": [PartRow({"kind": "referred_by", "other": ana.pk})]}
    bo = saved(olga, "contact", {"name": "Bo Berg"}, parts=rows)
    assert "Referred by" in unescape(hers.get(f"/contacts/{bo.pk}/").content.decode())
    page = unescape(hers.get(f"/contacts/{ana.pk}/").content.decode())
    assert "Bo Berg" in page
    assert "Referred by" in page
    assert ContactRelation.objects.get().other == ana


def test_a_number_is_kept_as_typed_and_by_its_international_form(olga: Any) -> None:
    contact = saved(olga, "contact", {"name": "Ana", "phone": "912 345 678", "country": "PT"})
    phone = contact.phones.get()
    assert (phone.number, phone.e164) == ("912 345 678", "+351912345678")


def test_a_number_without_a_country_follows_that_of_the_person(olga: Any, hers: Any) -> None:
    """Its international form follows, and nobody has changed the number: it gets no version."""
    rows = {"phones": [PartRow({"number": "0171 2345678"}), PartRow({"number": "+351 912 345 678"})]}
    ana = saved(olga, "contact", {"name": "Ana"}, parts=rows)

    def numbers() -> list[str]:
        return list(ana.phones.order_by("position").values_list("e164", flat=True))

    assert numbers() == ["", "+351912345678"]
    versions = ContactPhone.history.count()
    answer = hers.post(f"/contacts/{ana.pk}/field/country/", {"country": "DE", "version": ana.version}, headers=HTMX)
    assert answer.status_code == 200
    assert numbers() == ["+491712345678", "+351912345678"]
    ana.refresh_from_db()
    assert (ContactPhone.history.count(), ana.version) == (versions, 2)
    assert "tel:+491712345678" in hers.get(f"/contacts/{ana.pk}/").content.decode()
    definition = definition_for("contact", olga)
    with change(by=olga, source=Source.JOB) as opened:
        given = Submission(definition, olga, {"country": "AT"}, record_id=ana.pk)
        assert save_many(definition, [given], user=olga, change=opened)[0].action == "updated"
    assert numbers()[0].startswith("+43")
    with change(by=olga, source=Source.JOB) as undo:
        outcome = undo_changes(definition.type, [ana.pk], [opened.id], change=undo)[ana.pk]
    assert (outcome.action, numbers()[0]) == ("restored", "+491712345678")
    with change(by=olga, source=Source.JOB) as opened:
        save_many(definition, [given], user=olga, change=opened)
    german = Contact.history.filter(id=ana.pk, country="DE").latest("history_id")
    with change(by=olga, source=Source.PAGE) as opened:
        restore_version(definition, ana.pk, german.history_id, change=opened)
    assert numbers() == ["+491712345678", "+351912345678"]
    assert ContactPhone.history.count() == versions


def test_a_company_that_people_work_for_is_not_purged(olga: Any, lumen: Any) -> None:
    saved(olga, "contact", {"name": "Ana", "company": lumen.pk})
    assert Company.objects.visible_to(olga).get().people.get().name == "Ana"


def test_dates_are_written_as_in_the_readers_country(olga: Any, client_for: Any) -> None:
    ana = saved(olga, "contact", {"name": "Ana"})
    row = PartRow({"title": "Buyer", "started_on": dt.date(2017, 1, 1)})
    saved(olga, "contact", {"birth_date": "1984-02-29"}, record_id=ana.pk, parts={"positions": [row]})
    british = client_for(olga, headers={"accept-language": "en-GB,en;q=0.8"})
    pages = {
        path: unescape(british.get(f"/contacts/{path}", headers=HTMX).content.decode())
        for path in (f"{ana.pk}/timeline/", f"{ana.pk}/history/", f"{ana.pk}/?panel=1", "?columns=birth_date")
    }
    assert not [path for path, text in pages.items() if "29 Feb 1984" not in text]
    assert "1 Jan 2017" in pages[f"{ana.pk}/timeline/"]
    assert not [path for path, text in pages.items() if "Feb. 29" in text or "Jan. 1" in text]
    plain = unescape(client_for(olga).get(f"/contacts/{ana.pk}/timeline/", headers=HTMX).content.decode())
    assert "Feb. 29, 1984" in plain
