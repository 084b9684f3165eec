"""Tags by keyboard: made while typing on a record's page, put in order in the settings; clean in both themes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.contacts.models import Company
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_record
from apps.records.models import Tag
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def lumen(olga: User) -> Company:
    names = ["Key account", "Met at the fair", "عميل مهم", "Renewal due", "Reference", "Newsletter", "Roaster"]
    with change(by=olga, source=Source.SYSTEM) as opened:
        values, _errors = clean_values(definition_for("company", olga), {"name": "Lumen", "tags": names}, partial=True)
        made: Company = save_record(Submission(definition_for("company", olga), olga, values), change=opened)
    return made


def look(page: Any, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("NEXACONNECT_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_new_tag_is_typed_on_the_page_of_a_record(visit: Visit, olga: User, lumen: Company) -> None:
    visitor = visit(olga)
    page = visitor.go(f"/companies/{lumen.pk}/")
    page.locator("#value-tags .value-edit").focus()
    page.keyboard.press("Enter")
    chooser = page.locator("#value-tags select + .ts-wrapper")
    expect(chooser).to_be_visible()
    chooser.locator("input").focus()
    page.keyboard.type("Brand new")
    expect(page.locator(".ts-dropdown:visible .create")).to_have_text("New tag: Brand new")
    look(page, "typing")
    page.keyboard.press("Enter")
    expect(chooser.locator(".item").filter(has_text="Brand new")).to_be_visible()
    assert visitor.axe() == []
    page.locator("#value-tags form button[type=submit]").click()
    expect(page.locator("#value-tags .tag").filter(has_text="Brand new")).to_be_visible()
    assert "brand_new" in Company.objects.get(pk=lumen.pk).tags
    page.locator("#value-tags .tag").filter(has_text="Brand new").click()
    expect(page.locator(".data-table tbody tr")).to_have_count(1)


@pytest.mark.parametrize(("width", "theme", "locale"), [(1280, "light", "en-GB"), (390, "dark", "en-GB")])
def test_the_pages_of_tags_are_clean(
    visit: Visit, admin: User, olga: User, lumen: Company, width: int, theme: str, locale: str
) -> None:
    Tag.objects.filter(key__in=["key_account", "renewal_due"]).update(category="Sales")
    visitor = visit(admin, width=width, theme=theme, locale=locale)
    pages = {
        "tags": "/settings/tags/",
        "tag": "/settings/tags/tag/key_account/",
        "merge": "/settings/tags/tag/key_account/merge/",
        "delete": "/settings/tags/tag/key_account/delete/",
        "record": f"/companies/{lumen.pk}/",
        "list": "/companies/?columns=tags,owner&tags=key_account",
    }
    for name, address in pages.items():
        page = visitor.go(address)
        look(page, f"{name}-{width}-{theme}")
        assert visitor.axe() == [], name
        assert visitor.overflow() <= 0, name
