"""People and their companies in one file: the company of a position is found, or made once."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from apps.contacts.models import Company, Contact, ContactEmail, ContactPosition
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.records.importing.mapping import suggest
from apps.users.models import Grant, User
from tests.importing.files import imported, refusals, undone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]

FILE = """First Name,Last Name,Email,Company,Job Title
Ana,Silva,ana@lumen.example,Lumen,Buyer
Rui,Costa,rui@lumen.example,LÚMEN,
Eva,Braun,eva@nord.example,Nordwind,Director
Leo,Lang,leo@nobody.example,,Freelancer
"""


def make_company(name: str, **values: Any) -> Company:
    with change(by=None, source=Source.SYSTEM):
        return Company.objects.create(name=name, **values)


def test_the_heading_company_means_the_position(admin: Any) -> None:
    plans = suggest(definition_for("contact", admin), ["First Name", "Company", "Job Title"])
    assert [plan.path for plan in plans] == ["first_name", "positions.0.company", "positions.0.title"]


def test_companies_are_found_or_made_and_undone(olga: Any) -> None:
    nordwind = make_company("Nordwind", owner=olga)
    job = imported(olga, FILE, type_key="contact", unknown="create")
    assert (job.state, refusals(job)) == ("done", {})
    assert (job.result["counts"], job.result["made"]) == ({"created": 4}, 1)
    lumen = Company.objects.get(name="Lumen")
    assert lumen.owner == olga
    at = {one.contact.first_name: one for one in ContactPosition.objects.select_related("contact", "company")}
    assert {name: one.company for name, one in at.items()} == {
        "Ana": lumen, "Rui": lumen, "Eva": nordwind, "Leo": None,
    }  # fmt: skip
    assert Contact.objects.get(first_name="Ana").company == lumen, "the first position stands in the record"
    undo = undone(olga, job)
    assert (undo.state, undo.error_details) == ("done", "")
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert list(Company.objects.filter(deleted_at=None)) == [nordwind]


def test_a_second_file_finds_the_companies_of_the_first(olga: Any) -> None:
    imported(olga, FILE, type_key="contact", unknown="create")
    again = imported(
        olga, FILE.replace("Buyer", "Head of buying"), type_key="contact", mode="update", match_key="email"
    )
    assert refusals(again) == {}
    assert Company.objects.count() == 2
    assert Contact.objects.count() == 4
    assert Contact.objects.get(first_name="Ana").title == "Head of buying"


def test_without_that_choice_the_row_is_refused_or_the_field_stays_empty(olga: Any) -> None:
    refused = imported(olga, FILE, type_key="contact")
    assert sorted(refusals(refused)) == [2, 3, 4]
    assert refusals(refused)[2] == "Company: “Lumen” isn't there, or you may not see it."
    empty = imported(olga, FILE, type_key="contact", unknown="empty")
    assert empty.result["counts"] == {"created": 4}
    assert not Company.objects.exists()


def test_whoever_may_not_add_companies_makes_none(olga: Any) -> None:
    Grant.objects.filter(role__key="sales_rep", record_type="company", action="add").delete()
    job = imported(olga, FILE, type_key="contact", unknown="create")
    assert sorted(refusals(job)) == [2, 3, 4]
    assert not Company.objects.exists()


def test_a_company_out_of_sight_is_not_given_away(olga: Any, stan: Any) -> None:
    make_company("Lumen", owner=stan)
    job = imported(olga, FILE, type_key="contact")
    assert "isn't there, or you may not see it" in refusals(job)[2]


def test_the_pages_offer_to_make_companies(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    address = client.post("/contacts/import/", {"file": SimpleUploadedFile("people.csv", FILE.encode())}).url
    form = client.get(address).context["form"]
    data = {field.html_name: field.initial or "" for field in form}
    data = {key: value for key, value in data.items() if value not in (False, None)}
    refused = client.get(client.post(address, data).url).context["preview"]
    assert refused.problems[0] == (2, "Company", "Lumen", "“Lumen” isn't there, or you may not see it.")
    answer = client.post(address, data | {"unknown_3": "create", "mode": "update", "match_key": "email"})
    assert answer.status_code == 302, answer.context["form"].errors
    checked = client.get(answer.url).context["preview"]
    assert (checked.created, checked.refused) == (4, 0)
    names = [title for _line, title, _changes in checked.rows]
    assert names == ["Ana Silva", "Rui Costa", "Eva Braun", "Leo Lang"], "no column holds them, people read them"
    assert not Company.objects.exists(), "a check makes nothing"
    client.post(answer.url, {"confirmed": "1"})
    assert set(Company.objects.values_list("name", flat=True)) == {"Lumen", "Nordwind"}


def test_the_command_makes_companies(olga: Any, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    out = StringIO()
    call_command(
        "import_records", "contact", str(path), "--as", olga.username, "--unknown-create", "Company", stdout=out
    )
    assert "created 4" in out.getvalue()
    assert Company.objects.count() == 2


def test_a_file_changes_the_rows_it_speaks_of_and_no_others(olga: User, stan: User) -> None:
    unseen = make_company("Hidden Harbour", owner=stan)
    imported(olga, FILE, type_key="contact", unknown="create")
    ana = Contact.objects.get(first_name="Ana")
    with change(by=None, source=Source.SYSTEM):
        ContactPosition.objects.filter(contact=ana).update(company=unseen, department="Spices")
        ContactPosition.objects.create(contact=ana, title="Clerk", position=1)
        ContactEmail.objects.filter(contact=ana).update(kind="home")
        ContactEmail.objects.create(contact=ana, address="ana@home.example", position=1)
    told = "Email,Company,Job Title\nana@lumen.example,,Head of buying\n"
    for blank_overwrites, left in ((False, ["Clerk"]), (True, [])):
        job = imported(
            olga, told, type_key="contact", mode="update", match_key="email", blank_overwrites=blank_overwrites
        )
        assert refusals(job) == {}
        first, *others = ContactPosition.objects.filter(contact=ana).order_by("position")
        assert (first.company, first.title, first.department) == (unseen, "Head of buying", "Spices")
        assert [one.title for one in others] == left
        emails = list(ContactEmail.objects.filter(contact=ana).order_by("position").values_list("kind", "address"))
        assert emails == [("home", "ana@lumen.example"), ("work", "ana@home.example")][: 1 + len(left)]
    ana.refresh_from_db()
    assert (ana.company, ana.title, ana.email) == (unseen, "Head of buying", "ana@lumen.example")
