"""Parts that people and companies share: addresses, phones, e-mail addresses."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.contacts.addresses import lines
from apps.core.fields import field_of_model
from apps.core.registry import PartType

STREET = ("street address", "address", "address line 1", "address 1")
POSTCODE = ("postal code", "zip", "zip code", "zip/postal code")
REGION = ("state", "state/region", "province", "county", "region")
COUNTRY = ("country/region", "office location")
"""What files of other systems call the pieces of an address."""


def address_part(model: type[Any]) -> PartType:
    """Addresses; the first one's city and country stand in the record."""
    return PartType(
        "addresses", model._meta.label, _("Addresses"), _("Address"),
        (
            field_of_model(model, "kind"),
            field_of_model(model, "street", synonyms=STREET),
            field_of_model(model, "postcode", synonyms=POSTCODE),
            field_of_model(model, "city", synonyms=("town",)),
            field_of_model(model, "region", synonyms=REGION),
            field_of_model(model, "country", kind="country", synonyms=COUNTRY),
        ),
        primary={"city": "city", "country": "country"},
        lines=lines,
        formats_url="/address-formats/",
    )  # fmt: skip


def phone_part(model: type[Any], **given: Any) -> PartType:
    """Phone numbers; the first one stands in the record."""
    return PartType(
        "phones", model._meta.label, _("Phones"), _("Phone"),
        (
            field_of_model(model, "kind"),
            field_of_model(model, "number", kind="phone", synonyms=("phone", "phone number", "telephone", "mobile")),
        ),
        primary={"phone": "number"},
        **given,
    )  # fmt: skip


def email_part(model: type[Any]) -> PartType:
    """E-mail addresses; the first one stands in the record."""
    return PartType(
        "emails", model._meta.label, _("E-mail addresses"), _("E-mail address"),
        (
            field_of_model(model, "kind"),
            field_of_model(model, "address", kind="email", synonyms=("email", "e-mail", "email address")),
        ),
        primary={"email": "address"},
    )  # fmt: skip
