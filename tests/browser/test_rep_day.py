"""Whole walks through the product: a rep's morning, a file of companies, a manager who hands records on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Company
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("inline_tasks")]

ACCOUNTS = (
    "account,sector,revenue,office_location\n"
    "Acme Corporation,technolgy,1100.04,United States\n"
    "Betatech,retail,647.18,Kenya\n"
)


def test_a_rep_changes_what_is_hers_from_list_to_page(visit: Visit, olga: User, companies: list[Company]) -> None:
    """Filter by what she chooses from long lists, edit in the list by keyboard, write a note."""
    visitor = visit(olga)
    page = visitor.go("/companies/")
    page.click("[data-filter-open]")
    page.select_option(".filter-row select[name=field]", "owner")
    page.click("[data-filter-add]")
    page.select_option(".filter-row:nth-child(2) select[name=field]", "city")
    page.fill(".filter-row:nth-child(2) .value input", "Lisbon")
    page.click(".filter-builder [type=submit]")
    expect(page.locator(".chip")).to_have_text(["Owner is me", "City is Lisbon"])
    expect(page.locator(".count")).to_have_text("30 companies")

    page.click("text=Columns")
    page.check("#column-city")
    page.click("text=Show these columns")
    expect(page.locator("thead th:has-text('City')")).to_be_visible()

    page.focus("tbody tr:nth-child(1)")
    page.keyboard.press("F2")
    page.select_option("td[data-edit=status] select", "customer")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr:nth-child(1) td[data-edit=status]")).to_have_text("Customer")

    page.keyboard.press("F2")
    expect(page.locator("td[data-edit=status] form")).to_be_visible()
    page.keyboard.press("F2")
    chooser = page.locator("td[data-edit=industry] .ts-wrapper")
    expect(chooser.locator("[role=combobox]")).to_be_focused()
    page.keyboard.type("reta")
    page.keyboard.press("Enter")
    expect(chooser.locator(".item")).to_have_text("Retail")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr:nth-child(1) td[data-edit=industry]")).to_have_text("Retail")

    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/*-*/")
    expect(page.locator("#timeline")).to_contain_text("Retail")
    page.keyboard.press("n")
    page.keyboard.type("Wants eight machines.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Wants eight machines.")
    assert visitor.axe() == []
    assert visitor.complaints == []


def test_two_who_change_the_same_record_see_both_versions(
    visit: Visit, olga: User, mina: User, companies: list[Company]
) -> None:
    address = f"/companies/{companies[0].pk}/edit/"
    page, other = visit(olga).go(address), visit(mina).go(address)
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#id_legal_name", "Bergen")
    other.fill("#id_legal_name", "Stavanger")
    other.click(".form-foot [type=submit]")
    expect(other.locator("#value-legal_name")).to_contain_text("Stavanger")
    page.click(".form-foot [type=submit]")
    expect(page.locator("[data-error-summary] tbody tr")).to_have_text(
        ["Legal name Stavanger Bergen"], use_inner_text=True
    )
    expect(page.locator("#id_legal_name")).to_have_value("Bergen")
    page.click(".form-foot [type=submit]")
    expect(page.locator("#value-legal_name")).to_contain_text("Bergen")


def test_a_rep_shares_with_somebody_of_another_team(
    visit: Visit, olga: User, stan: User, companies: list[Company]
) -> None:
    visitor = visit(olga)
    page = visitor.go(f"/companies/{companies[0].pk}/")
    page.click(".record-name .dropdown button")
    page.click(".dropdown-item:has-text('Share')")
    page.select_option("#shares select[name=principal]", label=str(stan))
    page.click("#shares [type=submit]:has-text('Share')")
    expect(page.locator("#shares li")).to_contain_text("Stan Stone")
    assert visitor.axe() == []
    theirs = visit(stan).go("/companies/")
    expect(theirs.locator("tbody tr")).to_have_count(1)
    assert theirs.locator("td[data-edit]").count() == 0, "what she may only see offers no pencil"


def test_many_are_changed_and_changed_back(visit: Visit, olga: User, companies: list[Company]) -> None:
    visitor = visit(olga)
    page = visitor.go("/companies/?city=Lisbon")
    page.check("[data-select-page]")
    page.click("[data-selection-bar] button:has-text('Edit')")
    expect(page.locator("#id_city")).to_be_hidden()
    page.check("[name=change_city]")
    page.fill("#id_city", "Tromsø")
    assert visitor.axe() == []
    page.click(".form-foot [type=submit]")
    expect(page.locator("#preview-title")).to_be_visible()
    assert visitor.axe() == []
    page.click("[name=confirmed]")
    page.wait_for_url("**/jobs/*/")
    assert Company.objects.visible_to(olga).filter(city="Tromsø").count() == 30
    page.click("#job-undo")
    expect(page.locator("h1")).to_contain_text("Undo")
    assert visitor.axe() == []
    assert not Company.objects.visible_to(olga).filter(city="Tromsø").exists()
    assert visitor.complaints == []


def test_a_file_is_matched_checked_imported_and_taken_back(visit: Visit, olga: User, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(ACCOUNTS)
    visitor = visit(olga)
    page = visitor.go("/companies/import/")
    page.set_input_files("input[type=file]", file)
    page.click("main [type=submit]")
    expect(page.locator("h1")).to_have_text("Match the columns")
    page.click("summary >> nth=1")
    page.fill("[name=values_1]", "technolgy = technology")
    page.click("summary >> nth=2")
    page.fill("[name=factor_2]", "1000000")
    assert visitor.axe() == []
    page.click("main .form-foot [type=submit]")
    expect(page.locator("main")).to_contain_text("Say in which currency the revenue is.")
    page.click("text=Back to the columns")
    page.locator("[name=constant_field_0] + .ts-wrapper").click()
    page.keyboard.type("currency")
    page.keyboard.press("Enter")
    page.fill("[name=constant_value_0]", "USD")
    page.click("main .form-foot [type=submit]")
    expect(page.locator("main")).to_contain_text("Acme Corporation")
    assert visitor.axe() == []
    page.click("main .form-foot [type=submit]")
    page.wait_for_url("**/jobs/*/")
    acme = Company.objects.visible_to(olga).get(name="Acme Corporation")
    assert (acme.industry, acme.annual_revenue, acme.annual_revenue_currency) == ("technology", 1_100_040_000, "USD")
    page.click("#job-undo")
    expect(page.locator("h1")).to_contain_text("Undo")
    assert not Company.objects.visible_to(olga).exists()
    assert visitor.complaints == []


def test_a_manager_gives_a_record_out_of_her_sight(
    visit: Visit, mina: User, stan: User, companies: list[Company]
) -> None:
    visitor = visit(mina)
    page = visitor.go(f"/companies/{companies[0].pk}/")
    page.click("#value-owner .value-edit")
    page.select_option("#value-owner select", label=str(stan))
    page.click("#value-owner .inline-edit [type=submit]")
    expect(page.locator("#value-owner")).to_contain_text("After this you will not see the record any more.")
    assert visitor.axe() == []
    page.check("#value-owner [name=hand_over]")
    page.click("#value-owner .inline-edit [type=submit]")
    page.wait_for_url("**/companies/")
    assert Company.objects.visible_to(stan).filter(pk=companies[0].pk).exists()
    assert not Company.objects.visible_to(mina).filter(pk=companies[0].pk).exists()


def test_a_manager_hands_over_everything_of_a_leaver(
    visit: Visit, mina: User, olga: User, tariq: User, companies: list[Company]
) -> None:
    visitor = visit(mina)
    page = visitor.go("/settings/people/")
    page.click(f"main a:has-text('{olga}')")
    page.click("a:has-text('Hand records over')")
    assert visitor.axe() == []
    page.select_option("select[name=to]", label=str(tariq))
    page.click("main .form-foot [type=submit]")
    page.wait_for_url("**/jobs/*/")
    assert Company.objects.visible_to(tariq).filter(owner=tariq).count() == len(companies)
    assert visitor.complaints == []


def test_a_customer_is_asked_for_nothing_that_is_for_staff(visit: Visit, carla: User) -> None:
    visitor = visit(carla)
    refused: list[str] = []
    visitor.page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    visitor.go("/profile/")
    assert refused == []
    assert visitor.page.locator(".nx-toast").count() == 0
    assert visitor.axe() == []


def test_a_thumb_selects_cards_on_a_phone(visit: Visit, olga: User, companies: list[Company]) -> None:
    visitor = visit(olga, width=390, theme="dark")
    page = visitor.go("/companies/")
    page.check("tbody tr:nth-child(1) input[name=ids]")
    expect(page.locator("[data-selection-count]")).to_have_text("1 selected")
    page.click("[data-selection-bar] button:has-text('Edit')")
    page.check("[name=change_city]")
    expect(page.locator("#id_city")).to_be_visible()
    assert visitor.axe() == []
    assert visitor.overflow() <= 0
