"""People, with what reaches them, where they work and whom they know."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.contacts.addresses import one_line
from apps.contacts.choices import (
    AddressKind,
    Authority,
    ContactStatus,
    EmailKind,
    Gender,
    Network,
    PhoneKind,
    RelationKind,
)
from apps.contacts.models.company import Company
from apps.core.titles import nameless
from apps.records.models import Part, Record, match_indexes, sort_indexes

NO_REPORTING_RING = "contact_no_ring"


class Contact(Record):
    """A person whom we know. ``company``, ``title`` and ``department`` copy the first of their positions."""

    record_type_key = "contact"
    trigger_rules: ClassVar[dict[str, tuple[str, Any]]] = {
        NO_REPORTING_RING: ("reports_to", _("This would make the person report to somebody who reports to them.")),
    }

    name = models.CharField(
        _("Full name"), max_length=200, blank=True, help_text=_("Left empty, it is made of the names above.")
    )
    salutation = models.CharField(_("Salutation"), max_length=40, blank=True)
    first_name = models.CharField(_("First name"), max_length=80, blank=True)
    middle_name = models.CharField(_("Middle name"), max_length=80, blank=True)
    last_name = models.CharField(_("Last name"), max_length=80, blank=True)
    status = models.CharField(
        _("Status"), max_length=20, choices=ContactStatus.choices, default=ContactStatus.PROSPECT
    )
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("Company")
    )
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    department = models.CharField(_("Department"), max_length=120, blank=True)
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("Reports to")
    )
    email = models.CharField(_("E-mail"), max_length=254, blank=True)
    phone = models.CharField(_("Phone"), max_length=50, blank=True)
    website = models.CharField(_("Website"), max_length=500, blank=True)
    city = models.CharField(_("City"), max_length=100, blank=True)
    country = models.CharField(_("Country"), max_length=2, blank=True)
    birth_date = models.DateField(_("Birth date"), null=True, blank=True)
    gender = models.CharField(_("Gender"), max_length=20, choices=Gender.choices, blank=True)
    language = models.CharField(
        _("Preferred language"), max_length=10, blank=True, help_text=_("The one that we write in.")
    )
    languages = models.JSONField(_("Languages"), default=list, db_default=[], blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=64, blank=True)
    background = models.TextField(_("Professional background"), max_length=20_000, blank=True)
    description = models.TextField(_("Description"), max_length=20_000, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            *Record.Meta.indexes,
            *sort_indexes(
                "contact",
                texts=("name", "last_name", "email", "city"),
                plain=("country",),
                dates=("created_at", "updated_at"),
            ),
            *match_indexes("contact", texts=("phone",)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at=None),
                name="contact_external_id_once",
                violation_error_message=_("Another contact has this external ID."),
            ),
            models.CheckConstraint(
                condition=models.Q(reports_to=None) | ~models.Q(reports_to=models.F("id")),
                name="contact_not_own_superior",
                violation_error_message=_("Nobody reports to themselves."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or nameless(_("Contact"), self.pk)


class ContactPosition(Part):
    """What a person is or was at a company; the first one is the present one. A job move keeps the old one."""

    parent_field = "contact"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="positions")
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Company"), db_index=False
    )
    title = models.CharField(_("Job title"), max_length=120, blank=True)
    department = models.CharField(_("Department"), max_length=120, blank=True)
    role = models.CharField(pgettext_lazy("in a purchase", "Role"), max_length=120, blank=True)
    authority = models.CharField(_("Authority"), max_length=20, choices=Authority.choices, blank=True)
    started_on = models.DateField(_("Since"), null=True, blank=True)
    ended_on = models.DateField(_("Until"), null=True, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        # A company's people, the newest first, without reading their positions.
        indexes = [models.Index(fields=["company", "contact"], name="contactposition_company")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(started_on=None)
                | models.Q(ended_on=None)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="contact_position_ends_after_start",
                violation_error_message=_("A position can't end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ContactEmail(Part):
    """An e-mail address of a person."""

    parent_field = "contact"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="emails")
    kind = models.CharField(_("Kind"), max_length=20, choices=EmailKind.choices, default=EmailKind.WORK)
    address = models.CharField(_("E-mail address"), max_length=254)

    class Meta(Part.Meta):
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")

    def __str__(self) -> str:
        return self.address


class ContactPhone(Part):
    """A phone number of a person: as typed, and by ITU-T E.164 where it is one."""

    parent_field = "contact"
    derived_columns = frozenset({"e164"})

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phones")
    kind = models.CharField(_("Kind"), max_length=20, choices=PhoneKind.choices, default=PhoneKind.WORK)
    number = models.CharField(_("Number"), max_length=50)
    e164 = models.CharField(_("International number"), max_length=20, blank=True, editable=False)

    class Meta(Part.Meta):
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        indexes = [models.Index("e164", condition=~models.Q(e164=""), name="contactphone_e164")]

    def __str__(self) -> str:
        return self.number


class ContactAddress(Part):
    """Where a person lives, works or gets mail."""

    parent_field = "contact"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="addresses")
    kind = models.CharField(_("Kind"), max_length=20, choices=AddressKind.choices, default=AddressKind.MAILING)
    street = models.CharField(_("Street"), max_length=300, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=20, blank=True)
    city = models.CharField(_("City"), max_length=100, blank=True)
    region = models.CharField(_("State or region"), max_length=100, blank=True)
    country = models.CharField(_("Country"), max_length=2, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return one_line(self)


class ContactProfile(Part):
    """A public profile of a person in a social network."""

    parent_field = "contact"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="profiles")
    network = models.CharField(_("Network"), max_length=20, choices=Network.choices, default=Network.LINKEDIN)
    address = models.CharField(_("Address or name"), max_length=300)

    class Meta(Part.Meta):
        verbose_name = _("social profile")
        verbose_name_plural = _("social profiles")

    def __str__(self) -> str:
        return f"{self.get_network_display()}: {self.address}"


class ContactRelation(Part):
    """Another person whom this one knows, and how."""

    parent_field = "contact"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="relations")
    kind = models.CharField(_("Kind"), max_length=20, choices=RelationKind.choices, default=RelationKind.COLLEAGUE)
    other = models.ForeignKey(Contact, models.PROTECT, related_name="+", verbose_name=_("Person"))
    note = models.CharField(_("Note"), max_length=200, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(contact=models.F("other")),
                name="contact_relation_to_somebody_else",
                violation_error_message=_("A relation needs two people."),
            ),
        ]

    def __str__(self) -> str:
        return self.note
