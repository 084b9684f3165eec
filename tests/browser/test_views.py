"""Views of a list with nothing but the keyboard, and as they look on a phone, in the dark, from right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Company
from apps.records.models import SavedView
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_view_is_made_changed_and_saved_by_keyboard(visit: Visit, olga: User, companies: list[Company]) -> None:
    visitor = visit(olga)
    page = visitor.go("/companies/?city=Lisbon")
    page.focus("#view-save-as")
    page.keyboard.press("Enter")
    page.wait_for_url("**/views/new/**")
    page.focus("[name=name]")
    page.keyboard.type("In Lisbon")
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/?view=*")
    expect(page.locator(".view-tab[aria-current]").first).to_have_text("In Lisbon")
    expect(page.locator(".view-state")).to_have_count(0)

    # A change is marked at once, and the focus stays where it is.
    page.focus("#list thead th.row-title a")
    page.keyboard.press("Enter")
    expect(page.locator("#view-save")).to_be_visible()
    expect(page.locator(".view-state")).to_have_text("Unsaved changes")
    assert page.evaluate("document.activeElement.closest('th') !== null")
    page.focus("[data-density-toggle]")
    page.keyboard.press("Enter")
    page.wait_for_url("**density=compact**")
    page.reload()
    expect(page.locator("#view-save")).to_be_visible()
    visitor.go("/")
    page = visitor.go("/companies/")
    expect(page.locator("html")).to_have_attribute("data-density", "compact")
    expect(page.locator("#view-save")).to_be_visible()
    page.focus("#view-save")
    page.keyboard.press("Enter")
    expect(page.locator(".view-state")).to_have_count(0)
    view = SavedView.objects.get()
    assert (view.sort, view.density, view.version) == ("-name", "compact", 2)

    # The filter knows the condition of the view, and taking it away is a change too.
    page.keyboard.press("f")
    expect(page.locator(".filter-row [name=field]")).to_have_value("city")
    page.keyboard.press("Escape")
    page.locator(".chip a").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("60 companies")
    expect(page.locator(".view-state")).to_be_visible()
    page.focus("#view-reset")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("30 companies")

    # Into the menu, along it, out of it, and on to the settings.
    page.keyboard.press("v")
    expect(page.locator(".view-menu-list a:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#views-more")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".view-menu-list a:focus")).to_have_text("Settings of this view")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/views/{view.pk}/")
    assert visitor.axe() == []
    assert visitor.complaints == []


@pytest.mark.parametrize(
    ("width", "theme", "locale"), [(1280, "dark", "en-GB"), (390, "light", "ar"), (390, "dark", "en-GB")]
)
def test_views_fit_and_are_clean(
    visit: Visit, olga: User, companies: list[Company], width: int, theme: str, locale: str
) -> None:
    names = ("A", "In Lisbon, and with a rather long name at that", "شركة النور", "D", "E")
    views = [SavedView.objects.create(type_key="company", name=name, owner=olga) for name in names]
    visitor = visit(olga, width=width, theme=theme, locale=locale)
    page = visitor.go(f"/companies/?view={views[1].pk}&city=Lisbon&totals=on")
    assert visitor.overflow() <= 0
    assert visitor.axe() == []
    page.click("#views-more")
    expect(page.locator(".view-menu-list")).to_be_visible()
    box = page.locator(".view-menu-list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert visitor.axe() == []
    visitor.go("/companies/views/")
    assert (visitor.overflow() <= 0, visitor.axe()) == (True, [])
