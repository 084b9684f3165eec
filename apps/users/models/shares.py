"""Shares: one record, one person or team, view or change. The only truth about sharing of records."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7
from apps.users.choices import ShareAccess


class Share(models.Model):
    """The statement trigger of ``database_objects`` carries every row into the ``shared`` column of its record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record_type = models.CharField(_("Record type"), max_length=100)
    record_id = models.UUIDField(_("Record"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="shares",
        verbose_name=_("Person"),
    )
    team = models.ForeignKey(
        "users.Team", models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("Team")
    )
    access = models.CharField(_("Access"), max_length=6, choices=ShareAccess.choices, default=ShareAccess.VIEW)
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Shared by"),
    )
    shared_at = models.DateTimeField(_("Shared"), default=timezone.now)

    history = history()

    class Meta:
        verbose_name = _("Share")
        verbose_name_plural = _("Shares")
        ordering = ["shared_at"]
        constraints = [
            models.UniqueConstraint(fields=["record_type", "record_id", "user"], name="users_share_user_once"),
            models.UniqueConstraint(fields=["record_type", "record_id", "team"], name="users_share_team_once"),
            models.CheckConstraint(
                name="users_share_one_principal",
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                violation_error_message=_("Share with a person or with a team."),
            ),
            models.CheckConstraint(name="users_share_access_known", condition=models.Q(access__in=ShareAccess.values)),
        ]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}: {self.user or self.team} {self.access}"
