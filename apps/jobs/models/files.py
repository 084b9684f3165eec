"""Files that people give us or that we make for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.core.workspace import current_schema


def storage_path(stored: StoredFile, name: str) -> str:
    """``<workspace>/<kind>/<uuid>``: what a person called the file stays in the database."""
    return f"{current_schema()}/{stored.kind}/{stored.pk}"


class StoredFile(models.Model):
    """One file in the file store, with what was found out about its content."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.SlugField(_("kind"), max_length=40, db_index=False)
    name = models.CharField(_("name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(_("content type"), max_length=150)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    file = models.FileField(_("file"), upload_to=storage_path, max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("jobs:file", args=[self.pk])
