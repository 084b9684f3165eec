"""Choices that standards list: countries and currencies."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from babel.core import Locale, get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from apps.core.kinds.base import plain_text
from apps.core.kinds.choices import Choice

if TYPE_CHECKING:
    from apps.core.fields import Field


class Country(Choice):
    """A country by ISO 3166-1 alpha-2."""

    key, label = "country", _("Country")

    def clean(self, raw: Any, field: Field) -> str:
        text = plain_text(raw, one_line=True)
        if not text:
            return ""
        code = text.upper()
        if code not in countries.countries:
            code = country_index().get(folded(text), "")
        if not code:
            raise ValidationError(_("“%(value)s” is no country that we know."), "choice", {"value": text[:100]})
        return code

    def display(self, value: Any, field: Field) -> str:
        return str(countries.name(value)) if value else ""

    def widget(self, field: Field) -> forms.Widget:
        return forms.Select(choices=[("", "—"), *countries], attrs={"data-choices": "search"})

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "maxLength": 2, "description": "ISO 3166-1 alpha-2"}


def folded(name: str) -> str:
    """A name without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if character.isalnum()).casefold()


_OTHER_COUNTRY_NAMES = {
    "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "korea": "KR", "south korea": "KR", "north korea": "KP", "russian federation": "RU", "viet nam": "VN",
    "czech republic": "CZ", "holland": "NL", "philipines": "PH", "brasil": "BR", "deutschland": "DE",
    "libyan arab jamahiriya": "LY", "palestinian territory": "PS", "congo": "CG", "swaziland": "SZ",
    "macedonia": "MK", "holy see (vatican city state)": "VA", "netherlands antilles": "BQ",
    "saint barthelemy": "BL", "pitcairn islands": "PN", "lao people's democratic republic": "LA",
    "united states minor outlying islands": "UM", "british indian ocean territory (chagos archipelago)": "IO",
    "antarctica (the territory south of 60 deg s)": "AQ", "slovakia (slovak republic)": "SK",
    "svalbard & jan mayen islands": "SJ", "heard island and mcdonald islands": "HM", "reunion": "RE",
    "cape verde": "CV", "east timor": "TL", "burma": "MM", "ivory coast": "CI", "turkey": "TR",
    "south georgia and the south sandwich islands": "GS", "micronesia": "FM", "saint martin": "MF",
    "syrian arab republic": "SY", "brunei darussalam": "BN",
    "hong kong": "HK",
    "macao": "MO", "falkland islands (malvinas)": "FK", "bouvet island (bouvetoya)": "BV",
    "kyrgyz republic": "KG", "united states virgin islands": "VI", "british virgin islands": "VG",
}  # fmt: skip
"""Names that files use and neither ISO 3166 nor CLDR does."""


@cache
def country_index() -> dict[str, str]:
    """Country code by folded name: CLDR's names and ISO's in each language of the product (an English one wins
    where two meet), three-letter codes, and common others."""
    index: dict[str, str] = {}
    for language in sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code == "en"):
        names = Locale.parse(language, sep="-").territories.items()
        index |= {folded(name): code for code, name in names if code in countries.countries}
        with translation.override(language):
            index |= {folded(str(countries.name(code))): code for code in countries.countries}
    index |= {str(countries.alpha3(code)).casefold(): code for code in countries.countries}
    return index | {folded(name): code for name, code in _OTHER_COUNTRY_NAMES.items()}


class Currency(Choice):
    """A currency by ISO 4217 that is legal tender somewhere today (CLDR's territory data)."""

    key, label = "currency", _("Currency")

    def clean(self, raw: Any, field: Field) -> str:
        code = plain_text(raw, one_line=True).upper()
        if code and code not in current_currencies():
            raise ValidationError(_("“%(value)s” is no ISO 4217 currency."), "choice", {"value": code[:20]})
        return code

    def display(self, value: Any, field: Field) -> str:
        return str(value or "")

    def widget(self, field: Field) -> forms.Widget:
        choices = [("", "—"), *((code, code) for code in sorted(current_currencies()))]
        return forms.Select(choices=choices, attrs={"data-choices": "search"})

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "maxLength": 3, "description": "ISO 4217"}


@cache
def current_currencies() -> frozenset[str]:
    """The codes of currencies in use, from CLDR."""
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, tender=True)
    )
