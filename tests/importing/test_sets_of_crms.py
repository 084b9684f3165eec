"""What HubSpot and Salesforce export: companies, then their people by the ids and domains of the other file.

Rows in are rows created, updated, skipped or refused; an undo gives every business value back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.contacts.models import Company, Contact
from apps.jobs.models import Job
from tests.importing.files import refusals, undone
from tests.importing.test_round_trip import state
from tests.importing.walking import SHARED, column, suggested, walked

CRM = SHARED / "crm"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("inline_tasks"),
    pytest.mark.skipif(not CRM.is_dir(), reason="the shared data set of real files is not here"),
]
DOLLARS = {"constant_field_0": "annual_revenue_currency", "constant_value_0": "USD"}
BY_ID = {"mode": "update", "match_key": "external_id"}


def read(name: str) -> bytes:
    return (CRM / name).read_bytes()


def test_hubspot_s_companies_and_their_people(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    before = state("contact"), state("company")
    companies = read("hubspot_import_format/hubspot_companies.csv")
    first = walked(client, "companies", "hubspot_companies.csv", companies, {**DOLLARS, **BY_ID, "system": "hubspot"})
    assert (first.total, first.result["counts"]) == (200, {"created": 200})
    cruz = Company.objects.get(name="Cruz Inc")
    assert (cruz.external_id, cruz.website, cruz.industry) == (
        "hubspot:COMP-5880f9ce-fd33-495e-850e-9df673591c52", "https://flowers.net", "technology",
    )  # fmt: skip
    assert (cruz.employees, str(cruz.annual_revenue), cruz.country) == (9395, "873607.15", "KM")

    people = read("hubspot_import_format/hubspot_contacts.csv")
    second = walked(client, "contacts", "hubspot_contacts.csv", people, {**BY_ID, "system": "hubspot"})
    assert (second.total, second.result["counts"]) == (950, {"created": 950})
    assert Contact.objects.exclude(company=None).count() == 950 - 271, "271 have no domain"
    assert Company.objects.count() == 200
    laura = Contact.objects.get(email="anna72@example.net")
    assert (laura.name, laura.company.website, laura.title) == (
        "Francisco Small", "https://freeman.net", "Youth worker",
    )  # fmt: skip
    assert list(laura.phones.order_by("position").values_list("kind", "number")) == [
        ("work", "416-810-9897x752"), ("mobile", "(376)694-9481x10051"),
    ]  # fmt: skip
    assert (laura.city, laura.country) == ("Kevinborough", "GH")
    assert Counter(Contact.objects.values_list("status", flat=True))["customer"] == people.count(b",Customer,") + (
        people.count(b",Evangelist,")
    )

    again = walked(client, "contacts", "hubspot_contacts.csv", people, {**BY_ID, "system": "hubspot"})
    assert again.result["counts"] == {"skipped": 950}
    standing = state("contact")
    moved = people.replace(b"Youth worker", b"Head of youth").replace(b",freeman.net", b",flowers.net")
    third = walked(client, "contacts", "hubspot_contacts.csv", moved, {**BY_ID, "system": "hubspot"})
    assert sum(third.result["counts"].values()) == 950
    assert third.result["counts"]["updated"] == 8
    assert Contact.objects.get(email="anna72@example.net").company == cruz
    assert undone(olga, third).error_details == ""
    assert state("contact") == standing
    left = undone(olga, second).ledger.filter(action="left").count()
    assert left == Contact.objects.filter(deleted_at=None).count() == 8, "a later import and its undo were there since"
    undone(olga, second, force=True)
    undo = undone(olga, first)
    assert (undo.state, undo.error_details) == ("done", "")
    assert (state("contact"), state("company")) == before


def test_salesforce_s_accounts_and_their_people(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    seen: dict[str, str] = {}

    def answers(form: Any) -> dict[str, str]:
        seen.update(suggested(form))
        return {**DOLLARS, f"unknown_{column(form, 'INDUSTRY')}": "empty"}

    accounts = read("salesforce_dataloader/accountData.csv")
    first = walked(client, "companies", "accountData.csv", accounts, answers)
    assert seen["ID"] == "external_id"
    assert seen["PARENTID"] == "parent"
    assert seen["BILLINGSTREET"] == "addresses.0.street"
    assert seen["SHIPPINGCITY"] == "addresses.1.city"
    assert seen["OWNERID"] == "owner", "who isn't here owns nothing; whoever imports does"
    assert (first.total, first.result["counts"]) == (423, {"created": 423})
    gravity = Company.objects.get(external_id="001x0000002xLCVAA2")
    assert (gravity.name, gravity.city, gravity.country) == ("Gravity Investments", "FORT COLLINS", "US")
    # The set has no file of people; theirs look like this, with the ids of the accounts in it.
    ids = list(Company.objects.order_by("external_id").values_list("external_id", flat=True))
    lines = ["Id,LastName,FirstName,AccountId,ReportsToId,Email,MobilePhone,MailingCity,MailingCountry"]
    lines += [
        f"003{number:04},Last{number},First,{pk},{'0030000' if number else ''},p{number}@x.example,55{number},Porto,PT"
        for number, pk in enumerate(ids)
    ]
    lines += ["0039999,Nobody,No,001x0000009999,,n@x.example,1,,"]
    second = walked(client, "contacts", "contacts.csv", "\n".join(lines).encode())
    assert (second.total, second.result) == (
        424, {"counts": {"created": 423, "refused": 1}, "linked": 422, "error_file": second.result["error_file"]},
    )  # fmt: skip
    assert refusals(second) == {425: "AccountId: “001x0000009999” isn't there, or you may not see it."}
    assert Contact.objects.filter(company__external_id=ids[7]).get().name == "First Last7"
    assert Contact.objects.filter(reports_to__external_id="0030000").count() == 422
    for job in (second, first):
        assert undone(olga, job).error_details == ""
    assert (state("contact"), state("company")) == ({}, {})


def test_salesforce_s_upsert_by_an_id_of_another_system(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)

    def by_oracle(form: Any) -> dict[str, str]:
        return {**DOLLARS, **BY_ID, f"map_{column(form, 'ORACLE_ID__C')}": "external_id"}

    def run(name: str) -> Job:
        return walked(client, "companies", name, read(f"salesforce_dataloader/{name}"), by_oracle)

    inserted = run("insertAccountCsv.csv")
    assert (inserted.total, inserted.result["counts"]) == (100, {"created": 100})
    standing = state("company")
    upserted = run("upsertAccountSmallTemplate.csv")
    assert sum(upserted.result["counts"].values()) == upserted.total == 10
    assert upserted.result["counts"] == {"created": 10}, "its ids have a digit more"
    assert Company.objects.filter(external_id="1-000000").exists(), "spaces of any width around an id are none of it"
    assert run("upsertAccountSmallTemplate.csv").result["counts"] == {"skipped": 10}
    assert undone(olga, upserted).error_details == ""
    assert state("company") == standing


@pytest.mark.parametrize(
    ("name", "counts"),
    [("acctsWithBinaryDataInRTF.csv", {"created": 1}), ("upsertAccountSmallTemplate.csv", {"created": 10})],
)
def test_small_files_of_salesforce(
    olga: Any, client_for: Callable[[Any], Client], name: str, counts: dict[str, int]
) -> None:
    job = walked(client_for(olga), "companies", name, read(f"salesforce_dataloader/{name}"), DOLLARS)
    assert job.result["counts"] == counts


def test_files_that_only_name_people_by_their_addresses(olga: Any, client_for: Callable[[Any], Client]) -> None:
    """Tasks and attachments: the column that names people can be taken for a list of them."""
    client = client_for(olga)

    def addresses(heading: str) -> Callable[[Any], dict[str, str]]:
        return lambda form: {"map_0": "", f"map_{column(form, heading)}": "emails.0.address"}

    task = "insertTaskWithContactAsWhoCsv.csv"
    with pytest.raises(AssertionError, match="Match at least one column with a field"):
        walked(client, "contacts", task, read(f"salesforce_dataloader/{task}"))
    first = walked(client, "contacts", task, read(f"salesforce_dataloader/{task}"), addresses("Who:Contact-email"))
    assert first.result["counts"] == {"created": 1}
    assert Contact.objects.get().email == "contactFor@polymorphicmappingoftask.com"
    name = "polymorphicRelationshipInAttachment.csv"
    second = walked(client, "contacts", name, read(f"salesforce_dataloader/{name}"), addresses("Parent:Contact-Email"))
    assert second.result["counts"] == {"created": 1, "refused": 1}
    assert refusals(second) == {2: "Give a name, an e-mail address or a phone number."}


def test_people_of_a_sample_crm(olga: Any, client_for: Callable[[Any], Client]) -> None:
    job = walked(client_for(olga), "contacts", "Contacts.csv", read("sample_sales_crm/Contacts.csv"))
    assert job.result["counts"] == {"created": job.total}
    brooke = Contact.objects.get(external_id="C001")
    assert (brooke.name, brooke.email, brooke.city, brooke.country) == (
        "Brooke Brown", "brian87@example.com", "North Jeffery", "US",
    )  # fmt: skip
