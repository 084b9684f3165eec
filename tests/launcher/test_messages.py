"""Translations: found in Python and templates, compared, compiled, all without GNU gettext."""

import gettext
from pathlib import Path

import polib
import pytest

from crm_project.launcher import messages

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext

def f(count):
    # Translators: shown on the board
    _("Won deal")
    pgettext("month", "May")
    return ngettext("%(count)s deal", "%(count)s deals", count)
"""
TEMPLATE = """{% load i18n %}
<p title="{% trans "It's here" %}">{% blocktranslate count n=n trimmed %}
  {{ n }} company
{% plural %}
  {{ n }} companies
{% endblocktranslate %}</p>{{ _("Inline") }}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "apps" / "deals").mkdir(parents=True)
    (tmp_path / "apps" / "deals" / "views.py").write_text(PYTHON)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def po(checkout: Path, language: str = "es") -> Path:
    return checkout / "locale" / language / "LC_MESSAGES" / "django.po"


def translate(checkout: Path) -> polib.POFile:
    file = polib.pofile(str(po(checkout)))
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"1: {entry.msgid}", 1: f"2: {entry.msgid_plural}"}
        else:
            entry.msgstr = f"es: {entry.msgid}"
    file.save()
    return file


def test_every_text_is_found(checkout: Path) -> None:
    found = messages.collect(checkout)
    assert set(found) == {
        (None, "Won deal"),
        ("month", "May"),
        (None, "%(count)s deal"),
        (None, "It's here"),
        (None, "%(n)s company"),
        (None, "Inline"),
    }
    assert found[None, "%(n)s company"].plural == "%(n)s companies"
    assert found[None, "Won deal"].comments == ["Translators: shown on the board"]
    assert found[None, "Won deal"].files == {"apps/deals/views.py"}


def test_update_keeps_translations_and_drops_what_is_gone(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["update", "es"], checkout) == 0
    assert "6 messages, 6 untranslated" in capsys.readouterr().out
    assert messages.main(["check"], checkout) == 1
    assert "not translated 'Inline'" in capsys.readouterr().out

    translate(checkout)
    assert messages.main(["check"], checkout) == 0

    (checkout / "templates" / "page.html").write_text("{% load i18n %}{% trans 'Brand new' %}")
    assert messages.main(["check"], checkout) == 1
    said = capsys.readouterr().out
    assert "missing 'Brand new'" in said
    assert "no longer used 'Inline'" in said
    assert "bin/messages update" in said

    assert messages.main(["update"], checkout) == 0
    kept = {entry.msgid: entry.msgstr for entry in polib.pofile(str(po(checkout)))}
    assert kept["Won deal"] == "es: Won deal"
    assert kept["Brand new"] == ""
    assert "Inline" not in kept


def test_a_lost_placeholder_is_found(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages.main(["update", "es"], checkout)
    file = translate(checkout)
    file.find("%(n)s company").msgstr_plural = {0: "una %(m)s", 1: "%(n)s"}
    file.save()
    assert messages.main(["check"], checkout) == 1
    assert "placeholders differ in '%(n)s company'" in capsys.readouterr().out


def test_other_languages_may_be_unfinished_but_not_the_promised_ones(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.main(["update", "pl"], checkout) == 0
    assert messages.main(["check"], checkout) == 1
    assert "locale/es: no messages at all" in capsys.readouterr().out
    monkeypatch.setattr(messages, "COMPLETE", ())
    assert messages.main(["check"], checkout) == 0


def test_what_is_compiled_can_be_read(checkout: Path) -> None:
    messages.main(["update", "es"], checkout)
    translate(checkout)
    left_over = po(checkout).with_name("old.mo")
    left_over.write_bytes(b"")
    assert messages.main(["compile"], checkout) == 0
    with po(checkout).with_suffix(".mo").open("rb") as stream:
        catalog = gettext.GNUTranslations(stream)
    assert catalog.gettext("Won deal") == "es: Won deal"
    assert catalog.ngettext("%(n)s company", "%(n)s companies", 3) == "2: %(n)s companies"
    assert not left_over.exists()


def test_a_wrong_verb_says_what_there_is(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["fly"], checkout) == 2
    assert "update" in capsys.readouterr().err
