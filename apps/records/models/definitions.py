"""What an admin shapes without a developer: choices, fields and whole record types."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.core.field_indexes import MAX_INDEXED, SORTABLE, UNIQUE
from apps.core.fields import Field, Option
from apps.core.history import history
from apps.core.ids import uuid7
from apps.core.kinds import KINDS
from apps.core.patterns import compiled
from apps.core.registry import registry
from apps.core.text import TranslatedTextField

KEY_FORM = r"^[a-z][a-z0-9_]{0,39}\Z"
KEY = RegexValidator(KEY_FORM, _("Use small letters, digits and underscores, a letter first."))
CUSTOM_KINDS = [*((key, kind.label) for key, kind in KINDS.items() if key != "tags"), ("money", _("Money"))]
"""Money is two fields: an amount and its currency. Tags every record has already."""

MAX_PLACES = 10
RESERVED = frozenset({"id", "record_type", "version", "page_url", "restricted", "custom", "acl", "shared", "history"})
"""Keys that records and the API use for themselves."""

WITH_CHOICES = frozenset({"choice", "multichoice"})
SETUP_TARGETS = ("team", "territory")
"""What references may point to besides records."""
TEXTS = frozenset({"text", "url", "email", "phone"})
_HAVE = {
    "max_length": TEXTS | {"longtext"},
    "pattern": TEXTS,
    "range": {"integer", "decimal", "money", "date"},
    "decimal_places": {"decimal", "money"},
    "unique": UNIQUE,
    "indexed": SORTABLE | {"money"},
    "choice_set": WITH_CHOICES,
    "target": {"reference"},
}
SETTINGS = {kind: frozenset(name for name, kinds in _HAVE.items() if kind in kinds) for kind, _label in CUSTOM_KINDS}
"""The optional settings that fields of a kind have."""


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


class IndexState(models.TextChoices):
    """How far the database is with what a definition asks of it."""

    NONE = "none", _("No index")
    WAITING = "waiting", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class FieldDefinition(models.Model):
    """A field that an admin added to a record type; values stand in the record's ``custom`` column.

    ``default``, ``minimum`` and ``maximum`` are kept as texts that the field's own kind reads.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type_key = models.CharField(_("Record type"), max_length=60)
    key = models.CharField(
        _("Key"), max_length=40, validators=[KEY], help_text=_("Stands in addresses, files and the API. It stays.")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=CUSTOM_KINDS)
    label = TranslatedTextField(_("Label"))
    help = TranslatedTextField(_("Help"), blank=True)
    section = TranslatedTextField(_("Section"), blank=True)
    position = models.PositiveSmallIntegerField(_("Place"), default=0)
    required = models.BooleanField(_("Required"), default=False)
    unique = models.BooleanField(
        _("No value twice"), default=False, help_text=_("Two records never hold the same value.")
    )
    indexed = models.BooleanField(
        _("Sort lists by it"), default=False, help_text=_("Makes an index, which each save and import pays for.")
    )
    sensitive = models.BooleanField(_("Sensitive"), default=False)
    active = models.BooleanField(
        _("In use"), default=True, help_text=_("A field out of use is shown nowhere; its values are kept.")
    )
    default = models.CharField(_("Value of new records"), max_length=1_000, blank=True)
    max_length = models.PositiveIntegerField(_("Longest text"), null=True, blank=True)
    pattern = models.CharField(
        _("Pattern"), max_length=500, blank=True, help_text=_("A regular expression that the whole text must match.")
    )
    pattern_message = TranslatedTextField(_("What to say of other texts"), blank=True)
    minimum = models.CharField(_("Smallest value"), max_length=40, blank=True)
    maximum = models.CharField(_("Largest value"), max_length=40, blank=True)
    decimal_places = models.PositiveSmallIntegerField(
        _("Decimal places"), default=2, validators=[MaxValueValidator(MAX_PLACES)]
    )
    target = models.CharField(_("Refers to"), max_length=60, blank=True)
    choice_set = models.ForeignKey(ChoiceSet, models.PROTECT, null=True, blank=True, verbose_name=_("Choices"))
    index_state = models.CharField(
        _("Index"), max_length=10, choices=IndexState, default=IndexState.NONE, editable=False
    )
    index_error = models.CharField(max_length=500, blank=True, editable=False)
    history = history()

    own_options: tuple[Option, ...] = ()
    """The choices of a list of its own that is still to be written."""

    class Meta:
        ordering = ["type_key", "position", "key"]
        constraints = [models.UniqueConstraint(fields=["type_key", "key"], name="field_key_once")]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")

    def __str__(self) -> str:
        return str(self.label) or self.key

    @property
    def takes(self) -> frozenset[str]:
        """Which of the optional settings a field of this kind has."""
        return SETTINGS.get(self.kind, frozenset())

    def fields(self) -> tuple[Field, ...]:
        """What it declares: one field, or the amount and the currency of money.

        A limit or default that means nothing any more, as a choice that is gone, is left out.
        """
        field, _errors = self._limited(self._plain())
        if self.kind != "money":
            return (field,)
        label = format_lazy(_("{field}: currency"), field=self.label)
        return field, Field(
            key=f"{self.key}_currency", kind="currency", label=label, section=field.section, custom=True
        )

    def _plain(self) -> Field:
        takes = self.takes
        return Field(
            key=self.key,
            kind="decimal" if self.kind == "money" else self.kind,
            label=self.label,
            help=self.help,
            section=self.section,
            required=self.required,
            sensitive=self.sensitive,
            unique=self.unique and "unique" in takes,
            indexed=self.indexed and self.index_state == IndexState.READY,
            max_length=self.max_length if "max_length" in takes else None,
            pattern=self.pattern if "pattern" in takes else "",
            pattern_message=self.pattern_message,
            decimal_places=self.decimal_places if "decimal_places" in takes else 2,
            target=self.target,
            options=self.own_options or (choices_of(self.choice_set) if self.choice_set is not None else ()),
            custom=True,
        )

    def _limited(self, field: Field) -> tuple[Field, dict[str, Any]]:
        """The field with its limits and default, and what is wrong with these, by the names of the columns."""
        errors: dict[str, Any] = {}
        if "range" in self.takes:
            low, high = (_read(field, getattr(self, name), name, errors) for name in ("minimum", "maximum"))
            if low is not None and high is not None and low > high:
                errors["maximum"] = [_("The largest value is smaller than the smallest one.")]
            else:
                field = replace(field, min_value=low, max_value=high)
        return replace(field, default=_read(field, self.default, "default", errors)), errors

    def clean(self) -> None:
        """Refuse keys that the type has already, and fields that lack what their kind needs."""
        super().clean()
        errors = self.problems({found.key: found.keys for found in registry.all()})
        if errors:
            raise ValidationError(errors)

    def problems(self, types: Mapping[str, Collection[str]]) -> dict[str, Any]:
        """What is wrong with it, by the names of its columns, where ``types`` have these keys."""
        errors: dict[str, Any] = {}
        if self.type_key not in types:
            errors["type_key"] = _("Say which type of record it belongs to.")
        else:
            self._check_keys(types[self.type_key], errors)
        if self.kind in WITH_CHOICES and self.choice_set is None and not self.own_options:
            errors["choice_set"] = _("Say which choices there are.")
        if self.kind == "reference" and self.target not in {*types, *SETUP_TARGETS}:
            errors["target"] = _("Say which type of record it refers to.")
        self._check_values(errors)
        return errors

    def _check_keys(self, taken: Collection[str], errors: dict[str, Any]) -> None:
        own = FieldDefinition.objects.filter(pk=self.pk).first()
        if own is not None and (own.key, own.kind, own.type_key) != (self.key, self.kind, self.type_key):
            errors["key"] = _("Record type, key and kind of a field stay as they were made.")
        keys = {self.key, f"{self.key}_currency"} if self.kind == "money" else {self.key}
        if self.key in RESERVED or (own is None and not keys.isdisjoint(taken)):
            errors["key"] = _("This key is taken.")

    def _check_values(self, errors: dict[str, Any]) -> None:
        """Limits in their order, a pattern that can be read, a default that the field itself would take."""
        if self.kind not in dict(CUSTOM_KINDS):
            return
        for name, chosen in (("unique", self.unique), ("indexed", self.indexed)):
            if chosen and name not in self.takes:
                errors[name] = _("This kind of field doesn't have this.")
        if self.indexed or self.unique:
            others = FieldDefinition.objects.filter(Q(indexed=True) | Q(unique=True), type_key=self.type_key)
            if others.exclude(pk=self.pk).count() >= MAX_INDEXED:
                text = _("At most %(n)d fields of a record type are sorted by or kept unique.") % {"n": MAX_INDEXED}
                errors["unique" if self.unique else "indexed"] = text
        try:
            compiled(self.pattern)
        except ValidationError as error:
            errors["pattern"] = error.messages
            return
        errors.update(self._limited(self._plain())[1])


def _read(field: Field, text: str, name: str, errors: dict[str, Any]) -> Any:
    """The value that a definition's text stands for; what is wrong with it goes to ``errors``."""
    if not text:
        return None
    try:
        return field.clean(text)
    except ValidationError as error:
        errors[name] = error.messages
        return None


def choices_of(choice_set: ChoiceSet) -> tuple[Option, ...]:
    """The choices of a list, those no longer offered too: records may still hold them."""
    return tuple(Option(row.key, row.label, row.colour) for row in choice_set.choices.all())
