"""Choices too many for a page: named by the form, asked for on demand, typed where no script runs."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from apps.contacts.models import Company, Contact
from apps.core.change import Source, change
from apps.core.registry import definition_for
from apps.core.saving import PartRow, Submission, save_record
from apps.records.forms.choosing import LISTED
from tests.cast import make_person

pytestmark = pytest.mark.django_db
HEAVIEST_FORM = 60_000
"""Bytes of a form, whatever there is to choose from."""


@pytest.fixture
def ana(olga: Any) -> Contact:
    with change(by=olga, source=Source.SYSTEM) as opened:
        values = {"name": "Ana", "language": "pt", "languages": ["en", "pt"], "time_zone": "Europe/Lisbon"}
        parts = {"addresses": [PartRow({"kind": "office", "city": "Lisboa", "country": "PT"})]}
        made = save_record(Submission(definition_for("contact", olga), olga, values, parts=parts), change=opened)
    assert isinstance(made, Contact)
    return made


def sent(page: str) -> dict[str, list[str]]:
    """What a browser without scripts sends back of the form on this page, as it stands."""
    found: dict[str, list[str]] = {}
    body = page[page.index("data-record-form") : page.index("form-foot")]
    body = re.sub(r"<template.*?</template>", "", body, flags=re.DOTALL)
    for tag in re.finditer(r"<input[^>]*>|<(select|textarea)[^>]*>.*?</\1>", body, flags=re.DOTALL):
        text = tag.group(0)
        name = re.search(r'\bname="([^"]+)"', text)
        if not name:
            continue
        if text.startswith("<select"):
            values = re.findall(r'<option value="([^"]*)"[^>]* selected', text)
            if not values and " multiple" not in text:
                values = re.findall(r'<option value="([^"]*)"', text)[:1]
        elif text.startswith("<textarea"):
            values = [text.partition(">")[2].rpartition("</")[0].removeprefix("\n")]
        else:
            value = re.search(r'\bvalue="([^"]*)"', text)
            checked = 'type="checkbox"' not in text or " checked" in text
            values = [value.group(1) if value else ""] if checked else []
        found.setdefault(name.group(1), []).extend(html.unescape(value) for value in values)
    return found


def control(page: str, name: str) -> dict[str, str]:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag, name
    return {key: html.unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', tag.group(0))}


class TestWithoutScripts:
    def test_a_form_sent_back_untouched_changes_nothing(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
        form = sent(browser.get(address).content.decode())
        assert form["languages"] == ["English; Portuguese"]
        assert form["time_zone"] == ["Europe/Lisbon"]
        assert form["addresses-0-country"] == ["Portugal"]
        assert browser.post(address, form).status_code == 302
        after = Contact.objects.get_queryset().get(pk=ana.pk)
        assert (after.language, after.languages, after.time_zone) == ("pt", ["en", "pt"], "Europe/Lisbon")
        assert (after.country, after.version) == ("PT", ana.version), "nothing is written"

    def test_names_and_keys_may_be_typed(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
        form = sent(browser.get(address).content.decode())
        form |= {"language": ["spanish"], "languages": ["es; Portuguese"], "addresses-0-country": ["España"]}
        assert browser.post(address, form).status_code == 302
        after = Contact.objects.get_queryset().get(pk=ana.pk)
        assert (after.language, after.languages, after.country) == ("es", ["es", "pt"], "ES")

    def test_what_is_no_choice_comes_back_with_its_error(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
        form = sent(browser.get(address).content.decode())
        form |= {"language": ["Elvish"], "languages": ["English; Elvish"], "addresses-0-country": ["Narnia"]}
        answer = browser.post(address, form)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "“Elvish” is not one of the choices." in page
        assert control(page, "language")["value"] == "Elvish"
        assert control(page, "languages")["value"] == "English; Elvish"
        assert control(page, "addresses-0-country")["value"] == "Narnia"
        assert control(page, "language")["data-chosen"] == "[]"

    def test_all_can_be_taken_away(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
        form = sent(browser.get(address).content.decode())
        form |= {"language": [""], "languages": [""], "time_zone": [""]}
        assert browser.post(address, form).status_code == 302
        after = Contact.objects.get_queryset().get(pk=ana.pk)
        assert (after.language, after.languages, after.time_zone) == ("", [], "")


class TestWithScripts:
    def test_what_is_chosen_comes_with_key_and_name(self, olga: Any, ana: Contact, client_for: Any) -> None:
        page = client_for(olga).get(f"/contacts/{ana.pk}/edit/").content.decode()
        assert json.loads(control(page, "languages")["data-chosen"]) == [["en", "English"], ["pt", "Portuguese"]]
        assert json.loads(control(page, "addresses-0-country")["data-chosen"]) == [["PT", "Portugal"]]

    def test_keys_are_sent_apart(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
        form = sent(browser.get(address).content.decode())
        del form["languages"]
        assert browser.post(address, {**form, "languages": ["es", "ar"]}).status_code == 302
        assert Contact.objects.get_queryset().get(pk=ana.pk).languages == ["ar", "es"]
        form = sent(browser.get(address).content.decode())
        del form["languages"]
        assert browser.post(address, form).status_code == 302
        assert Contact.objects.get_queryset().get(pk=ana.pk).languages == [], "of nothing chosen nothing is sent"

    @pytest.mark.parametrize(
        ("field", "words", "first"),
        [
            ("language", "port", ("pt", "Portuguese")),
            ("time_zone", "new york", ("America/New_York", "America/New York")),
            ("time_zone", "America/New_York", ("America/New_York", "America/New York")),
            ("addresses.country", "germ", ("DE", "Germany")),
            ("addresses.country", "DE", ("DE", "Germany")),
            ("addresses.country", "curacao", ("CW", "Curaçao")),
        ],
    )
    def test_the_others_are_asked_for(
        self, olga: Any, client_for: Any, field: str, words: str, first: tuple[str, str]
    ) -> None:
        answer = client_for(olga).get("/contacts/filters/", {"options": field, "q": words})
        found = [(one["id"], one["text"]) for one in answer.json()["results"]]
        assert first[0] in [key for key, _label in found]
        assert len(found) <= 50

    def test_the_address_of_the_choices_is_the_one_in_the_form(self, olga: Any, ana: Contact, client_for: Any) -> None:
        browser = client_for(olga)
        page = browser.get(f"/contacts/{ana.pk}/edit/").content.decode()
        for name in ("language", "languages", "time_zone", "addresses-0-country"):
            answer = browser.get(control(page, name)["data-choices-url"])
            assert answer.status_code == 200
            assert len(answer.json()["results"]) == 50

    @pytest.mark.parametrize("field", ["addresses.street.x", "addresses.nothing", "nothing.country", "nothing", "."])
    def test_what_isn_t_there_is_refused(self, olga: Any, client_for: Any, field: str) -> None:
        assert client_for(olga).get("/contacts/filters/", {"options": field}).status_code == 400

    def test_a_customer_may_not_ask(self, carla: Any, client_for: Any) -> None:
        assert client_for(carla).get("/contacts/filters/", {"options": "language"}).status_code == 403


def test_a_draft_brings_its_choices_back(olga: Any, ana: Contact, client_for: Any) -> None:
    browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
    form = sent(browser.get(address).content.decode())
    draft = {**form, "languages": ["es"], "language": ["ar"], "addresses-0-country": ["ES"]}
    assert browser.post(f"/contacts/{ana.pk}/draft/", draft).status_code == 204
    page = browser.get(address).content.decode()
    assert control(page, "languages")["value"] == "Spanish"
    assert control(page, "language")["value"] == "Arabic"
    assert control(page, "addresses-0-country")["value"] == "Spain"


def test_forms_stay_light_however_many_people_there_are(olga: Any, ana: Contact, client_for: Any) -> None:
    for number in range(LISTED + 60):
        make_person(f"colleague-{number}", first_name="Wilhelmina", last_name=f"Featherstonehaugh {number:03}")
    browser = client_for(olga)
    for address in (f"/contacts/{ana.pk}/edit/", "/contacts/new/", "/companies/new/"):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert len(answer.content) < HEAVIEST_FORM, f"{address}: {len(answer.content):,} bytes"
        assert 'data-choices-url="/references/user/"' in answer.content.decode(), "the others are found by typing"


def test_a_new_row_has_its_pattern(olga: Any, ana: Contact, client_for: Any) -> None:
    """One untouched row of each part stands in the form: a second one for scripts would be weight alone."""
    browser, address = client_for(olga), f"/contacts/{ana.pk}/edit/"
    page = browser.get(address).content.decode()
    assert page.count("data-formset-pattern=") == page.count("data-formset=") == 6
    assert 'data-formset-pattern="addresses-1-"' in page
    assert "<template>" not in page[page.index("data-record-form") : page.index("form-foot")]
    form = sent(page) | {"addresses-1-city": ["Porto"], "language": ["Elvish"]}
    again = browser.post(address, form).content.decode()
    assert 'data-formset-pattern="addresses-__prefix__-"' in again, "every row is in use: one comes for the scripts"
    assert again.count("data-formset-pattern=") == 6


def test_currencies_are_asked_for_too(olga: Any, client_for: Any) -> None:
    browser = client_for(olga)
    page = browser.get("/companies/new/").content.decode()
    form = sent(page) | {"name": ["Acme"], "annual_revenue": ["5"], "annual_revenue_currency": ["eur"]}
    assert browser.post("/companies/new/", form).status_code == 302
    assert Company.objects.get_queryset().get(name="Acme").annual_revenue_currency == "EUR"
    answer = browser.get(control(page, "annual_revenue_currency")["data-choices-url"] + "&q=eu")
    assert answer.json()["results"] == [{"id": "EUR", "text": "EUR"}]
