"""What all kinds of values share, and the rules of text."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from apps.core.fields import Field

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LINE_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\u2028\u2029]")

TEXT_OPERATORS = ("is", "is_not", "contains", "starts_with", "is_any_of", "is_empty", "is_not_empty")
NUMBER_OPERATORS = (
    "is",
    "is_not",
    "less",
    "at_most",
    "more",
    "at_least",
    "between",
    "is_empty",
    "is_not_empty",
)
DATE_OPERATORS = ("is", "before", "after", "between", "in_last_days", "in_next_days", "in_period",
                  "is_empty", "is_not_empty")  # fmt: skip
CHOICE_OPERATORS = ("is", "is_not", "is_any_of", "is_none_of", "is_empty", "is_not_empty")


def plain_text(raw: Any, *, one_line: bool) -> str:
    """``raw`` as text that PostgreSQL, XLSX and XML can all hold; everything else is kept exactly.

    Raises ``ValidationError`` for NUL and other control characters, lone surrogates, and line breaks in a
    text of one line.
    """
    if raw is None:
        return ""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValidationError(_("Give a text."), code="type")
    text = str(raw).strip()
    if _SURROGATES.search(text) or _CONTROLS.search(text):
        raise ValidationError(_("This text has control characters that can't be kept."), code="control")
    if one_line and _LINE_CONTROLS.search(text):
        raise ValidationError(_("This must be one line of text."), code="line")
    return text


def check_length(text: str, limit: int | None) -> str:
    """``text``, or ``ValidationError`` when it is longer than ``limit`` characters."""
    if limit is not None and len(text) > limit:
        raise ValidationError(
            ngettext(
                "At most %(limit)d character is kept here; this has %(length)d.",
                "At most %(limit)d characters are kept here; this has %(length)d.",
                limit,
            ),
            code="max_length",
            params={"limit": limit, "length": len(text)},
        )
    return text


class Kind:
    """What all kinds share: a text of one line."""

    key: ClassVar[str] = "text"
    label: ClassVar[Any] = _("Text")
    operators: ClassVar[tuple[str, ...]] = TEXT_OPERATORS
    sql_type: ClassVar[str] = "text"
    align: ClassVar[str] = "start"
    is_reference: ClassVar[bool] = False
    empty: ClassVar[Any] = ""
    default_length: ClassVar[int | None] = 1_000
    json_type: ClassVar[dict[str, Any]] = {"type": "string"}

    def clean(self, raw: Any, field: Field) -> Any:
        """The value ``raw`` stands for. Raises ``ValidationError``."""
        return check_length(plain_text(raw, one_line=True), field.max_length or self.default_length)

    def is_empty(self, value: Any) -> bool:
        return value is None or value == "" or value == []

    def to_json(self, value: Any) -> Any:
        """The value for JSONB and the API."""
        return value

    def from_json(self, value: Any) -> Any:
        """The value from JSONB."""
        return self.empty if value is None else value

    def to_text(self, value: Any, field: Field) -> str:
        """The value for a file: what ``clean`` would read back."""
        return "" if value is None else str(value)

    def display(self, value: Any, field: Field) -> str:
        """The value for people."""
        return self.to_text(value, field)

    def form_field(self, field: Field) -> forms.Field:
        """A form field whose only rule is ``field.clean``."""
        return RecordFormField(field, widget=self.widget(field))

    def widget(self, field: Field) -> forms.Widget:
        attrs = {"maxlength": str(field.max_length)} if field.max_length else {}
        return forms.TextInput(attrs)

    def json_schema(self, field: Field) -> dict[str, Any]:
        """The OpenAPI schema of a value."""
        schema = dict(self.json_type)
        if field.max_length and schema.get("type") == "string":
            schema["maxLength"] = field.max_length
        return schema


class RecordFormField(forms.Field):
    """A form field that leaves every judgement to the declared field."""

    def __init__(self, field: Field, *, widget: forms.Widget) -> None:
        super().__init__(
            required=False,
            label=field.label,
            help_text=field.help,
            widget=widget,
            disabled=field.readonly,
            initial=field.default,
        )
        self.declared = field
        if field.required:
            self.widget.attrs["aria-required"] = "true"

    def clean(self, value: Any) -> Any:
        return self.declared.clean(value)

    def prepare_value(self, value: Any) -> Any:
        behaviour = self.declared.behaviour
        if value is None or isinstance(value, str | bool | list):
            return value
        if isinstance(value, dt.datetime):
            # What the browser's own control understands: a moment of the reader's time zone, without naming it.
            local = timezone.localtime(value)
            return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
        return behaviour.to_text(value, self.declared)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.declared.behaviour.clean(data, self.declared) != initial)
        except ValidationError:
            return True
