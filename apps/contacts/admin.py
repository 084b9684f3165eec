"""People and companies in the Django admin."""

from django.contrib import admin

from apps.contacts.models import Company, Contact
from apps.records.admin import RecordAdmin


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    """Companies with their addresses, phones and e-mail addresses."""

    type_key = "company"
    list_filter = ("status",)


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    """People with their positions, addresses and relations."""

    type_key = "contact"
    list_filter = ("status",)
