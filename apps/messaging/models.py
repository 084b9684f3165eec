"""Captured mail. This is no record: no acl, no history."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7


class OutboxMessage(models.Model):
    """One e-mail that would have left, kept where an admin can read it (development and trials)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sender = models.TextField(_("from"))
    recipients = models.JSONField(_("to"), default=list)
    subject = models.TextField(_("subject"), blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject or str(_("(no subject)"))
