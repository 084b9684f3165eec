"""Forms in which admins define fields and record types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.fields import Option
from apps.core.registry import registry
from apps.core.text import TranslatedText, TranslatedTextField
from apps.core.text_forms import TranslatedTextFormField
from apps.records.models import SETTINGS, SETUP_TARGETS, Choice, ChoiceSet, FieldDefinition, ObjectType

TARGET_LABELS = {"team": _("Team"), "territory": _("Territory")}
MAX_CHOICES = 500
ALWAYS = ("label", "help", "section", "required", "sensitive", "default")
"""What every kind of field has; the rest depends on the kind."""
NO_DEFAULT = frozenset({"reference", "user"})


def key_from(text: str, taken: Collection[str] = ()) -> str:
    """A free key that reminds of ``text``: small letters, digits and underscores, a letter first."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36]
    if not key or not key[0].isalpha():
        key = f"field_{key}".rstrip("_")
    found, number = key, 2
    while found in taken:
        found, number = f"{key}_{number}", number + 1
    return found


def translated(db_field: models.Field[Any, Any], **kwargs: Any) -> Any:
    """The form field of a model field: a label in several languages gets a line for each."""
    if isinstance(db_field, TranslatedTextField):
        return TranslatedTextFormField(
            required=not db_field.blank, label=db_field.verbose_name, help_text=db_field.help_text
        )
    return db_field.formfield(**kwargs)


class FieldForm(forms.ModelForm):
    """One field of a record type: what its kind needs and no more."""

    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("One choice a line, in the order in which they are offered."),
    )

    class Meta:
        model = FieldDefinition
        fields = (
            "label", "key", "help", "section", "choice_set", "target", "required", "unique", "indexed", "sensitive",
            "max_length", "pattern", "pattern_message", "minimum", "maximum", "decimal_places", "default",
        )  # fmt: skip
        formfield_callback = translated

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        kind = self.instance.kind
        kept = {*ALWAYS, *SETTINGS.get(kind, ())}
        kept |= {"minimum", "maximum"} if "range" in kept else set()
        kept |= {"pattern_message"} if "pattern" in kept else set()
        kept |= {"key"} if self.is_new else set()
        kept |= {"choices"} if "choice_set" in kept and self.is_new else set()
        kept -= {"default"} if kind in NO_DEFAULT else set()
        for name in set(self.fields) - kept:
            del self.fields[name]
        self._offer()

    def _offer(self) -> None:
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].help_text = _("Stands in addresses, files and the API. Empty: made from the label.")
        if "choice_set" in self.fields:
            chosen: Any = self.fields["choice_set"]
            chosen.empty_label = _("A list of its own") if self.is_new else None
            chosen.required = not self.is_new
        if "target" in self.fields:
            types = [(found.key, str(found.label_plural)) for found in registry.all() if found.nav_group]
            setup = [(key, TARGET_LABELS[key]) for key in SETUP_TARGETS]
            self.fields["target"] = forms.ChoiceField(
                label=_("Refers to"), choices=[*types, *setup], disabled=not self.is_new
            )
        if "default" in self.fields and self.instance.kind == "checkbox":
            self.fields["default"] = forms.ChoiceField(
                label=self.fields["default"].label, required=False, choices=[("", _("No")), ("true", _("Yes"))]
            )

    def clean_choices(self) -> list[str]:
        """The lines, each once. Raises ``ValidationError``."""
        lines = [line.strip() for line in str(self.cleaned_data["choices"]).splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > MAX_CHOICES:
            raise ValidationError(_("At most %(n)d choices."), "choices", {"n": MAX_CHOICES})
        if any(len(line) > 200 for line in found):
            raise ValidationError(_("A choice has at most 200 characters."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_new and not cleaned.get("key"):
            label = cleaned.get("label") or {}
            used = next(found.keys for found in registry.all() if found.key == self.instance.type_key)
            retired = FieldDefinition.objects.filter(type_key=self.instance.type_key).values_list("key", flat=True)
            cleaned["key"] = key_from(str(label), {*used, *retired})
        if "choices" in self.fields and not cleaned.get("choice_set") and "choices" in cleaned:
            self.instance.own_options = options_from(cleaned["choices"])
            if not self.instance.own_options:
                self.add_error("choices", _("Write the choices, or take a list that there is."))
        return cleaned

    def save_choices(self) -> None:
        """Write the field's own list of choices, inside the change of the view."""
        row = self.instance
        if not row.own_options:
            return
        key = key_from(f"{row.type_key.rpartition('.')[2]}_{row.key}", set(_keys_of_lists()))
        row.choice_set = ChoiceSet.objects.create(key=key, label=row.label)
        for position, option in enumerate(row.own_options):
            Choice.objects.create(choice_set=row.choice_set, key=option.key, label=option.label, position=position)


def options_from(lines: Sequence[str]) -> tuple[Option, ...]:
    """A choice for each line, its key made from its words."""
    found: dict[str, Option] = {}
    for line in lines:
        key = key_from(line, found.keys())
        found[key] = Option(key, TranslatedText({get_language() or "en": line}))
    return tuple(found.values())


def _keys_of_lists() -> Iterable[str]:
    return ChoiceSet.objects.values_list("key", flat=True)


ICONS = (
    "box", "briefcase", "building-2", "calendar", "car", "clipboard-list", "database", "file-text", "flag", "folder",
    "gift", "globe", "handshake", "heart", "house", "key-round", "landmark", "layers", "map-pin", "megaphone",
    "package", "receipt", "shapes", "star", "store", "table", "tag", "target", "truck", "user-round", "warehouse",
    "wrench",
)  # fmt: skip
"""What a record type of the workspace may be drawn by."""


class ObjectForm(forms.ModelForm):
    """A record type that stands only in the database. Its key stays; empty ones are made from the labels."""

    icon = forms.ChoiceField(label=_("Icon"), choices=[(name, name.replace("-", " ")) for name in ICONS])

    class Meta:
        model = ObjectType
        fields = ("label", "label_plural", "key", "plural", "icon")
        formfield_callback = translated

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.fields["key"].required = self.fields["plural"].required = False
        self.fields["plural"].help_text = _("Its pages begin with /o/ and this word. Empty: made from the label.")
        if self.is_new:
            self.fields["key"].help_text = _("Stands in files and the API. Empty: made from the label.")
        else:
            del self.fields["key"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_new and not cleaned.get("key"):
            taken = set(ObjectType.objects.values_list("key", flat=True))
            cleaned["key"] = key_from(str(cleaned.get("label") or ""), taken)
        if not cleaned.get("plural"):
            others = ObjectType.objects.exclude(pk=self.instance.pk)
            taken = {plural.replace("-", "_") for plural in others.values_list("plural", flat=True)}
            cleaned["plural"] = key_from(str(cleaned.get("label_plural") or ""), taken).replace("_", "-")
        return cleaned
