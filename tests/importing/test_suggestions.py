"""What is suggested for the headings that other programs write."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.registry import definition_for
from apps.records.importing.mapping import suggest

pytestmark = pytest.mark.django_db


def paths(user: Any, type_key: str, *columns: str) -> dict[str, str]:
    """The suggested field of each column that has one."""
    plans = suggest(definition_for(type_key, user), columns)
    return {plan.column: plan.path for plan in plans if plan.path}


def test_outlook_s_phones_and_addresses_each_get_a_row(admin: Any) -> None:
    columns = (
        "First Name", "Last Name", "Title", "E-mail Address", "E-mail 2 Address", "Home Phone", "Mobile Phone",
        "Business Fax", "Company", "Job Title", "Account", "Home Address", "Home Street", "Home City",
        "Business Street", "Business City", "Business Country", "Office Location",
    )  # fmt: skip
    assert paths(admin, "contact", *columns) == {
        "First Name": "first_name", "Last Name": "last_name", "Title": "salutation",
        "E-mail Address": "emails.0.address", "E-mail 2 Address": "emails.1.address",
        "Home Phone": "phones.0.number", "Mobile Phone": "phones.1.number", "Business Fax": "phones.2.number",
        "Company": "positions.0.company", "Job Title": "positions.0.title",
        "Home Street": "addresses.0.street", "Home City": "addresses.0.city",
        "Business Street": "addresses.1.street", "Business City": "addresses.1.city",
        "Business Country": "addresses.1.country",
    }  # fmt: skip
    plans = {plan.column: plan for plan in suggest(definition_for("contact", admin), columns)}
    assert plans["Mobile Phone"].given == {"kind": "mobile"}
    assert plans["Home Street"].given == {"kind": "home"}


def test_the_same_word_means_something_else_elsewhere(admin: Any) -> None:
    assert paths(admin, "contact", "Last Name", "Title", "URL", "Mobile") == {
        "Last Name": "last_name", "Title": "positions.0.title", "URL": "website", "Mobile": "phones.0.number",
    }  # fmt: skip
    assert paths(admin, "contact", "Last Name", "URL", "Connected On")["URL"] == "profiles.0.address"


def test_google_numbers_its_columns(admin: Any) -> None:
    columns = ("Given Name", "Name Suffix", "E-mail 1 - Type", "E-mail 1 - Value", "E-mail 2 - Label",
               "E-mail 2 - Value", "Phone 3 - Value", "Organization 1 - Name", "Organization 2 - Name")  # fmt: skip
    found = {plan.column: plan for plan in suggest(definition_for("contact", admin), columns)}
    assert [found[column].path for column in columns] == [
        "first_name", "", "emails.0.kind", "emails.0.address", "emails.1.kind", "emails.1.address", "phones.0.number",
        "positions.0.company", "positions.1.company",
    ]  # fmt: skip
    assert found["E-mail 1 - Type"].values["* Home"] == "private"
    assert found["E-mail 1 - Value"].separator == ":::"


def test_ids_of_another_system_find_what_they_name(admin: Any) -> None:
    plans = suggest(definition_for("contact", admin), ["Contact ID", "AccountId", "ReportsToId"])
    assert [(plan.path, plan.find_by) for plan in plans] == [
        ("external_id", ""), ("positions.0.company", "external_id"), ("reports_to", "external_id"),
    ]  # fmt: skip
    plans = suggest(definition_for("contact", admin), ["Associated Company Domain"])
    assert [(plan.path, plan.find_by) for plan in plans] == [("positions.0.company", "website")]
    assert paths(admin, "company", "Id", "ParentId", "BillingStreet", "ShippingCity", "Fax", "Phone") == {
        "Id": "external_id", "ParentId": "parent", "BillingStreet": "addresses.0.street",
        "ShippingCity": "addresses.1.city", "Fax": "phones.1.number", "Phone": "phones.0.number",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "pattern"),
    [
        (["1991-01-20", ""], ""),
        (["20/01/1991", "03/04/1991"], "%d/%m/%Y"),
        (["01/20/1991"], "%m/%d/%Y"),
        (["03/04/1991"], ""),
        (["20.01.1991"], "%d.%m.%Y"),
        (["", ""], ""),
        (["20/01/1991", "01/20/1991"], ""),
    ],
)
def test_the_first_rows_tell_how_dates_are_written(admin: Any, cells: list[str], pattern: str) -> None:
    (plan,) = suggest(definition_for("contact", admin), ["Birthday"], [[cell] for cell in cells])
    assert (plan.path, plan.date_format) == ("birth_date", pattern)


def test_our_own_headings_come_first(admin: Any) -> None:
    columns = ("Address 1: Street", "Address 2: Street", "Phone 1: Number", "Phone 1: Kind", "Phone 2: Number")
    assert paths(admin, "contact", *columns) == {
        "Address 1: Street": "addresses.0.street", "Address 2: Street": "addresses.1.street",
        "Phone 1: Number": "phones.0.number", "Phone 1: Kind": "phones.0.kind", "Phone 2: Number": "phones.1.number",
    }  # fmt: skip


def test_google_s_addresses_are_called_like_ours(admin: Any) -> None:
    columns = ("Name Suffix", "Address 1 - Label", "Address 1 - Street", "Address 2 - Street", "Address 2 - Label")
    assert paths(admin, "contact", *columns) == {
        "Address 1 - Label": "addresses.0.kind", "Address 1 - Street": "addresses.0.street",
        "Address 2 - Street": "addresses.1.street", "Address 2 - Label": "addresses.1.kind",
    }  # fmt: skip
