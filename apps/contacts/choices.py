"""Choices that the product itself reasons about; lists that admins edit are choice sets."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CompanyStatus(models.TextChoices):
    """Where a company stands with us."""

    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    PARTNER = "partner", _("Partner")
    FORMER = "former", _("Former customer")


STATUS_TONES = {
    CompanyStatus.PROSPECT: "info",
    CompanyStatus.CUSTOMER: "success",
    CompanyStatus.PARTNER: "brand",
    CompanyStatus.FORMER: "warning",
}
"""The colour of the dot beside a status."""


class CompanySize(models.TextChoices):
    """Bands of employees, as in the European statistics (Eurostat size classes, the largest one split)."""

    MICRO = "micro", _("1–9")
    SMALL = "small", _("10–49")
    MEDIUM = "medium", _("50–249")
    LARGE = "large", _("250–999")
    GIANT = "giant", _("1,000 and more")


class AddressKind(models.TextChoices):
    """What an address is for."""

    HEADQUARTERS = "headquarters", _("Headquarters")
    OFFICE = "office", _("Office")
    MAILING = "mailing", _("Mailing")
    BILLING = "billing", _("Billing")
    SHIPPING = "shipping", _("Shipping")


class PhoneKind(models.TextChoices):
    """What a phone number reaches."""

    WORK = "work", _("Work")
    MOBILE = "mobile", _("Mobile")
    FAX = "fax", _("Fax")
    OTHER = "other", _("Other")


class EmailKind(models.TextChoices):
    """What an e-mail address is for."""

    WORK = "work", _("Work")
    BILLING = "billing", _("Billing")
    SUPPORT = "support", _("Support")
    OTHER = "other", _("Other")
