"""The template tags of the look."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation

from apps.core.dates import date_style, date_text, moment_text
from apps.core.templatetags import ui

NOW = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (dt.timedelta(seconds=20), "now"),
        (dt.timedelta(minutes=3), "3 min ago"),
        (dt.timedelta(minutes=50), "1 h ago"),
        (dt.timedelta(hours=21), "21 h ago"),
        (dt.timedelta(hours=23), "1 d ago"),
        (dt.timedelta(days=27), "27 d ago"),
        (dt.timedelta(days=-2), "in 2 d"),
        (dt.timedelta(days=40), "Apr 10"),
        (dt.timedelta(days=400), "Apr 15, 2025"),
    ],
)
def test_moments_are_told_as_people_do(before: dt.timedelta, words: str) -> None:
    with timezone.override("UTC"):
        assert ui.ago(NOW - before, NOW) == words


def test_a_moment_carries_its_exact_time_and_a_date_stays_a_date() -> None:
    with timezone.override("UTC"):
        html = ui.when(NOW)
        assert 'datetime="2026-05-20T12:00:00+00:00"' in html
        assert 'title="May 20, 2026, noon"' in html
    assert ui.when(dt.date(2026, 5, 20)) == '<time datetime="2026-05-20" class="">May 20, 2026</time>'
    assert ui.when(None) == ""


@pytest.mark.parametrize(
    ("language", "amount", "currency", "shown"),
    [
        ("en", Decimal("84200"), "EUR", "€84,200"),
        ("en", Decimal("84200.50"), "EUR", "€84,200.50"),
        ("en", Decimal("1200"), "JPY", "¥1,200"),
        ("es", Decimal("84200"), "EUR", "84.200\xa0€"),
        ("en", Decimal("-3"), "USD", "-$3"),
        ("en", 1200, "", "1,200"),
        ("en", None, "EUR", ""),
    ],
)
def test_money_is_written_by_the_language(language: str, amount: Decimal | None, currency: str, shown: str) -> None:
    with translation.override(language):
        assert ui.money(amount, currency) == shown


def test_an_icon_is_silent_or_named() -> None:
    assert 'aria-hidden="true"' in ui.icon("plus")
    named = ui.icon("x", 20, label='Close "it"')
    assert 'role="img"' in named
    assert 'aria-label="Close &quot;it&quot;"' in named
    assert "icon-20" in named
    assert "icon-flip" in ui.icon("chevron-left")


def test_names_become_initials_and_keep_their_colour() -> None:
    assert 'data-initials="OP"' in ui.avatar("Olga Petrova")
    assert ui.avatar("Olga Petrova") == ui.avatar("Olga Petrova")
    assert 'data-initials="?"' in ui.avatar("  ")
    assert 'title="&lt;b&gt;"' in ui.avatar("<b>")


def test_user_agents_become_browsers() -> None:
    assert (
        ui.device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36") == "Chrome, Linux"
    )
    assert (
        ui.device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1") == "Safari, iPhone"
    )
    assert ui.device("curl/8.5") == "curl/8.5"


class PetForm(forms.Form):
    name = forms.CharField(
        label="Name", help_text="As it is called.", widget=forms.TextInput({"placeholder": "Name", "class": "wide"})
    )
    kind = forms.ChoiceField(label="Kind", choices=[("c", "Cat")], required=False)
    tame = forms.BooleanField(label="Tame", required=False)
    toys = forms.MultipleChoiceField(
        label="Toys", choices=[("b", "Ball")], widget=forms.CheckboxSelectMultiple, required=False
    )


def test_a_field_is_tied_to_its_label_help_and_error() -> None:
    html = render('{% include "generic/_field.html" %}', field=PetForm({"name": ""})["name"])
    assert '<label class="field-label" for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'class="form-control wide"' in html
    assert "required</span>" in html
    assert "placeholder" not in html, "a placeholder that repeats the label is noise"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("kind", "form-select"), ("tame", 'type="checkbox"'), ("toys", "<legend")],
)
def test_each_kind_of_control_has_its_shape(name: str, expected: str) -> None:
    assert expected in render('{% include "generic/_field.html" %}', field=PetForm()[name])


def test_errors_are_summed_up_and_linked() -> None:
    form = PetForm({"name": ""})
    form.add_error(None, "Nothing fits.")
    html = render('{% include "generic/_error_summary.html" %}', form=form)
    assert '<a href="#id_name">Name</a>: This field is required.' in html
    assert "<li>Nothing fits.</li>" in html
    assert render('{% include "generic/_error_summary.html" %}', form=PetForm()).strip() == ""


@pytest.mark.parametrize(
    ("style", "region", "day", "moment"),
    [
        ("language", "en-gb", "20 May 2026", "20 May 2026, noon"),
        ("language", "", "May 20, 2026", "May 20, 2026, noon"),
        ("language", "es-mx", "May 20, 2026", "May 20, 2026, noon"),
        ("language", "en-zz", "May 20, 2026", "May 20, 2026, noon"),
        ("dotted", "en-gb", "20.05.2026", "20.05.2026 noon"),
    ],
)
def test_dates_are_those_of_the_country_or_of_the_chosen_style(style: str, region: str, day: str, moment: str) -> None:
    """A region of another language is none: its names of months would be."""
    with timezone.override("UTC"), date_style(style, region):
        assert date_text(dt.date(2026, 5, 20)) == day
        assert moment_text(NOW) == moment
        assert moment_text(NOW) == moment, "kept, and by the right key"
