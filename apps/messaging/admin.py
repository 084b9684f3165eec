"""Captured mail to look at."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import LogAdmin
from apps.messaging.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(LogAdmin):
    """What would have left, in plain text; the message as it would look is on its own page."""

    list_display = ["__str__", "sent_to", "created_at", "page"]
    list_filter = ["created_at"]
    search_fields = ["subject", "recipients"]
    search_help_text = _("Searches subject and recipients.")
    fields = ["created_at", "sender", "sent_to", "subject", "text", "attachment_names", "page"]
    readonly_fields = ["sent_to", "attachment_names", "page"]

    @admin.display(description=_("to"))
    def sent_to(self, message: OutboxMessage) -> str:
        """The recipients."""
        return ", ".join(str(one) for one in message.recipients)

    @admin.display(description=_("attachments"))
    def attachment_names(self, message: OutboxMessage) -> str:
        """The names of the files, "-" for none."""
        named = [one.get("name", "") if isinstance(one, dict) else str(one) for one in message.attachments]
        return ", ".join(named) or "-"

    @admin.display(description=_("page"))
    def page(self, message: OutboxMessage) -> SafeString:
        """A link to the message as it would look."""
        return format_html('<a href="{}">{}</a>', reverse("messaging:message", args=[message.pk]), _("open"))
