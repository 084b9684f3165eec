"""Notes: what people write down about a record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.records.models.base import Activity


class Note(Activity):
    """A text on a record's timeline."""

    record_type_key = "note"

    body = models.TextField(_("Note"), max_length=20_000)

    class Meta(Activity.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return self.body[:80]
