"""Files that belong together, imported by hand: companies first, then their people by the ids of the other system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Company, Contact
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("inline_tasks")]

COMPANIES = """Company ID,Company Name,Company Domain Name,Lifecycle Stage,City,Country,Company Owner
1001,Lumen Lda,lumen.example,Customer,Porto,Portugal,dana@old.example
1002,Nordwind GmbH,nordwind.example,Opportunity,Kiel,Germany,dana@old.example
"""
PEOPLE = """Exported on 3 November by Dana
Contact ID,First Name,Last Name,Email,Home Phone,Mobile Phone Number,Associated Company ID,Job Title,Birthday
C1,Ana,Silva,ana@lumen.example,,+351 912 345 678,1001,Buyer,24/02/1990
C2,Rui,Costa,rui@nordwind.example,+49 431 5550,,1002,,03/04/1985
C3,Eva,Braun,eva@gone.example,,,1003,Director,
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The two files of the other system."""
    found = {}
    for name, text in (("companies", COMPANIES), ("people", PEOPLE)):
        found[name] = tmp_path / f"{name}.csv"
        found[name].write_text(text)
    return found


@pytest.mark.parametrize(
    ("width", "theme", "locale"), [(1280, "light", "en-GB"), (390, "dark", "en-GB"), (1280, "dark", "ar")]
)
def test_companies_then_their_people_by_id(
    visit: Visit, olga: User, files: dict[str, Path], width: int, theme: str, locale: str
) -> None:
    visitor = visit(olga, width=width, theme=theme, locale=locale)
    found: list[str] = []

    def look() -> None:
        found.extend(visitor.axe())
        if visitor.overflow() > 0:
            found.append(f"{visitor.page.url} is {visitor.overflow()} px wider than the window")

    page = visitor.go("/companies/import/")
    page.set_input_files("input[type=file]", files["companies"])
    page.click("main [type=submit]")
    look()
    page.fill("[name=system]", "hubspot")
    page.click("main .form-foot [type=submit]")
    look()
    page.click("main .form-foot [name=confirmed]")
    page.wait_for_url("**/jobs/*/")
    look()
    assert set(Company.objects.values_list("name", "external_id", "status")) == {
        ("Lumen Lda", "hubspot:1001", "customer"), ("Nordwind GmbH", "hubspot:1002", "prospect"),
    }  # fmt: skip

    page = visitor.go("/contacts/import/")
    page.set_input_files("input[type=file]", files["people"])
    page.click("main [type=submit]")
    expect(page.locator("main")).to_contain_text("Exported on 3 November by Dana")
    row = page.locator("tr:has([name=map_6])")
    row.locator("summary").click()
    expect(row.locator("[name=find_by_6]")).to_have_value("external_id")
    # Only what is of use for the field is asked.
    expect(row.locator("[name=date_6]")).to_be_hidden()
    page.select_option("[name=map_6]", "birth_date")
    expect(row.locator("[name=date_6]")).to_be_visible()
    expect(row.locator("[name=find_by_6]")).to_be_hidden()
    page.select_option("[name=map_6]", "")
    expect(row.locator("summary")).to_be_hidden()
    page.select_option("[name=map_6]", "positions.0.company")
    look()
    page.fill("[name=system]", "hubspot")
    page.click("main .form-foot [type=submit]")
    # A company that nobody brought: the check says so, with the line.
    problem = page.locator("tr", has_text="1003")
    expect(problem).to_contain_text("5")
    expect(problem).to_contain_text("Associated Company ID")
    look()
    page.click("main .form-foot .btn-secondary")
    row.locator("summary").click()
    expect(page.locator("[name=system]")).to_have_value("hubspot")
    page.select_option("[name=unknown_6]", "empty")
    page.click("main .form-foot [type=submit]")
    expect(page.locator("main")).to_contain_text("Ana Silva")
    page.click("main .form-foot [name=confirmed]")
    page.wait_for_url("**/jobs/*/")
    look()
    assert set(Contact.objects.values_list("name", "company__name", "phone", "birth_date__year")) == {
        ("Ana Silva", "Lumen Lda", "+351 912 345 678", 1990), ("Rui Costa", "Nordwind GmbH", "+49 431 5550", 1985),
        ("Eva Braun", None, "", None),
    }  # fmt: skip
    assert found == []
    assert visitor.complaints == []
