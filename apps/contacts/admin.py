"""Companies in the Django admin."""

from django.contrib import admin

from apps.contacts.models import Company
from apps.records.admin import RecordAdmin


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    """Companies with their addresses, phones and e-mail addresses."""

    type_key = "company"
    list_filter = ("status",)
