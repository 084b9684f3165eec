"""The rows of every record type that stands only in the database."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.records.models.base import Record, sort_indexes


class CustomRecord(Record):
    """A row of any record type that stands only in the database."""

    type_key = models.CharField(max_length=60, editable=False)
    name = models.CharField(_("Name"), max_length=200)

    class Meta(Record.Meta):
        verbose_name = _("custom record")
        verbose_name_plural = _("custom records")
        indexes = [
            *Record.Meta.indexes,
            *(
                models.Index("type_key", *index.expressions, name=index.name)
                for index in sort_indexes("customrecord", texts=("name",), plain=("created_at", "updated_at"))
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["type_key", "external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at=None),
                name="customrecord_external_id_once",
            )
        ]

    @property
    def record_type_key(self) -> Any:
        """The key of the row's own type."""
        return self.type_key

    def __str__(self) -> str:
        return self.name
