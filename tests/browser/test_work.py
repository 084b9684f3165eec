"""What people do on our pages, by keyboard where that is the promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Company
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_list_is_worked_by_keyboard(visit: Visit, olga: User, companies: list[Company]) -> None:
    page = visit(olga).go("/companies/")
    page.focus("tbody tr:nth-child(1)")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-selection-count]")).to_have_text("3 selected")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection-bar]")).to_be_hidden()
    page.keyboard.press(" ")
    expect(page.locator("#panel-body .record-name h2")).to_have_text(
        page.locator("tbody tr:nth-child(4) .row-title").inner_text()
    )
    page.keyboard.press("j")
    expect(page.locator("#panel-body .record-name h2")).to_have_text(
        page.locator("tbody tr:nth-child(5) .row-title").inner_text()
    )
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).not_to_have_class("is-open")
    assert page.evaluate("document.activeElement.matches('tbody tr:nth-child(5)')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/*-*/")


def test_the_selection_goes_on_over_pages(visit: Visit, olga: User, companies: list[Company]) -> None:
    page = visit(olga).go("/companies/")
    page.check("tbody tr:nth-child(1) input[name=ids]")
    page.click("a[rel=next]")
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("[data-selection-count]")).to_have_text("1 selected")
    page.check("[data-select-page]")
    expect(page.locator("[data-selection-count]")).to_have_text("11 selected")
    page.click("[data-select-all]")
    expect(page.locator("[data-selection-count]")).to_have_text("All 60 matching are selected")


def test_a_filter_is_built_and_found_again(visit: Visit, olga: User, companies: list[Company]) -> None:
    page = visit(olga).go("/companies/")
    page.keyboard.press("f")
    page.select_option(".filter-row select[name=field]", "city")
    page.select_option(".filter-row select[name=operator]", "is")
    page.fill(".filter-row .value input", "Lisbon")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("30 companies")
    page.reload()
    expect(page.locator(".chip")).to_contain_text("Lisbon")
    page.click("[data-filter-open]")
    expect(page.locator(".filter-row .value input")).to_have_value("Lisbon")
    page.click(".chip a")
    expect(page.locator(".count")).to_have_text("60 companies")
    page.go_back()
    expect(page.locator(".count")).to_have_text("30 companies")


def test_a_value_is_edited_in_place(visit: Visit, olga: User, companies: list[Company]) -> None:
    page = visit(olga).go(f"/companies/{companies[0].pk}/")
    page.focus("#value-city .value-edit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#value-city input[name=city]")
    page.keyboard.type("Porto")
    page.keyboard.press("Escape")
    expect(page.locator("#value-city input")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_selector("#value-city input[name=city]")
    page.keyboard.type("Porto")
    page.keyboard.press("Enter")
    expect(page.locator("#value-city .value-text")).to_have_text("Porto")
    assert Company.objects.visible_to(olga).get(pk=companies[0].pk).city == "Porto"


def test_nothing_typed_is_lost(visit: Visit, olga: User) -> None:
    page = visit(olga).go("/companies/new/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#id_name", "Half-way Ltd")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft kept")
    page.reload()
    expect(page.locator("#id_name")).to_have_value("Half-way Ltd")
    page.click(".form-foot [type=submit] >> nth=0")
    expect(page.locator("h1")).to_have_text("Half-way Ltd")
    page.goto(page.url.split("/companies/")[0] + "/companies/new/")
    expect(page.locator("#id_name")).to_have_value("")


def test_a_deleted_record_comes_back_from_its_toast(visit: Visit, mina: User, companies: list[Company]) -> None:
    page = visit(mina).go(f"/companies/{companies[0].pk}/")
    page.click(".record-name .dropdown button")
    page.click(".dropdown-menu .dropdown-item-danger")
    page.click(".nx-toast button:has-text('Undo')")
    expect(page.locator("h1")).to_have_text(companies[0].name)


def test_the_theme_stays(visit: Visit, olga: User) -> None:
    page = visit(olga).go("/")
    page.click(".avatar-button")
    with page.expect_response("**/profile/theme/"):
        page.click("[data-theme-choice=dark]")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    olga.refresh_from_db()
    assert olga.theme == "dark"


def test_lists_and_records_are_there_without_scripts(visit: Visit, olga: User, companies: list[Company]) -> None:
    signed_in = visit(olga)
    context = signed_in.page.context.browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in.page.context.cookies())
    page = context.new_page()
    page.goto(f"{signed_in.base}/companies/")
    page.fill("#list-search", "lumen")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lumen**")
    page.goto(f"{signed_in.base}/companies/{companies[0].pk}/")
    page.click("text=Edit >> nth=0")
    page.fill("#id_addresses-0-city", "Braga")
    page.click(".form-foot [type=submit]")
    expect(page.locator("#value-city")).to_contain_text("Braga")
    context.close()
