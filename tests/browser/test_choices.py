"""Long choices by keyboard alone: chosen, taken away, kept in a draft, and sent."""

from __future__ import annotations

from collections.abc import Callable
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
    with change(by=olga, source=Source.SYSTEM) as opened:
        values = {"name": "Ana", "language": "pt", "languages": ["en", "pt"]}
        parts = {"addresses": [PartRow({"kind": "office", "city": "Lisboa", "country": "PT"})]}
        made = save_record(Submission(definition_for("contact", olga), olga, values, parts=parts), change=opened)
    assert isinstance(made, Contact)
    return made


def chooser(page: Any, name: str) -> Any:
    """The search that stands for a field; its control is there once the chooser is."""
    wrapper = page.locator(f"select[name='{name}'] + .ts-wrapper")
    expect(wrapper).to_be_visible()
    return wrapper


def choose(page: Any, name: str, words: str, label: str) -> None:
    """Type and take what is offered first."""
    wrapper = chooser(page, name)
    wrapper.locator("input").focus()
    page.keyboard.type(words)
    expect(page.locator(".ts-dropdown:visible .option.active")).to_have_text(label)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_long_choices_are_made_by_keyboard(visit: Visit, olga: User, ana: Contact, width: int) -> None:
    visitor = visit(olga, width=width)
    page = visitor.go(f"/contacts/{ana.pk}/edit/")
    languages = chooser(page, "languages")
    expect(languages.locator(".item")).to_have_text(["English×", "Portuguese×"])
    expect(chooser(page, "language").locator(".item")).to_have_text("Portuguese")
    expect(chooser(page, "addresses-0-country").locator(".item")).to_have_text("Portugal")
    choose(page, "languages", "span", "Spanish")
    languages.locator("input").focus()
    page.keyboard.press("Backspace")
    expect(languages.locator(".item")).to_have_text(["English×", "Portuguese×"])
    choose(page, "languages", "arab", "Arabic")
    page.keyboard.press("Escape")
    choose(page, "language", "span", "Spanish")
    choose(page, "time_zone", "new york", "America/New York")
    page.click("[data-formset=addresses] [data-formset-add]")
    choose(page, "addresses-1-country", "spai", "Spain")
    page.fill("#id_addresses-1-city", "Madrid")
    assert visitor.axe() == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/contacts/{ana.pk}/")
    after = Contact.objects.get_queryset().get(pk=ana.pk)
    assert (after.languages, after.language, after.time_zone) == (["ar", "en", "pt"], "es", "America/New_York")
    assert [row.country for row in after.addresses.order_by("position")] == ["PT", "ES"]
    assert visitor.complaints == []


def test_a_form_that_nobody_touched_is_left_without_a_question(visit: Visit, olga: User, ana: Contact) -> None:
    page = visit(olga).go(f"/contacts/{ana.pk}/edit/")
    chooser(page, "languages")
    page.click(".form-foot [data-leave]")
    page.wait_for_url(f"**/contacts/{ana.pk}/")


def test_a_draft_of_this_browser_knows_the_names(visit: Visit, olga: User, ana: Contact) -> None:
    page = visit(olga).go("/contacts/new/")
    page.route("**/draft/", lambda route: route.abort())  # the server is away: only the browser keeps it
    choose(page, "language", "span", "Spanish")
    choose(page, "languages", "arab", "Arabic")
    page.click("[data-formset=addresses] [data-formset-add]")
    choose(page, "addresses-1-country", "spai", "Spain")
    expect(page.locator("[data-draft-state]")).to_contain_text("this device")
    page.wait_for_function("localStorage.getItem(Object.keys(localStorage).find((key) => /contact:new/.test(key)))"
                           ".includes('ES')")  # fmt: skip
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url)
    expect(chooser(page, "language").locator(".item")).to_have_text("Spanish")
    expect(chooser(page, "languages").locator(".item")).to_have_text("Arabic×")
    expect(chooser(page, "addresses-1-country").locator(".item")).to_have_text("Spain")


def test_a_value_is_chosen_in_its_place(visit: Visit, olga: User, ana: Contact) -> None:
    visitor = visit(olga)
    page = visitor.go(f"/contacts/{ana.pk}/")
    page.focus("#value-time_zone .value-edit")
    page.keyboard.press("Enter")
    choose(page, "time_zone", "lisb", "Europe/Lisbon")
    page.keyboard.press("Enter")
    expect(page.locator("#value-time_zone .value-text")).to_have_text("Europe/Lisbon")
    assert Contact.objects.get_queryset().get(pk=ana.pk).time_zone == "Europe/Lisbon"
    assert visitor.complaints == []
