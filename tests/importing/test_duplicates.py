"""Files whose rows are here already, by e-mail address and by phone number, however they are written."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from apps.contacts.models import Contact, ContactPhone
from apps.jobs.models import Job
from apps.users.choices import Rule
from apps.users.models import FieldRule, Role
from tests.importing.files import imported, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inline_tasks")]

BOTH = {"mode": "update", "match_key": "email", "match_also": ["phone"]}
HERE = """First name,Last name,Email,Phone,Country,Phone 2: Number
Ana,Silva,ana@lumen.example,+351 912 345 678,,
Rui,Costa,rui@lumen.example,211 234 567,PT,+351 966 111 222
Eva,Braun,eva@nord.example,,,
Leo,Lang,,(030) 901820,DE,
"""


@pytest.fixture
def people(olga: Any) -> dict[str, Any]:
    job = imported(olga, HERE, type_key="contact")
    assert refusals(job) == {}
    assert ContactPhone.objects.filter(e164="+351966111222").exists()
    return dict(Contact.objects.values_list("first_name", "pk"))


@pytest.mark.parametrize(
    ("row", "who"),
    [
        ("ANA@lumen.example,", "Ana"),
        (",00351 912-345-678", "Ana"),
        ("other@lumen.example,+351912345678", "Ana"),
        ("ana@lumen.example,+351 (912) 345 678", "Ana"),
        ("nobody@lumen.example,+351 211 234 567", "Rui"),
        (",+351 966 111 222", "Rui"),
        ("eva@nord.example,+49 30 1111111", "Eva"),
        (",+49 30 901820", "Leo"),
    ],
)
def test_a_row_means_the_person_of_its_address_or_number(
    olga: Any, people: dict[str, Any], row: str, who: str
) -> None:
    file = f"Email,Phone,Job title,Country\n{row},Buyer,{'PT' if row.startswith(',00') else ''}\n"
    job = imported(olga, file, type_key="contact", **BOTH)
    assert (job.result["counts"], refusals(job)) == ({"updated": 1}, {})
    assert list(Contact.objects.filter(title="Buyer").values_list("pk", flat=True)) == [people[who]]


def test_a_local_number_is_read_in_the_country_of_its_row(olga: Any, people: dict[str, Any]) -> None:
    file = "Phone,Country,Job title\n211 234 567,PT,Buyer\n211 234 567,DE,Clerk\n"
    job = imported(olga, file, type_key="contact", mode="update", match_key="phone")
    assert job.result["counts"] == {"updated": 1, "created": 1}
    assert Contact.objects.get(title="Buyer").pk == people["Rui"]


def test_unclear_rows_are_refused_with_the_reason(olga: Any, people: dict[str, Any]) -> None:
    imported(olga, "Last name,Email,Phone\nShared,,+351 912 345 678\n", type_key="contact")
    rows = [
        "Email,Phone,Last name",
        "rui@lumen.example,+49 30 901820,Two people",
        "new@lumen.example,+351 912 345 678,A shared number",
        "ana@lumen.example,+351 912 345 678,Told apart",
    ]
    job = imported(olga, "\n".join(rows), type_key="contact", **BOTH)
    assert refusals(job) == {
        2: "Email: E-mail and Phone belong to different records, so it isn't clear which one is meant.",
        3: "Phone: 2 records have this Phone, so it isn't clear which one is meant.",
    }
    assert Contact.objects.get(last_name="Told apart").pk == people["Ana"]


def test_rows_of_one_file_that_mean_the_same_person_go_into_one_record(olga: Any) -> None:
    rows = ["Last name,Email,Phone", "One,one@x.example,+351 911 000 001", "Two,two@x.example,+351 911 000 002",
            "One B,,00351 911 000 001", "Two B,TWO@x.example,", "One C,one@x.example,+351911000001",
            "Mixed,one@x.example,+351 911 000 002"]  # fmt: skip
    job = imported(olga, "\n".join(rows), type_key="contact", **BOTH)
    assert job.result["counts"] == {"created": 2, "updated": 3, "refused": 1}
    assert list(refusals(job)) == [7]
    assert set(Contact.objects.values_list("last_name", flat=True)) == {"One C", "Two B"}


def test_the_page_offers_a_second_key(olga: Any, people: dict[str, Any], client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    file = SimpleUploadedFile("p.csv", b"Email,Phone,Job title\nnew@x.example,+351912345678,Buyer\n")
    address = client.post("/contacts/import/", {"file": file}).url
    form = client.get(address).context["form"]
    data = {field.html_name: field.initial or "" for field in form}
    data = {key: value for key, value in data.items() if value not in (False, None)}
    data |= {"mode": "update", "match_key": "email"}
    refused = client.post(address, data | {"match_also": "external_id"})
    assert refused.context["form"].errors == {"match_also": ["No column goes into this field."]}
    answer = client.post(address, data | {"match_also": "phone"})
    assert answer.status_code == 302, answer.context["form"].errors
    checked = client.get(answer.url).context["preview"]
    assert (checked.created, checked.will_change) == (0, 1)
    client.post(answer.url, {"confirmed": "1"})
    assert Contact.objects.get(title="Buyer").pk == people["Ana"]
    assert Job.objects.latest("pk").params["plan"]["match_also"] == ["phone"]


def test_the_command_takes_several_keys(olga: Any, people: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email,Phone,Job title\nnew@x.example,+351912345678,Buyer\nrui@lumen.example,+49 30 901820,\n")
    out = StringIO()
    call_command(
        "import_records", "contact", str(path), "--as", olga.username, "--mode", "update",
        "--match", "email", "--match", "phone", stdout=out,
    )  # fmt: skip
    assert "refused 1, updated 1" in out.getvalue()
    assert "E-mail and Phone belong to different records" in out.getvalue()
    assert Contact.objects.get(title="Buyer").pk == people["Ana"]


def test_nobody_finds_by_what_she_may_not_read(
    olga: Any, people: dict[str, Any], client_for: Callable[[Any], Client]
) -> None:
    FieldRule.objects.create(
        role=Role.objects.get(key="sales_rep"), record_type="contact", field="phone", rule=Rule.MASKED
    )
    client = client_for(olga)
    address = client.post("/contacts/import/", {"file": SimpleUploadedFile("p.csv", b"Email\nana@x.example\n")}).url
    offered = dict(client.get(address).context["form"].fields["match_also"].choices)
    assert "email" in offered
    assert "phone" not in offered
