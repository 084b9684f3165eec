"""What a person is told in the bell."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7


class Notification(models.Model):
    """One message to one person. Many events of one job or change become one row: ``collapse`` is its key.

    The words are made when it is shown, from the event kind, in the reader's language and with the reader's
    sight: a record that the reader may no longer see is not named.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=Func(function="uuidv7"), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=80)
    collapse = models.CharField(_("collapse key"), max_length=120)
    count = models.PositiveIntegerField(_("count"), default=1)
    record_type = models.CharField(_("record type"), max_length=60)
    record_id = models.UUIDField(_("record"))
    actor_id = models.UUIDField(_("actor"), null=True, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "collapse"], name="events_notification_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="events_notification_user"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="events_notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user_id}"
