"""People as a record type: CON-1, CON-2 and CON-4 of the requirements."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from babel.core import Locale
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.contacts.choices import CONTACT_STATUS_TONES, ContactStatus
from apps.contacts.models import (
    Contact,
    ContactAddress,
    ContactEmail,
    ContactPhone,
    ContactPosition,
    ContactProfile,
    ContactRelation,
)
from apps.contacts.naming import derive_name
from apps.contacts.types.headings import PERSON
from apps.contacts.types.reaching import address_part, email_part, phone_part
from apps.core.fields import Option, field_of_model
from apps.core.kinds import Phone
from apps.core.registry import Errors, PartType, RecordType, Section
from apps.records.types import record_fields
from apps.users.choices import time_zone_choices

CALLED = ("email", "phone")
"""What people without a name are called by."""


def judge_contact(values: Mapping[str, Any]) -> Errors:
    """A person needs a name, or at least an address to be called by."""
    if not any(values.get(key) for key in ("name", *CALLED)):
        return {"last_name": _("Give a name, an e-mail address or a phone number.")}
    return {}


def derive_phone(row: Any, record: Any) -> None:
    """Keep the international number beside the typed one; the person's country says what a local one means."""
    row.e164 = Phone.e164(row.number, record.country)


def languages() -> tuple[Option, ...]:
    """The languages that ISO 639-1 has codes for, named by CLDR in the reader's own."""
    codes = sorted(str(code) for code in Locale("en").languages if len(str(code)) == 2)
    return tuple(Option(code, _LanguageName(code)) for code in codes)


class _LanguageName:
    def __init__(self, code: str) -> None:
        self.code = code

    def __str__(self) -> str:
        locale = Locale.parse(get_language() or "en", sep="-")
        return str(locale.languages.get(self.code) or Locale("en").languages[self.code])


def position_part() -> PartType:
    """Where a person works and worked; the first row is the present position and stands in the record."""
    of = partial(field_of_model, ContactPosition)
    return PartType(
        "positions", "contacts.ContactPosition",
        pgettext_lazy("at a company", "Positions"), pgettext_lazy("at a company", "Position"),
        (
            of("company", synonyms=("company name", "account", "account name", "organization", "organisation",
                                    "associated company", "employer", "organization 1 - name")),
            of("title", synonyms=("title", "position", "organization 1 - title", "role")),
            of("department", synonyms=("organization 1 - department",)),
            of("role", synonyms=("buying role",)),
            of("authority"),
            of("started_on", synonyms=("start date",)),
            of("ended_on", synonyms=("end date",)),
        ),
        primary={"company": "company", "title": "title", "department": "department"},
        period=("started_on", "ended_on"),
    )  # fmt: skip


def contact_type() -> RecordType:
    """People whom we know."""
    zones = tuple(Option(*zone) for zone in time_zone_choices())
    own: dict[str, dict[str, Any]] = {
        "salutation": {"synonyms": ("mr/ms", "honorific", "name prefix", "prefix")},
        "first_name": {"synonyms": ("given name", "forename")},
        "middle_name": {"synonyms": ("additional name",)},
        "last_name": {"synonyms": ("surname", "family name")},
        "name": {"synonyms": ("contact", "contact name", "display name", "person")},
        "status": {
            "options": tuple(Option(one.value, one.label, CONTACT_STATUS_TONES[one]) for one in ContactStatus),
            "synonyms": ("lifecycle stage", "contact type"),
        },
        "company": {},
        "title": {},
        "department": {},
        "reports_to": {"target": "contact", "synonyms": ("manager", "supervisor", "reports to id")},
        "email": {"kind": "email"},
        "phone": {"kind": "phone"},
        "website": {"kind": "url", "synonyms": ("web page", "url", "homepage", "website 1 - value")},
        "city": {},
        "country": {"kind": "country"},
        "birth_date": {"synonyms": ("birthday", "birthdate", "date of birth")},
        "gender": {"synonyms": ("sex",)},
        "language": {"kind": "choice", "options": languages(), "synonyms": ("preferred language", "language code")},
        "languages": {"kind": "multichoice", "options": languages(), "synonyms": ("spoken languages",)},
        "time_zone": {
            "kind": "choice",
            "options": zones,
            "synonyms": ("timezone",),
        },
        "background": {"synonyms": ("biography", "bio", "about")},
        "description": {"synonyms": ("notes", "comments")},
    }
    return RecordType(
        key="contact",
        plural="contacts",
        model_label="contacts.Contact",
        label=_("Contact"),
        label_plural=_("Contacts"),
        icon="users",
        fields=tuple(field_of_model(Contact, key, **facts) for key, facts in own.items()) + record_fields(Contact),
        sections=(
            Section(
                _("Person"),
                ("salutation", "first_name", "middle_name", "last_name", "name", "status", "description"),
            ),
            Section(
                pgettext_lazy("section of a person", "Work"),
                ("company", "title", "department", "reports_to", "background"),
            ),
            Section(_("Reach them"), ("email", "phone", "website", "city", "country")),
            Section(_("About them"), ("language", "languages", "time_zone", "birth_date", "gender")),
            Section(_("Record"), ("owner", "team", "territory", "origin", "external_id")),
        ),
        called=CALLED,
        list_columns=("name", "company", "title", "status", "email", "phone", "owner", "updated_at"),
        sorts=("name", "last_name", "email", "city", "country", "created_at", "updated_at"),
        default_sort="name",
        quick_filters=("status", "company", "country", "owner"),
        search_fields=("name", "last_name", "email", "phone", "title", "city", "emails.address", "phones.number"),
        match_keys=("external_id", "email", "phone", "name"),
        headings=PERSON,
        parts=(
            position_part(),
            email_part(ContactEmail),
            phone_part(
                ContactPhone, derive=derive_phone, derived_from=("country",), found_by={"phone": "e164"}
            ),
            address_part(ContactAddress),
            PartType(
                "profiles", "contacts.ContactProfile", _("Social profiles"), _("Social profile"),
                (field_of_model(ContactProfile, "network"), field_of_model(ContactProfile, "address")),
            ),
            PartType(
                "relations", "contacts.ContactRelation", _("Relations"), _("Relation"),
                (
                    field_of_model(ContactRelation, "kind"),
                    field_of_model(ContactRelation, "other"),
                    field_of_model(ContactRelation, "note"),
                ),
            ),
        ),
        board_field="status",
        tree_field="reports_to",
        tree_label=_("Who reports to whom"),
        job=("title", "company"),
        validate=judge_contact,
        derive=derive_name,
        nav_group="sales",
    )  # fmt: skip
