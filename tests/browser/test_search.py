"""The search field of the top bar by keyboard, as the combobox pattern of the ARIA guide has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import registry
from apps.core.search import refresh_search
from apps.users.models import User

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def found(companies: list[Company]) -> list[Company]:
    with change(by=None, source=Source.SYSTEM), transaction.atomic():
        refresh_search(registry.get("company"), [company.pk for company in companies])
    return companies


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_search_by_keyboard(
    width: int, theme: Any, found: list[Company], olga: User, visit: Callable[..., Any]
) -> None:
    visitor = visit(olga, width=width, theme=theme)
    page = visitor.go("/")
    field, offers = page.locator("#search"), page.locator("#search-results")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("lum")
    options = page.get_by_role("option")
    expect(options).to_have_count(6)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#live")).to_have_text("Found: 5. Arrow keys choose.")
    assert visitor.overflow() <= 0
    assert visitor.axe() == []

    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id") or "")
    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".offer[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#offer-all")).to_have_attribute("aria-selected", "true")
    assert visitor.axe() == []

    page.keyboard.press("Escape")
    expect(offers).to_be_hidden()
    expect(field).to_have_value("lum")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(offers).to_be_visible()
    page.keyboard.press("ArrowDown")
    wanted = options.nth(0).get_attribute("href") or ""
    page.keyboard.press("Enter")
    expect(page).to_have_url(visitor.base + wanted)
    assert visitor.complaints == []


def test_enter_opens_the_page_of_results(found: list[Company], olga: User, visit: Callable[..., Any]) -> None:
    visitor = visit(olga)
    page = visitor.go("/companies/")
    page.keyboard.press("/")
    page.keyboard.type("æroskobing 01")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Results for “æroskobing 01”")
    expect(page.locator(".found-hit")).to_have_count(1)
    expect(page.locator(".found-hit mark").first).to_have_text("Ærøskøbing")
    assert visitor.axe() == []
    page.locator("#search").fill("qqqq")
    expect(page.locator(".offers-none")).to_have_text("Nothing found for “qqqq”")
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    for address in ("/search/", "/search/?q=qqqq"):
        visitor.go(address)
        assert visitor.axe() == []
    assert visitor.complaints == []
