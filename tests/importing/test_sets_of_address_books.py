"""Address books of Google, Outlook, Thunderbird, Roundcube and LinkedIn, taken as the pages suggest them.

Each file's rows are all accounted for: created, updated, skipped or refused with the line; an undo takes all back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.contacts.models import Company, Contact
from tests.importing.files import refusals, undone
from tests.importing.test_round_trip import state
from tests.importing.walking import SHARED, column, walked

FOLDER = SHARED / "contacts" / "csv"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("inline_tasks"),
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared data set of address books is not here"),
]

ROWS = {
    "google_contacts_2024_header_other_contacts.csv": {"created": 5},
    "google_contacts_pre2024_header.csv": {"created": 3},
    "linkedin_connections_bom_preamble.csv": {"created": 4, "refused": 1},
    "outlook_67_columns.csv": {"created": 6},
    "roundcube_all.csv": {"refused": 1},
    "roundcube_email.csv": {"created": 4},
    "roundcube_gmail.csv": {"refused": 1},
    "roundcube_outlook.csv": {"created": 1},
    "roundcube_tb_plain.csv": {"refused": 1},
}
"""What becomes of the rows of each file. What is refused holds words in place of numbers, countries or dates."""


def read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def without(*headings: str) -> Callable[[Any], dict[str, str]]:
    """Answers that leave columns out whose headings begin so."""

    def answers(form: Any) -> dict[str, str]:
        return {
            f"map_{number}": "" for number, plan in enumerate(form.plan.columns) if plan.column.startswith(headings)
        }

    return answers


def only() -> Contact:
    return Contact.objects.get(deleted_at=None)


def reached(record: Contact) -> dict[str, list[tuple[str, str]]]:
    """What reaches a person, each with its kind."""
    return {
        "emails": list(record.emails.order_by("position").values_list("kind", "address")),
        "phones": list(record.phones.order_by("position").values_list("kind", "number")),
    }


def test_every_file_of_the_set_is_known_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_address_book_needs_no_answers_and_can_be_undone(
    olga: Any, client_for: Callable[[Any], Client], name: str
) -> None:
    client = client_for(olga)
    walked(client, "companies", "before.csv", b"Name,External ID\nFlipkart,F\n")
    before = state("contact"), state("company")
    job = walked(client, "contacts", name, read(name))
    assert job.state == "done"
    assert job.result["counts"] == ROWS[name]
    assert sum(job.result["counts"].values()) == job.total
    assert Contact.objects.count() == ROWS[name].get("created", 0)
    assert len(refusals(job)) == ROWS[name].get("refused", 0)
    if Contact.objects.exists():
        assert undone(olga, job).error_details == ""
    assert (state("contact"), state("company")) == before


def test_google_since_2024(olga: Any, client_for: Callable[[Any], Client]) -> None:
    name = "google_contacts_2024_header_other_contacts.csv"
    walked(client_for(olga), "contacts", name, read(name))
    assert list(Contact.objects.order_by("email").values_list("name", "email")) == [
        ("Alice Smith", "alice@example.com"),
        ("", "anonymous@test.com"),
        ("91springboard Boosters", "boosters@91springboard.com"),
        ("3966 SBI", "sbi.03966@sbi.co.in"),
        ("user@gmail.com", "user@gmail.com"),
    ]


def test_google_before_2024(olga: Any, client_for: Callable[[Any], Client]) -> None:
    name = "google_contacts_pre2024_header.csv"
    walked(client_for(olga), "contacts", name, read(name))
    alice = Contact.objects.get(first_name="Alice")
    assert (alice.name, alice.last_name, alice.website) == (
        "Alice Brown", "Brown", "http://www.google.com/profiles/12345",
    )  # fmt: skip
    assert reached(alice)["emails"] == [("work", "alice@google.com")]
    assert set(Contact.objects.values_list("name", flat=True)) == {"Alice Brown", "Bob Smith", "Jane"}


def test_linkedin_s_notes_above_the_headings_are_left_out_and_shown(
    olga: Any, client_for: Callable[[Any], Client]
) -> None:
    name = "linkedin_connections_bom_preamble.csv"
    client = client_for(olga)
    job = walked(client, "contacts", name, read(name))
    assert refusals(job) == {8: "Last Name: Give a name, an e-mail address or a phone number."}
    page = client.get(f"/contacts/import/{job.params['file']}/").content.decode()
    assert "The headings stand in line 4." in page
    assert "When exporting your connection data" in page
    priya = Contact.objects.get(first_name="Priya")
    assert (priya.company.name, priya.title) == ("Stripe, Inc.", "Technical Recruiter")
    profile = priya.profiles.get()
    assert (profile.network, profile.address) == ("linkedin", "https://www.linkedin.com/in/priya-sharma-1a2b3c")
    assert Company.objects.count() == job.result["made"] == 4
    assert Contact.objects.get(first_name="Neha").title == 'Senior Engineer "Platform"'


def test_outlook_s_numbers_keep_their_kind_and_spelling(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    name = "outlook_67_columns.csv"
    walked(client, "contacts", name, read(name))
    phones = {one.name: reached(one)["phones"] for one in Contact.objects.all()}
    assert phones == {
        "Arjun Patel": [("mobile", "+91 79943 00000")], "Bob": [("mobile", "+1 (408) 555-0167")],
        "Test": [("work", "+919876500000")], "Dev": [("mobile", "93413 00000")],
        "Abbas (friend)": [("mobile", "+919876500000")], "Solo": [("mobile", "+919876500000")],
    }  # fmt: skip


def test_a_file_that_comes_again_adds_nothing(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    rows = b"First Name,E-mail Address,Business Street,Home Phone,Mobile Phone,Business Fax\nAna,a@x.example,,,912,\n"
    again = {"mode": "update", "match_key": "email"}
    assert walked(client, "contacts", "outlook.csv", rows, again).result["counts"] == {"created": 1}
    assert walked(client, "contacts", "outlook.csv", rows, again).result["counts"] == {"skipped": 1}
    more = rows.replace(b",,912,", b",300,912,400")
    assert walked(client, "contacts", "outlook.csv", more, again).result["counts"] == {"updated": 1}
    assert set(reached(only())["phones"]) == {("mobile", "912"), ("home", "300"), ("fax", "400")}
    assert walked(client, "contacts", "outlook.csv", more, again).result["counts"] == {"skipped": 1}


def test_roundcube_s_own_file(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    name = "roundcube_all.csv"
    words = refusals(walked(client, "contacts", name, read(name)))[2]
    assert words.startswith("Home Country: “Home Country” is no country that we know.")
    places = ("Home Country", "Work Country", "Other Country", "Website")
    walked(client, "contacts", name, read(name), without(*places))
    one = only()
    assert (one.name, one.salutation, str(one.birth_date), one.gender) == (
        "Display Name",
        "Prefix",
        "1991-01-20",
        "female",
    )
    assert (one.company.name, one.title, one.department) == ("Company", "Job Title", "Department")
    assert reached(one)["emails"] == [
        ("private", "home@example.com"), ("work", "work@example.com"), ("other", "other@example.com"),
    ]  # fmt: skip
    assert reached(one)["phones"] == [
        ("home", "100"), ("home", "200"), ("work", "300"), ("work", "400"), ("mobile", "500"), ("work", "600"),
        ("fax", "700"), ("fax", "800"), ("other", "900"), ("other", "111"), ("other", "222"), ("other", "333"),
        ("other", "444"),
    ]  # fmt: skip
    assert list(one.addresses.order_by("position").values_list("kind", "street", "postcode", "city", "region")) == [
        ("home", "Home Street", "Home Zip", "Home City", "Home State"),
        ("office", "Work Street", "Work Zip", "Work City", "Work State"),
        ("mailing", "Other Street", "Other Zip", "Other City", "Other State"),
    ]


def test_roundcube_s_google_file(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    name = "roundcube_gmail.csv"
    words = refusals(walked(client, "contacts", name, read(name)))[2]
    assert words.startswith("Phone 1 - Value: Give a phone number.")
    walked(client, "contacts", name, read(name), without("Phone", "Address 1 - Country", "Address 2 - Country"))
    one = only()
    assert (one.salutation, str(one.birth_date), one.description) == ("Prefix", "1975-12-12", 'note"note')
    assert (one.company.name, one.title, one.website) == ("company", "jobtitle", "https://test.com")
    assert reached(one)["emails"] == [
        ("private", "home@aaa.pl"), ("work", "work@email.pl"), ("work", "unknown@email.com"),
        ("other", "other@email.com"),
    ]  # fmt: skip
    assert list(one.addresses.order_by("position").values_list("kind", "street", "city")) == [
        ("home", "home_street", "home_city"), ("office", "work_street", "work_city"),
    ]  # fmt: skip


def test_thunderbird_s_file(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    name = "roundcube_tb_plain.csv"
    assert refusals(walked(client, "contacts", name, read(name)))[2].startswith("Work Phone: Give a phone number.")
    numbers = ("Work Phone", "Home Phone", "Fax", "Pager", "Mobile")
    walked(client, "contacts", name, read(name), without(*numbers))
    one = only()
    assert (one.name, one.company.name, one.title, one.website) == (
        "Displayname", "Organization", "title", "http://page.com",
    )  # fmt: skip
    assert reached(one)["emails"] == [("work", "test@domain.tld"), ("work", "next@domain.tld")]
    assert list(one.addresses.order_by("position").values_list("kind", "street", "postcode", "country")) == [
        ("home", "Priv address", "xx-xxx", "US"), ("office", "Addr work", "33-333", "PL"),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "emails"), [("roundcube_email.csv", [1, 1, 1, 1]), ("roundcube_outlook.csv", [3])])
def test_files_of_nothing_but_addresses(
    olga: Any, client_for: Callable[[Any], Client], name: str, emails: list[int]
) -> None:
    walked(client_for(olga), "contacts", name, read(name))
    assert [one.emails.count() for one in Contact.objects.all()] == emails


def test_several_values_in_one_cell_become_rows(olga: Any, client_for: Callable[[Any], Client]) -> None:
    client = client_for(olga)
    rows = (
        b"Name,Name Suffix,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Value\n"
        b"Ana,,* Home,a@x.example ::: b@x.example,Work,c@x.example,912 ::: 913 ::: 914\n"
        b"Rui,,Home,d@x.example ::: nonsense,,,\n"
    )
    job = walked(client, "contacts", "google.csv", rows)
    assert refusals(job) == {3: "E-mail 1 - Value: Give an e-mail address such as name@example.com."}
    assert reached(only()) == {
        "emails": [("private", "a@x.example"), ("work", "c@x.example"), ("private", "b@x.example")],
        "phones": [("work", "912"), ("work", "913"), ("work", "914")],
    }
    again = walked(client, "contacts", "google.csv", rows, {"mode": "update", "match_key": "email"})
    assert again.result["counts"] == {"skipped": 1, "refused": 1}


def test_a_separator_can_be_given_for_any_file(olga: Any, client_for: Callable[[Any], Client]) -> None:
    def answers(form: Any) -> dict[str, str]:
        return {f"separator_{column(form, 'Phone')}": ";"}

    walked(client_for(olga), "contacts", "people.csv", b"Name,Phone\nAna Ruiz,912;913\n", answers)
    assert reached(only())["phones"] == [("work", "912"), ("work", "913")]
