"""Choices that the product itself reasons about; lists that admins edit are choice sets."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    HOME = "home", pgettext_lazy("address or phone", "Home")
    MAILING = "mailing", _("Mailing")
    BILLING = "billing", _("Billing")
    SHIPPING = "shipping", _("Shipping")


class ContactStatus(models.TextChoices):
    """Where a person stands with us."""

    PROSPECT = "prospect", _("Prospect")
    CUSTOMER = "customer", _("Customer")
    PARTNER = "partner", _("Partner")
    FORMER = "former", _("Former customer")
    INACTIVE = "inactive", _("No longer reachable")


CONTACT_STATUS_TONES = {
    ContactStatus.PROSPECT: "info",
    ContactStatus.CUSTOMER: "success",
    ContactStatus.PARTNER: "brand",
    ContactStatus.FORMER: "warning",
    ContactStatus.INACTIVE: "danger",
}
"""The colour of the dot beside a person's status."""


class Gender(models.TextChoices):
    """How a person wants to be addressed; empty says that nobody asked."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    DIVERSE = "diverse", _("Diverse")


class Authority(models.TextChoices):
    """What a person decides in a company: the roles of a buying centre (Webster and Wind, 1972)."""

    DECIDER = "decider", _("Decision maker")
    APPROVER = "approver", _("Approver")
    BUYER = "buyer", _("Buyer")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")


class RelationKind(models.TextChoices):
    """What another person is to this one."""

    REFERRED_BY = "referred_by", _("Referred by")
    PARTNER = "partner", _("Partner")
    COLLEAGUE = "colleague", _("Colleague")
    ASSISTANT = "assistant", _("Assistant")
    MANAGER = "manager", _("Manager")
    FAMILY = "family", _("Family")
    OTHER = "other", _("Other")


class Network(models.TextChoices):
    """Where a person has a public profile."""

    LINKEDIN = "linkedin", "LinkedIn"
    XING = "xing", "XING"
    X = "x", "X"
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    MASTODON = "mastodon", "Mastodon"
    GITHUB = "github", "GitHub"
    YOUTUBE = "youtube", "YouTube"
    OTHER = "other", _("Other")


class PhoneKind(models.TextChoices):
    """What a phone number reaches."""

    WORK = "work", _("Work")
    MOBILE = "mobile", _("Mobile")
    HOME = "home", pgettext_lazy("address or phone", "Home")
    FAX = "fax", _("Fax")
    OTHER = "other", _("Other")


class EmailKind(models.TextChoices):
    """What an e-mail address is for."""

    WORK = "work", _("Work")
    PRIVATE = "private", _("Private")
    BILLING = "billing", _("Billing")
    SUPPORT = "support", _("Support")
    OTHER = "other", _("Other")
