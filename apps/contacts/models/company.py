"""Companies, with their offices, phones and e-mail addresses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.contacts.addresses import one_line
from apps.contacts.choices import AddressKind, CompanySize, CompanyStatus, EmailKind, PhoneKind
from apps.records.models import Part, Record, match_indexes, sort_indexes

NO_RING = "company_no_ring"


class Company(Record):
    """An organisation that we sell to, buy from or work with."""

    record_type_key = "company"
    trigger_rules: ClassVar[dict[str, tuple[str, Any]]] = {
        NO_RING: ("parent", _("This would make the company a part of its own subsidiary.")),
    }

    name = models.CharField(_("Name"), max_length=200)
    legal_name = models.CharField(_("Legal name"), max_length=200, blank=True)
    status = models.CharField(
        _("Status"), max_length=20, choices=CompanyStatus.choices, default=CompanyStatus.PROSPECT
    )
    industry = models.CharField(_("Industry"), max_length=40, blank=True)
    website = models.CharField(_("Website"), max_length=500, blank=True)
    email = models.CharField(_("E-mail"), max_length=254, blank=True)
    phone = models.CharField(_("Phone"), max_length=50, blank=True)
    city = models.CharField(_("City"), max_length=100, blank=True)
    country = models.CharField(_("Country"), max_length=2, blank=True)
    employees = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    size = models.CharField(_("Size"), max_length=20, choices=CompanySize.choices, blank=True)
    annual_revenue = models.DecimalField(
        _("Annual revenue"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    annual_revenue_currency = models.CharField(_("Currency of revenue"), max_length=3, blank=True)
    founded = models.PositiveSmallIntegerField(_("Founded in"), null=True, blank=True)
    legal_type = models.CharField(_("Legal type"), max_length=40, blank=True)
    tax_id = models.CharField(_("VAT or tax ID"), max_length=40, blank=True)
    registration_number = models.CharField(_("Registration number"), max_length=60, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("Parent company"),
    )
    description = models.TextField(_("Description"), max_length=20_000, blank=True)

    class Meta(Record.Meta):
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [
            *Record.Meta.indexes,
            *sort_indexes(
                "company",
                texts=("name", "city"),
                plain=("country", "industry", "employees", "annual_revenue"),
                dates=("created_at", "updated_at"),
            ),
            *match_indexes("company", texts=("website", "email"), exact=("tax_id", "registration_number")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at=None),
                name="company_external_id_once",
                violation_error_message=_("Another company has this external ID."),
            ),
            models.CheckConstraint(
                condition=models.Q(annual_revenue=None) | models.Q(annual_revenue__gte=0),
                name="company_revenue_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")),
                name="company_not_own_parent",
                violation_error_message=_("A company can't be its own parent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CompanyAddress(Part):
    """An office or another address of a company."""

    parent_field = "company"

    company = models.ForeignKey(Company, models.CASCADE, related_name="addresses")
    kind = models.CharField(_("Kind"), max_length=20, choices=AddressKind.choices, default=AddressKind.OFFICE)
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


class CompanyPhone(Part):
    """A phone number of a company, as typed."""

    parent_field = "company"

    company = models.ForeignKey(Company, models.CASCADE, related_name="phones")
    kind = models.CharField(_("Kind"), max_length=20, choices=PhoneKind.choices, default=PhoneKind.WORK)
    number = models.CharField(_("Number"), max_length=50)

    class Meta(Part.Meta):
        verbose_name = _("phone")
        verbose_name_plural = _("phones")

    def __str__(self) -> str:
        return self.number


class CompanyEmail(Part):
    """An e-mail address of a company."""

    parent_field = "company"

    company = models.ForeignKey(Company, models.CASCADE, related_name="emails")
    kind = models.CharField(_("Kind"), max_length=20, choices=EmailKind.choices, default=EmailKind.WORK)
    address = models.CharField(_("E-mail address"), max_length=254)

    class Meta(Part.Meta):
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")

    def __str__(self) -> str:
        return self.address
