"""The closed lists of the people room."""

from __future__ import annotations

import zoneinfo

from django.db import models
from django.utils.translation import gettext_lazy as _


class UserKind(models.TextChoices):
    """Which door a person uses; only staff enter pages that don't name another kind."""

    STAFF = "staff", _("Staff")
    CUSTOMER = "customer", _("Customer")
    PARTNER = "partner", _("Partner")
    SERVICE = "service", _("Service account")


class Scope(models.TextChoices):
    """How far a grant reaches. ``WIDTH`` orders them; several roles add up to the widest."""

    NONE = "none", _("No access")
    OWN = "own", _("Own")
    TEAM = "team", _("Own and team")
    TERRITORY = "territory", _("Own and territory")
    ALL = "all", _("All")


class PeopleReach(models.TextChoices):
    """Whose accounts people of a role look after."""

    NONE = "none", _("Nobody")
    TEAM = "team", _("Their teams and reports")
    ALL = "all", _("Everybody")


class Rule(models.TextChoices):
    """What a field rule does to a field for one role."""

    HIDDEN = "hidden", _("Hidden")
    READONLY = "readonly", _("Read only")
    MASKED = "masked", _("Masked")


class ShareAccess(models.TextChoices):
    """What a share lets its person or team do with the record."""

    VIEW = "view", _("Can view")
    CHANGE = "change", _("Can view and change")


class KeyScope(models.TextChoices):
    """What a personal API key may do, of what its person may."""

    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class Theme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class DateStyle(models.TextChoices):
    """How dates are written; the value for ``LANGUAGE`` follows the person's language."""

    LANGUAGE = "language", _("As usual in my language")
    ISO = "iso", _("2026-12-31")
    DAY_FIRST = "day_first", _("31/12/2026")
    MONTH_FIRST = "month_first", _("12/31/2026")
    DOTTED = "dotted", _("31.12.2026")


CURRENCIES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "CNY",
    "INR",
    "AUD",
    "CAD",
    "BRL",
    "MXN",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "TRY",
    "AED",
    "SAR",
    "EGP",
    "MAD",
    "ZAR",
    "NGN",
    "KES",
    "SGD",
    "HKD",
    "KRW",
    "THB",
    "IDR",
    "MYR",
    "PHP",
    "VND",
    "NZD",
    "ILS",
    "ARS",
    "CLP",
    "COP",
    "PEN",
    "UAH",
)
"""ISO 4217 codes offered as a person's own currency."""


def time_zone_choices() -> list[tuple[str, str]]:
    """The time zones of the IANA database that people choose from, one entry a city."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


TAG_GRANT = "tag"
"""Stands in grants where others name a record type: its "add" lets somebody make tags while typing."""
