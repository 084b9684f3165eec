"""What an admin shapes without a developer: choices, fields and whole record types."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.kinds import KINDS
from apps.core.registry import registry
from apps.core.text import TranslatedTextField
from apps.records.models.base import Record, sort_indexes

KEY = RegexValidator(r"^[a-z][a-z0-9_]{0,39}\Z", _("Use small letters, digits and underscores, a letter first."))
CUSTOM_KINDS = [(key, kind.label) for key, kind in KINDS.items()]


RESERVED = frozenset({"id", "record_type", "version", "page_url", "restricted", "custom", "acl", "shared", "history"})
"""Keys that records and the API use for themselves."""


class ChoiceSet(models.Model):
    """A list of choices that admins edit: industries, sources, statuses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(_("Key"), max_length=40, unique=True, validators=[KEY])
    label = TranslatedTextField(_("Label"))
    history = history()

    class Meta:
        ordering = ["key"]
        verbose_name = _("choice list")
        verbose_name_plural = _("choice lists")

    def __str__(self) -> str:
        return str(self.label) or self.key


class Choice(models.Model):
    """One choice of a list. Its key is what records hold, so it never changes; the label may."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    choice_set = models.ForeignKey(ChoiceSet, models.CASCADE, related_name="choices")
    key = models.CharField(_("Key"), max_length=40)
    label = TranslatedTextField(_("Label"))
    colour = models.CharField(_("Colour"), max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    active = models.BooleanField(_("Offered"), default=True)
    history = history()

    class Meta:
        ordering = ["position", "key"]
        constraints = [models.UniqueConstraint(fields=["choice_set", "key"], name="choice_key_once")]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return str(self.label) or self.key


class ObjectType(models.Model):
    """A record type that stands only in the database; its rows are ``CustomRecord``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(_("Key"), max_length=40, unique=True, validators=[KEY])
    plural = models.SlugField(_("Word in addresses"), max_length=50, unique=True)
    label = TranslatedTextField(_("Label"))
    label_plural = TranslatedTextField(_("Label, plural"))
    icon = models.CharField(_("Icon"), max_length=40, default="box")
    history = history()

    class Meta:
        ordering = ["key"]
        verbose_name = _("object type")
        verbose_name_plural = _("object types")

    def __str__(self) -> str:
        return str(self.label) or self.key

    @property
    def type_key(self) -> str:
        """The record type key, which can't clash with a built-in one."""
        return f"o.{self.key}"


class FieldDefinition(models.Model):
    """A field that an admin added to a record type; values stand in the record's ``custom`` column."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type_key = models.CharField(_("Record type"), max_length=60)
    key = models.CharField(_("Key"), max_length=40, validators=[KEY])
    kind = models.CharField(_("Kind"), max_length=20, choices=CUSTOM_KINDS)
    label = TranslatedTextField(_("Label"))
    help = TranslatedTextField(_("Help"), blank=True)
    section = TranslatedTextField(_("Section"), blank=True)
    required = models.BooleanField(_("Required"), default=False)
    sensitive = models.BooleanField(_("Sensitive"), default=False)
    max_length = models.PositiveIntegerField(_("Longest text"), null=True, blank=True)
    target = models.CharField(_("Refers to"), max_length=60, blank=True)
    choice_set = models.ForeignKey(ChoiceSet, models.PROTECT, null=True, blank=True, verbose_name=_("Choices"))
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    history = history()

    class Meta:
        ordering = ["type_key", "position", "key"]
        constraints = [models.UniqueConstraint(fields=["type_key", "key"], name="field_key_once")]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")

    def __str__(self) -> str:
        return str(self.label) or self.key

    def clean(self) -> None:
        """Refuse keys that the type has already, and fields that lack what their kind needs."""
        super().clean()
        taken = {field.key for found in registry.all() if found.key == self.type_key for field in found.fields}
        own = FieldDefinition.objects.filter(pk=self.pk, key=self.key).exists()
        if self.key in RESERVED or (self.key in taken and not own):
            raise ValidationError({"key": _("This key is taken.")})
        if self.kind in {"choice", "multichoice"} and self.choice_set is None:
            raise ValidationError({"choice_set": _("Say which choices there are.")})
        if self.kind == "reference" and self.target not in {found.key for found in registry.all()}:
            raise ValidationError({"target": _("Say which type of record it refers to.")})


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
