"""Spanish is whole: every text translated, no placeholder lost, none in doubt, and the pages speak it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from apps.core.change import Source, change
from apps.core.fields import Field
from apps.core.kinds import country_index, folded
from apps.core.registry import definition_for
from apps.core.saving import Submission, clean_values, save_record
from apps.records.services import add_note
from apps.users.models import User
from crm_project.launcher import messages

CHECKOUT = Path(__file__).parents[2]
SPANISH = CHECKOUT / "locale" / "es" / "LC_MESSAGES" / "django.po"
MARKS = re.compile(
    r"%\(\w+\)[#0 +.\d-]*[a-zA-Z]"  # %(name)s and %(size).0f
    r"|%%s|%[sd]"  # filled in by the browser, or by position
    r"|\{[^{}]*\}"
    r"|<[^<>]+>|&\w+;"
)

PAGES = (
    "/", "/profile/", "/jobs/", "/notifications/", "/outbox/", "/companies/", "/companies/?name__contains=x",
    "/companies/new/", "/companies/bin/", "/companies/import/", "/companies/export/", "/notes/",
    "/settings/", "/settings/people/", "/settings/people/invite/", "/settings/teams/", "/settings/teams/new/",
    "/settings/territories/", "/settings/territories/new/", "/settings/lines/", "/settings/security/",
    "/settings/access-log/", "/settings/records/", "/settings/records/objects/new/",
    "/settings/records/company/fields/", "/settings/records/company/fields/new/",
    "/settings/records/company/fields/new/?kind=choice", "/settings/packs/",
    "/settings/packs/real_estate/load/", "/accounts/sessions/",
    "/accounts/password/change/", "/accounts/logout/", "/admin/",
    "/admin/users/role/add/", "/admin/users/user/add/", "/admin/jobs/job/",
)  # fmt: skip


def pairs(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Source and translation, each plural form with its own source; what isn't translated is another test's."""
    if not entry.translated():
        return
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
        return
    for number, text in entry.msgstr_plural.items():
        yield (entry.msgid if number == 0 else entry.msgid_plural), text


@pytest.fixture(scope="module")
def spanish() -> polib.POFile:
    return polib.pofile(str(SPANISH))


def test_every_text_of_the_source_is_translated(spanish: polib.POFile) -> None:
    known = {(entry.msgctxt, entry.msgid) for entry in spanish if entry.translated()}
    assert sorted(text for context, text in messages.collect(CHECKOUT).keys() - known) == []
    assert [entry.msgid for entry in spanish if not entry.translated()] == []


def test_none_is_in_doubt_or_left_over(spanish: polib.POFile) -> None:
    assert [entry.msgid for entry in spanish if entry.fuzzy or entry.obsolete] == []
    assert "nplurals=2" in spanish.metadata["Plural-Forms"]


def test_plurals_have_both_forms(spanish: polib.POFile) -> None:
    plurals = [entry for entry in spanish if entry.msgid_plural]
    assert plurals
    assert [entry.msgid for entry in plurals if set(entry.msgstr_plural) != {0, 1}] == []


def test_placeholders_and_markup_agree(spanish: polib.POFile) -> None:
    wrong = [
        (source, text)
        for entry in spanish
        for source, text in pairs(entry)
        if Counter(MARKS.findall(source)) != Counter(MARKS.findall(text))
    ]
    assert wrong == []


def test_ends_like_its_source(spanish: polib.POFile) -> None:
    """A sentence stays a sentence and a label a label."""
    ends = {".", "?", "…"}
    wrong = [
        (source, text)
        for entry in spanish
        for source, text in pairs(entry)
        if {source[-1], text[-1]} & ends and source[-1] != text[-1]
    ]
    assert wrong == []


def test_a_texts_numbers_follow_spanish() -> None:
    with translation.override("es"):
        assert gettext("Owner") == "Responsable"
        assert ngettext("%(n)d day", "%(n)d days", 1) % {"n": 1} == "1 día"
        assert ngettext("%(n)d day", "%(n)d days", 5) % {"n": 5} == "5 días"


@pytest.mark.parametrize("name", ["España", "ESPANA", "Spain", "إسبانيا", "ESP"])
def test_files_name_countries_in_the_languages_of_the_product(name: str) -> None:
    assert country_index()[folded(name)] == "ES"


@pytest.mark.parametrize(("word", "meant"), [("Sí", True), ("si", True), ("no", False), ("Falso", False)])
def test_files_say_yes_and_no_in_spanish(word: str, meant: bool) -> None:
    assert Field("agreed", "checkbox", label="Agreed").clean(word) is meant


def test_languages_without_texts_are_offered_all_the_same() -> None:
    """Arabic turns the page round; its texts are the English ones."""
    offered = {code for code, _name in settings.LANGUAGES}
    assert {"en", "es", "ar"} <= offered
    assert set(messages.COMPLETE) <= offered
    with translation.override("ar"):
        assert gettext("Owner") == "Owner"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "expected", "absent"),
    [
        ("/companies/", "Empresas", "Companies"),
        ("/companies/new/", "Razón social", "Legal name"),
        ("/companies/new/", "Forma jurídica", "Legal type"),
        ("/profile/", "Zona horaria", "Time zone"),
        ("/jobs/", "Procesos", "Keyboard shortcuts"),
    ],
)
def test_pages_speak_the_readers_spanish(
    make_user: Callable[..., User],
    client_for: Callable[..., Client],
    address: str,
    expected: str,
    absent: str,
) -> None:
    marco = make_user("marco", role="admin", language="es")
    answer = client_for(marco).get(address)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "es"
    assert '<html lang="es"' in page
    assert expected in page
    assert absent not in page


@pytest.mark.django_db
def test_the_sign_in_page_follows_the_browser(workspace: object, client_for: Callable[..., Client]) -> None:
    answer = client_for().get("/accounts/login/", headers={"accept-language": "es-MX,es;q=0.9"})
    page = unescape(answer.content.decode())
    assert "Iniciar sesión" in page
    assert "Usuario o correo electrónico" in page
    assert "¿Sin cuenta?" in page


class Words(HTMLParser):
    """Every text that a page shows or says aloud: text nodes and the attributes that people meet."""

    SPOKEN = frozenset({"title", "aria-label", "placeholder", "alt", "data-label"})
    SILENT = frozenset({"script", "style", "template", "code"})  # keys are the same in every language

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        self.found.update(value.strip() for name, value in attrs if value and name in self.SPOKEN)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.add(" ".join(data.split()))


@pytest.mark.django_db
def test_no_page_falls_back_into_english(
    spanish: polib.POFile, make_user: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    """A text asked for when its module is loaded, not when it is shown, would stay English for everybody."""
    english = {entry.msgid for entry in spanish} - {entry.msgstr for entry in spanish}
    reader = make_user("marco", role="admin", language="es", is_staff=True, is_superuser=True)
    definition = definition_for("company", reader)
    values, _errors = clean_values(definition, {"name": "Lumen", "country": "ES"}, partial=True)
    with change(by=reader, source=Source.PAGE) as opened:
        company = save_record(Submission(definition, reader, values), change=opened)
        add_note(definition.type, company, body="Hola", private=True, user=reader, change=opened)
    own = (f"/companies/{company.pk}/", f"/companies/{company.pk}/edit/", f"/companies/{company.pk}/history/",
           f"/access/company/{company.pk}/", f"/shares/company/{company.pk}/", f"/settings/people/{reader.pk}/",
           f"/settings/people/{reader.pk}/edit/")  # fmt: skip
    browser, left = client_for(reader), {}
    for address in (*PAGES, *own):
        answer = browser.get(address, follow=True)
        if answer.status_code != 200:
            left[address] = [f"answered {answer.status_code}"]
        words = Words()
        words.feed(answer.content.decode())
        if address.startswith("/admin/"):
            words.found.discard("Search")  # Django's own template says it in English to everybody
        if address == "/settings/records/objects/new/":
            words.found.discard("tag")  # the name of an icon
        if words.found & english:
            left[address] = sorted(words.found & english)
    assert left == {}
