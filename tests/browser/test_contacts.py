"""People in a browser: their list, page and form, and the addresses that follow their country."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, save_record
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def ana(olga: User) -> Contact:
    """A person with two positions, two addresses and all that reaches her."""
    with change(by=olga, source=Source.SYSTEM) as opened:
        values = {"name": "Lumen", "annual_revenue": Decimal(5), "annual_revenue_currency": "EUR"}
        lumen = save_record(Submission(definition_for("company", olga), olga, values), change=opened)
        saved = save_record(
            Submission(
                definition_for("contact", olga), olga,
                {"first_name": "Ana", "last_name": "Ruiz", "name": "Ana Ruiz", "status": "customer",
                 "languages": ["en", "pt"]},
                parts={
                    "positions": [PartRow({"company": lumen.pk, "title": "Buyer"}), PartRow({"title": "Clerk"})],
                    "emails": [PartRow({"kind": "work", "address": "ana@lumen.example"})],
                    "phones": [PartRow({"kind": "work", "number": "+351 912 345 678"})],
                    "addresses": [PartRow({"kind": "office", "street": "Rua Augusta 12", "postcode": "1100-053",
                                           "city": "Lisboa", "country": "PT"})],
                },
            ),
            change=opened,
        )  # fmt: skip
        assert isinstance(saved, Contact)
        return saved


@pytest.mark.parametrize(("width", "theme", "locale"), [(1280, "dark", "ar"), (390, "light", "en-GB")])
def test_pages_of_people_are_clean(
    visit: Visit, olga: User, ana: Contact, width: int, theme: str, locale: str
) -> None:
    visitor = visit(olga, width=width, theme=theme, locale=locale)
    found: list[str] = []
    for path in ("/contacts/", f"/contacts/{ana.pk}/", f"/contacts/{ana.pk}/edit/", "/contacts/new/"):
        visitor.go(path)
        found += visitor.axe()
        if visitor.overflow() > 0:
            found.append(f"{path} is {visitor.overflow()} px wider than the window")
    assert found == []
    assert visitor.complaints == []


def test_the_form_follows_the_country(visit: Visit, olga: User, ana: Contact) -> None:
    visitor = visit(olga)
    page = visitor.go(f"/contacts/{ana.pk}/edit/")
    # The rows that nobody asked for stay out of the way.
    expect(page.locator("[data-formset=profiles] .part-row")).to_be_hidden()
    page.click("[data-formset=addresses] [data-formset-add]")
    row = page.locator("[data-formset=addresses] .part-row").nth(1)
    expect(row).to_be_visible()
    page.locator("[name='addresses-1-country'] + .ts-wrapper input").focus()
    page.keyboard.type("states of am")
    expect(page.locator(".ts-dropdown:visible .option.active")).to_have_text("United States of America")
    page.keyboard.press("Enter")
    expect(row.locator(".field-label")).to_contain_text(["Kind", "Country", "Street", "City", "State", "ZIP code"])
    page.fill("#id_addresses-1-postcode", "ABC")
    page.keyboard.press("Tab")
    expect(row.locator(".field-hint")).to_contain_text("95014")
    assert visitor.axe() == []
    page.fill("#id_addresses-1-city", "New York")
    page.click(".form-foot .btn-primary")
    page.wait_for_url(f"**/contacts/{ana.pk}/")
    expect(page.locator(".part-lines").nth(1)).to_contain_text("New York ABC")
    expect(page.locator(".facts")).to_contain_text("Buyer at Lumen")
    expect(page.locator("a[href='mailto:ana@lumen.example']").first).to_be_visible()
    expect(page.locator("a[href='tel:+351912345678']").first).to_be_visible()
    assert visitor.complaints == []


def test_a_list_is_filtered_beside_the_search_and_added_up(visit: Visit, olga: User, ana: Contact) -> None:
    visitor = visit(olga)
    page = visitor.go("/contacts/")
    page.select_option("[data-quick-filter=status]", "partner")
    expect(page.locator("#list h2")).to_have_text("Nothing matches")
    page.select_option("[data-quick-filter=status]", "customer")
    expect(page.locator(".chip")).to_contain_text("Status is Customer")
    page.click("[data-quick-open=company]")
    page.keyboard.type("lum")
    page.click(".ts-dropdown .option:has-text('Lumen')")
    assert visitor.axe() == []
    page.click("#filter-builder [type=submit]")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("[data-quick-filter=status]")).to_have_value("customer")
    page = visitor.go("/companies/?columns=annual_revenue")
    expect(page.locator("tfoot")).to_have_count(0)
    page.click("[data-totals-toggle]")
    expect(page.locator("tfoot .align-end")).to_contain_text("€5")
    assert visitor.axe() == []
    page.reload()
    expect(page.locator("tfoot")).to_be_visible()
    assert visitor.complaints == []


def test_a_phone_has_the_filters_and_the_look_of_a_list_too(visit: Visit, olga: User, ana: Contact) -> None:
    visitor = visit(olga, width=390)
    page = visitor.go("/contacts/")
    expect(page.locator("[data-quick-filter=status]")).to_be_hidden()
    page.tap("[data-view-open]")
    small = page.evaluate(
        "[...document.querySelectorAll('#list-view :is(button, select)')].filter((one) => one.checkVisibility()"
        " && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
    )
    assert small == []
    assert visitor.axe() == []
    page.select_option("[data-quick-filter=status]", "partner")
    expect(page.locator("#list h2")).to_have_text("Nothing matches")
    page.select_option("[data-quick-filter=status]", "customer")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.select_option("[data-sort-choice]", "-city")
    page.wait_for_url("**sort=-city**")
    expect(page.locator("[data-sort-choice]")).to_have_value("-city")
    page.tap("#list-view .dropdown button")
    page.tap("label[for=column-birth_date]")
    assert visitor.overflow() <= 0
    page.tap("[data-column-form] [type=submit]")
    page.wait_for_url("**birth_date**")
    page.tap("[data-density-toggle]")
    expect(page.locator("[data-density-toggle]")).to_have_attribute("aria-pressed", "true")
    assert visitor.axe() == []
    assert visitor.overflow() <= 0
    page.tap("[data-view-open]")
    expect(page.locator("[data-density-toggle]")).to_be_hidden()
    page.tap("tbody .row-title a")
    page.tap("#value-title .value-edit")
    page.fill("#value-title input:not([type=hidden])", "Head of buying")
    page.tap("#value-title .inline-edit [type=submit]")
    expect(page.locator("#value-title .value-text")).to_have_text("Head of buying")
    assert visitor.complaints == []


def test_undo_is_the_next_stop_of_the_keyboard(visit: Visit, olga: User, ana: Contact) -> None:
    """It takes no focus by itself, and whoever passes it goes on from where she was."""
    visitor = visit(olga)
    page = visitor.go(f"/contacts/{ana.pk}/")

    def change(text: str) -> None:
        page.focus("#value-title .value-edit")
        page.keyboard.press("Enter")
        page.fill("#value-title input:not([type=hidden])", text)
        page.keyboard.press("Enter")
        expect(page.locator("#value-title .value-text")).to_have_text(text)
        expect(page.locator("#value-title .value-edit")).to_be_focused()

    undo = page.locator(".nx-toast [data-undo] button").last
    change("Head of buying")
    page.keyboard.press("Tab")
    expect(undo).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#value-title .value-edit")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#value-department .value-edit")).to_be_focused()
    change("Director")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".nx-toast .toast-close").last).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#value-department .value-edit")).to_be_focused()
    change("Owner")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#value-title .value-text")).to_have_text("Director")
    assert visitor.complaints == []


def test_no_line_of_facts_begins_with_a_sign(visit: Visit, olga: User, ana: Contact) -> None:
    page = visit(olga, width=390).go(f"/contacts/{ana.pk}/")
    signs = page.evaluate(
        "[...document.querySelectorAll('.facts li')].map((one) => ['::before', '::after']"
        ".map((where) => getComputedStyle(one, where).content))"
    )
    assert len(signs) > 2
    assert {before for before, _after in signs} == {"none"}
    assert [after for _before, after in signs] == ['"·"'] * (len(signs) - 1) + ["none"]
