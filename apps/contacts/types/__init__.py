"""The record types of the contacts room."""

from apps.contacts.types.company import company_type
from apps.contacts.types.contact import contact_type

__all__ = ["company_type", "contact_type"]
