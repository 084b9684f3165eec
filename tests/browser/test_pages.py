"""Our pages in a browser: nothing for axe to find, nothing in the console, no page wider than its window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.contacts.models import Company
from apps.users.models import User

Visit = Callable[..., Any]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize(
    ("width", "theme", "locale"),
    [(1280, "light", "en-GB"), (390, "dark", "en-GB"), (1280, "dark", "ar"), (390, "light", "es")],
)
def test_pages_are_clean(
    visit: Visit, olga: User, companies: list[Company], width: int, theme: str, locale: str
) -> None:
    visitor = visit(olga, width=width, theme=theme, locale=locale)
    record = f"/companies/{companies[1].pk}/"
    found: list[str] = []
    for path in (
        "/",
        "/companies/",
        "/companies/?q=nobody-has-this-name",
        record,
        f"{record}edit/",
        f"{record}history/",
        f"{record}timeline/",
        "/companies/new/",
        "/companies/bin/",
        "/companies/export/",
        "/jobs/",
        "/settings/",
        "/profile/",
        "/notifications/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/nowhere/",
    ):
        visitor.go(path)
        found += visitor.axe()
        if visitor.overflow() > 0:
            found.append(f"{path} is {visitor.overflow()} px wider than the window")
    assert found == []
    assert visitor.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_entrance_is_clean(visit: Visit, width: int, theme: str) -> None:
    visitor = visit(None, width=width, theme=theme)
    for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/"):
        visitor.go(path)
        assert visitor.axe() == []
        assert visitor.page.get_attribute("html", "data-bs-theme") == theme
    assert visitor.complaints == []


def test_what_opens_is_clean_too(visit: Visit, olga: User, companies: list[Company]) -> None:
    visitor = visit(olga)
    page = visitor.go("/companies/")
    page.click("tbody tr:nth-child(2) td:nth-child(3)")
    page.wait_for_selector("#panel-body .record-name h2")
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    page.click("[data-filter-open]")
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert visitor.axe() == []
    assert visitor.complaints == []


def test_a_form_with_errors_is_clean(visit: Visit, olga: User) -> None:
    visitor = visit(olga, theme="dark")
    page = visitor.go("/companies/new/")
    page.click(".form-foot [type=submit]")
    page.wait_for_selector("[data-error-summary]")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    assert visitor.axe() == []
    page.click("[data-error-summary] a")
    assert page.evaluate("document.activeElement.id") == "id_name"
