"""Tags: several choices of a list that people make longer as they go."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.kinds.base import check_length, plain_text
from apps.core.kinds.choices import MultiChoice

if TYPE_CHECKING:
    from apps.core.fields import Field

NEW = "+"
"""Begins a name that is no tag yet and is to become one: the save door makes it and puts its key in its place."""
MAX_LABEL = 60
MAX_TAGS = 100
"""Tags of one record."""


class Tags(MultiChoice):
    """Tags by their keys, in an array column. A name that nobody gave yet is taken where the field is ``open``."""

    key, label = "tags", _("Tags")
    sql_type = "text[]"

    def one(self, raw: Any, field: Field) -> str:
        """The key of a tag by its key or any of its names, or the new name."""
        label = " ".join(plain_text(raw, one_line=True).lstrip(f"{NEW} ").split())
        if not label:
            return ""
        key = field.option_index.get(label.casefold())
        if key is not None:
            return key
        if not field.open:
            raise ValidationError(_("There is no tag “%(value)s”."), "choice", {"value": label[:100]})
        if ";" in label:
            raise ValidationError(_("The name of a tag has no semicolon."), "choice")
        return NEW + check_length(label, MAX_LABEL)

    def known_as(self, key: str, field: Field) -> str:
        """The key of the tag into which this one was merged, or its own."""
        option = field.option(key)
        return option.key if option is not None else key

    def ordered(self, keys: Collection[str], field: Field) -> list[str]:
        """By key: names change, and nothing on a record changes with them."""
        if len(keys) > MAX_TAGS:
            raise ValidationError(_("At most %(n)d tags."), "max_length", {"n": MAX_TAGS})
        return sorted(keys)

    def name(self, key: str, field: Field) -> str:
        """What a tag is called; one that is gone by its key, which reminds of its first name."""
        if key.startswith(NEW):
            return key[len(NEW) :]
        option = field.option(key)
        return str(option.label) if option is not None else key.replace("_", " ")

    def display(self, value: Any, field: Field) -> str:
        keys = [value] if isinstance(value, str) else value or []
        return ", ".join(dict.fromkeys(self.name(key, field) for key in keys))

    def to_text(self, value: Any, field: Field) -> str:
        return ";".join(self._spelt(key, field) for key in value or [])

    def _spelt(self, key: str, field: Field) -> str:
        name = self.name(key, field)
        return name if field.option_index.get(name.casefold()) == self.known_as(key, field) else key

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput()

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "array", "maxItems": MAX_TAGS, "items": {"type": "string", "maxLength": MAX_LABEL + 1}}
