"""The tree of a record in a browser: by keyboard, without scripts, on a phone and from right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Visit = Callable[..., Any]


@pytest.fixture
def middle(olga: User, stan: User) -> Company:
    """Europe below a holding, with two offices, one of them two levels deep, and a stranger's company beside."""

    def make(name: str, parent: Company | None = None, owner: User = olga) -> Company:
        made: Company = Company._base_manager.create(name=name, owner=owner, team=owner.team, parent=parent)
        return made

    with change(by=None, source=Source.SYSTEM):
        top = make("Atlântida Holding")
        europe = make("Europe", top)
        make("Mine below", make("Stranger", top, stan))
        make("Rossio", make("Lisbon", europe))
        make("Porto", europe)
    return europe


@pytest.mark.parametrize(
    ("width", "theme", "locale"), [(1280, "light", "en-GB"), (390, "dark", "en-GB"), (1280, "dark", "ar")]
)
def test_the_pages_are_clean(visit: Visit, olga: User, middle: Company, width: int, theme: str, locale: str) -> None:
    visitor = visit(olga, width=width, theme=theme, locale=locale)
    for path in (f"/companies/{middle.pk}/", f"/companies/{middle.pk}/tree/"):
        visitor.go(path)
        assert visitor.axe() == []
        assert visitor.overflow() <= 0
    assert visitor.complaints == []


@pytest.mark.parametrize(("locale", "inwards", "outwards"), [
    ("en-GB", "ArrowRight", "ArrowLeft"), ("ar", "ArrowLeft", "ArrowRight"),
])  # fmt: skip
def test_the_arrow_keys_walk_it(
    visit: Visit, olga: User, middle: Company, locale: str, inwards: str, outwards: str
) -> None:
    page = visit(olga, locale=locale).go(f"/companies/{middle.pk}/tree/")
    focused = page.locator(":focus")

    def press(key: str, row: str) -> None:
        page.keyboard.press(key)
        expect(focused).to_contain_text(row)

    expect(page.get_by_role("tree")).to_be_visible()
    expect(page.locator("[role=treeitem][tabindex='0']")).to_contain_text("Europe")
    page.locator("[role=treeitem][tabindex='0']").focus()
    press(inwards, "Lisbon")
    press(inwards, "Rossio")
    press(inwards, "Rossio")
    press(outwards, "Lisbon")
    press(outwards, "Lisbon")
    expect(focused).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_text("Rossio")).to_be_hidden()
    press("ArrowDown", "Porto")
    press("ArrowUp", "Lisbon")
    press(outwards, "Europe")
    press("Home", "Atlântida Holding")
    press("End", "Mine below")
    press("p", "Porto")
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Porto")


def test_all_opens_and_closes(visit: Visit, olga: User, middle: Company) -> None:
    page = visit(olga).go(f"/companies/{middle.pk}/tree/")
    page.click("[data-tree-all=close]")
    expect(page.get_by_text("Lisbon")).to_be_hidden()
    expect(page.get_by_role("treeitem", name="Europe")).to_be_visible()
    page.click("[data-tree-all=open]")
    expect(page.get_by_text("Rossio")).to_be_visible()
    expect(page.get_by_text("restricted", exact=True)).to_be_visible()
    assert "Stranger" not in page.content()


def test_without_scripts_it_opens_too(browser: Browser, visit: Visit, olga: User, middle: Company) -> None:
    visitor = visit(olga)
    context = browser.new_context(java_script_enabled=False, storage_state=visitor.page.context.storage_state())
    page = context.new_page()
    page.goto(f"{visitor.base}/companies/{middle.pk}/tree/")
    expect(page.get_by_role("link", name="Rossio")).to_be_visible()
    page.locator("summary").first.click()
    expect(page.get_by_role("link", name="Rossio")).to_be_hidden()
    expect(page.get_by_role("link", name="Atlântida Holding")).to_be_visible()
    context.close()
