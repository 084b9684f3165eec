"""Models of the contacts room."""

from apps.contacts.models.company import Company, CompanyAddress, CompanyEmail, CompanyPhone

__all__ = ["Company", "CompanyAddress", "CompanyEmail", "CompanyPhone"]
