"""Models of the contacts room."""

from apps.contacts.models.company import Company, CompanyAddress, CompanyEmail, CompanyPhone
from apps.contacts.models.contact import (
    Contact,
    ContactAddress,
    ContactEmail,
    ContactPhone,
    ContactPosition,
    ContactProfile,
    ContactRelation,
)

__all__ = [
    "Company",
    "CompanyAddress",
    "CompanyEmail",
    "CompanyPhone",
    "Contact",
    "ContactAddress",
    "ContactEmail",
    "ContactPhone",
    "ContactPosition",
    "ContactProfile",
    "ContactRelation",
]
