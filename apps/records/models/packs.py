"""Sets of objects, fields, choices and demo rows that came in as one file, and what each of them brought."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.text import TranslatedTextField
from apps.records.models.definitions import KEY


class Pack(models.Model):
    """A pack that this workspace has loaded, and the file as it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(_("Key"), max_length=40, unique=True, validators=[KEY])
    label = TranslatedTextField(_("Label"))
    description = TranslatedTextField(_("Description"), blank=True)
    version = models.PositiveIntegerField(_("Version"), default=1)
    content = models.JSONField(editable=False, encoder=DjangoJSONEncoder)
    loaded_at = models.DateTimeField(_("Loaded"), default=timezone.now, editable=False)
    history = history()

    class Meta:
        ordering = ["key"]
        verbose_name = _("pack")
        verbose_name_plural = _("packs")

    def __str__(self) -> str:
        return str(self.label) or self.key


class PackItem(models.Model):
    """One thing that a pack brought, and how it was then: what an admin changed since is left to her.

    ``key`` names it within its kind: ``o.property``, ``o.property:rooms``, ``property_state:sold``, or for a record
    its type and its id.
    """

    class Kind(models.TextChoices):
        CHOICE_SET = "choice_set", _("choice list")
        CHOICE = "choice", _("choice")
        OBJECT = "object", _("record type")
        FIELD = "field", _("field")
        RECORD = "record", _("record")

    id: Any = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    pack = models.ForeignKey(Pack, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=140)
    loaded = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    history = history()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="pack_item_of_one_pack")]
        verbose_name = _("part of a pack")
        verbose_name_plural = _("parts of packs")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
