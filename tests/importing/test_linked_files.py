"""Files that belong together: people whose company column holds an id, a domain or a name of another file."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.contacts.models import Company, Contact, ContactPosition, ContactRelation
from apps.core.change import Source, change
from tests.importing.files import imported, refusals, undone
from tests.importing.walking import column, walked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]

COMPANIES = b"Id,Name,Website,ParentId\n1001,Lumen,https://www.lumen.example,\n1002,Nova,nova.example,1001\n"
PEOPLE = b"Id,First Name,Last Name,AccountId,ReportsToId\nC1,Ana,Silva,1002,\nC2,Rui,Costa,1001,C1\nC3,Eva,Braun,,C2\n"


def at() -> dict[str, str]:
    """The company of each person, by first name."""
    found = ContactPosition.objects.select_related("contact", "company")
    return {one.contact.first_name: one.company.name for one in found}


def test_people_are_linked_by_the_ids_of_the_other_file(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    first = walked(client, "companies", "accounts.csv", COMPANIES)
    assert first.result == {"counts": {"created": 2}, "linked": 1}
    second = walked(client, "contacts", "contacts.csv", PEOPLE)
    assert second.result == {"counts": {"created": 3}, "linked": 2}
    assert at() == {"Ana": "Nova", "Rui": "Lumen"}
    assert dict(Contact.objects.values_list("first_name", "reports_to__first_name")) == {
        "Ana": None, "Rui": "Ana", "Eva": "Rui",
    }  # fmt: skip
    assert Company.objects.get(name="Nova").parent.name == "Lumen"
    again = walked(client, "contacts", "contacts.csv", PEOPLE, {"mode": "update", "match_key": "external_id"})
    assert again.result["counts"] == {"skipped": 3}
    for job in (second, first):
        assert undone(olga, job).state == "done"
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert not Company.objects.filter(deleted_at=None).exists()


def test_systems_that_number_alike_don_t_meet(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    for system, name in (("hubspot", "Lumen"), ("pipedrive", "Umbra")):
        companies = f"Company ID,Company Name\n7,{name}\n".encode()
        people = f"Contact ID,First Name,Company ID\n7,Ana of {system},7\n".encode()
        update = {"system": system, "mode": "update", "match_key": "external_id"}
        assert walked(client, "companies", "c.csv", companies, update).result["counts"] == {"created": 1}
        assert walked(client, "contacts", "p.csv", people, update).result["counts"] == {"created": 1}
        assert walked(client, "contacts", "p.csv", people, update).result["counts"] == {"skipped": 1}
    assert at() == {"Ana of hubspot": "Lumen", "Ana of pipedrive": "Umbra"}
    assert set(Company.objects.values_list("external_id", flat=True)) == {"hubspot:7", "pipedrive:7"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lumen.example", True), ("www.lumen.example", True), ("https://lumen.example/", True),
        ("HTTP://LUMEN.example", True), ("lumen.test", False), ("Lumen", False),
    ],
)  # fmt: skip
def test_a_domain_finds_its_company(olga: Any, text: str, found: bool) -> None:
    imported(olga, COMPANIES.decode())
    job = imported(olga, f"Last Name,Associated Company Domain\nSilva,{text}\n", type_key="contact")
    assert job.result["counts"] == ({"created": 1} if found else {"refused": 1})
    if not found:
        words = f"Associated Company Domain: “{text}” isn't there, or you may not see it."
        assert refusals(job) == {2: words}


def test_without_a_choice_whatever_fits_is_tried(olga: Any) -> None:
    imported(olga, "Name,External ID,Website,Email\nLumen,L1,lumen.example,hello@lumen.example\n")
    lumen = Company.objects.get()
    texts = ["Lumen", "L1", "lumen.example", "hello@lumen.example", str(lumen.pk)]
    rows = [f"{number},{text}" for number, text in enumerate(texts)]
    job = imported(olga, "\n".join(["Last Name,Company", *rows]), type_key="contact")
    assert refusals(job) == {}
    assert set(Contact.objects.values_list("company", flat=True)) == {lumen.pk}


def test_what_a_file_names_by_a_field_of_a_kept_one_is_not_told(olga: Any, stan: Any) -> None:
    with change(by=None, source=Source.SYSTEM):
        Company.objects.create(name="Hidden", external_id="H1", owner=stan)
    job = imported(olga, "Last Name,AccountId\nSilva,H1\n", type_key="contact")
    assert refusals(job) == {2: "AccountId: “H1” isn't there, or you may not see it."}


def test_companies_made_for_people_get_the_id_that_names_them(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)

    def create(form: Any) -> dict[str, str]:
        return {f"unknown_{column(form, 'AccountId')}": "create", "system": "sf"}

    assert walked(client, "contacts", "contacts.csv", PEOPLE, create).result["made_of"] == {"company": 2}
    assert set(Company.objects.values_list("name", "external_id")) == {("1001", "sf:1001"), ("1002", "sf:1002")}
    later = {"mode": "update", "match_key": "external_id", "system": "sf"}
    assert walked(client, "companies", "accounts.csv", COMPANIES, later).result["counts"] == {"updated": 2}
    assert at() == {"Ana": "Nova", "Rui": "Lumen"}


def test_a_field_that_finds_no_such_record_is_refused_on_the_page(
    olga: Any, client_for: Callable[[Any], Client]
) -> None:
    with pytest.raises(AssertionError, match="find_by_3"):
        walked(client_for(olga), "contacts", "contacts.csv", PEOPLE, {"find_by_3": "phone"})


def test_the_command_links_too(olga: Any, tmp_path: Path) -> None:
    out = StringIO()
    for name, content in (("companies", COMPANIES), ("people", PEOPLE.replace(b"AccountId", b"Where"))):
        (tmp_path / name).write_bytes(content)
    common = {"stdout": out, "username": olga.username, "system": "sf"}
    call_command("import_records", "company", str(tmp_path / "companies"), **common)
    call_command(
        "import_records", "contact", str(tmp_path / "people"), map=["Where=positions.0.company"],
        find_by=["Where=external_id"], **common,
    )  # fmt: skip
    assert "created 3" in out.getvalue()
    assert at() == {"Ana": "Nova", "Rui": "Lumen"}
    with pytest.raises(CommandError, match="phone"):
        call_command("import_records", "contact", str(tmp_path / "people"), find_by=["Where=phone"], **common)


# --- people of one file who refer to each other --------------------------------------------------------------

KNOWN = """First name,Last name,Email,Id,Relation 1: Kind,Relation 1: Person,Relation 1: Note,Relation 2: Person
Ana,Silva,ana@lumen.example,A,Partner,Rui Costa,since 2020,
Rui,Costa,rui@lumen.example,B,Referred by,ana@lumen.example,,C
Eva,Braun,eva@nord.example,C,,,,
"""


def known() -> set[tuple[str, str, str, str]]:
    """Who knows whom: first names, kind and note."""
    rows = ContactRelation.objects.filter(contact__deleted_at=None)
    return set(rows.values_list("contact__first_name", "other__first_name", "kind", "note"))


WANTED = {
    ("Ana", "Rui", "partner", "since 2020"), ("Rui", "Ana", "referred_by", ""), ("Rui", "Eva", "colleague", ""),
}  # fmt: skip


def test_people_of_one_file_know_each_other_by_name_address_and_id(olga: Any) -> None:
    job = imported(olga, KNOWN, type_key="contact")
    assert (job.state, refusals(job)) == ("done", {})
    assert job.result == {"counts": {"created": 3}, "linked": 2}
    assert known() == WANTED
    again = imported(olga, KNOWN, type_key="contact", mode="update", match_key="external_id")
    assert again.result["counts"] == {"skipped": 3}
    assert undone(olga, job).error_details == ""
    assert not Contact.objects.filter(deleted_at=None).exists()


@pytest.mark.parametrize("blank_overwrites", [False, True])
def test_relations_that_were_there_come_back(olga: Any, blank_overwrites: bool) -> None:
    old = "First name,Last name,External ID\nAna,Silva,A\nTom,Old,T\n"
    imported(olga, old, type_key="contact")
    imported(olga, "External ID,Relation 1: Person\nA,Tom Old\n", type_key="contact", mode="update",
             match_key="external_id")  # fmt: skip
    assert known() == {("Ana", "Tom", "colleague", "")}
    told = "\n".join(
        ["First name,Last name,External ID,Relation 1: Person,Relation 2: Person", "Ana,Silva,A,Tom Old,Rui Costa",
         "Rui,Costa,B,,"]
    )  # fmt: skip
    job = imported(olga, told, type_key="contact", mode="update", match_key="external_id",
                   blank_overwrites=blank_overwrites)  # fmt: skip
    assert job.result == {"counts": {"updated": 1, "created": 1}, "linked": 1}
    assert known() == {("Ana", "Tom", "colleague", ""), ("Ana", "Rui", "colleague", "")}
    assert undone(olga, job).error_details == ""
    assert known() == {("Ana", "Tom", "colleague", "")}


def test_who_is_not_clear_or_refers_to_herself_is_saved_and_told(olga: Any) -> None:
    told = "Last name,Email,Relation 1: Person\nTwin,a@t.example,\nTwin,b@t.example,\nSol,s@t.example,Twin\n"
    told += "Narr,n@t.example,n@t.example\n"
    job = imported(olga, told, type_key="contact")
    assert job.result["counts"] == {"created": 4}
    messages = dict(job.ledger.exclude(message="").values_list("data__line", "message"))
    assert messages == {
        4: "Saved, but not linked: Relation 1: Person: Not found, or not clear.",
        5: "Saved, but not linked: A relation needs two people.",
    }
    assert known() == set()
