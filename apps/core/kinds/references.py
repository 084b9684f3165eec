"""Other records and people, by id."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.ids import parse_uuid
from apps.core.kinds.base import Kind

if TYPE_CHECKING:
    from apps.core.fields import Field


class Reference(Kind):
    """Another record, by id."""

    key, label = "reference", _("Record")
    operators = ("is", "is_not", "is_any_of", "is_empty", "is_not_empty")
    sql_type = "uuid"
    is_reference = True
    empty = None
    json_type = {"type": ["string", "null"], "format": "uuid"}

    def clean(self, raw: Any, field: Field) -> uuid.UUID | None:
        if raw is None or raw == "":
            return None
        value = parse_uuid(getattr(raw, "pk", raw))
        if value is None:
            raise ValidationError(_("This record doesn't exist."), code="reference")
        return value

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, value: Any) -> Any:
        return None if value is None else parse_uuid(value)

    def widget(self, field: Field) -> forms.Widget:
        return forms.Select(attrs={"data-choices": "remote", "data-target": field.target})


class Person(Reference):
    """A user of this workspace, by id."""

    key, label = "user", _("Person")

    def widget(self, field: Field) -> forms.Widget:
        return forms.Select(attrs={"data-choices": "remote", "data-target": "user"})
