"""Captured mail to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.core.admin import LogAdmin
from apps.messaging.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(LogAdmin):
    list_display = ["subject", "recipients", "created_at"]
    search_fields = ["subject", "recipients"]
    date_hierarchy = "created_at"
