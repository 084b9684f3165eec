"""Whole and decimal numbers."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.kinds.base import NUMBER_OPERATORS, Kind

if TYPE_CHECKING:
    from apps.core.fields import Field

_WIDE = Context(prec=120)
"""Exact for every number that ``Decimals.parse`` lets through; the usual 28 digits are not."""


class Integer(Kind):
    key, label, operators, sql_type, align = "integer", _("Whole number"), NUMBER_OPERATORS, "bigint", "end"
    empty = None
    json_type = {"type": "integer"}

    def clean(self, raw: Any, field: Field) -> int | None:
        number = Decimals.parse(raw)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValidationError(_("Give a whole number."), code="type")
        low = field.min_value if field.min_value is not None else -(2**31)
        high = field.max_value if field.max_value is not None else 2**31 - 1
        if not low <= number <= high:
            raise ValidationError(_("Give a number from %(low)s to %(high)s."), "range", {"low": low, "high": high})
        return int(number)

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "numeric"})


class Decimals(Kind):
    key, label, operators, sql_type, align = "decimal", _("Number"), NUMBER_OPERATORS, "numeric", "end"
    empty = None
    json_type = {"type": "string", "format": "decimal"}

    @staticmethod
    def parse(raw: Any) -> Decimal | None:
        """The finite number ``raw`` spells: digits, an optional sign, a point. Raises ``ValidationError``."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
            raise ValidationError(_("Give a number."), code="type")
        text = str(raw).strip().replace("\u2212", "-")
        if not text:
            return None
        # Python reads 1_000 as a number too; nobody means one by it.
        if len(text) > 60 or "_" in text:
            raise ValidationError(_("Give a number."), code="type")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_("Give a number."), code="type") from None
        if not number.is_finite() or abs(number.adjusted()) > 40:
            raise ValidationError(_("Give a number."), code="type")
        return number

    def clean(self, raw: Any, field: Field) -> Decimal | None:
        number = self.parse(raw)
        if number is None:
            return None
        if number and number.adjusted() >= field.max_digits - field.decimal_places:
            raise ValidationError(_("This number is too large."), code="range")
        rounded = number.quantize(Decimal(1).scaleb(-field.decimal_places), context=_WIDE)
        if number != rounded:
            raise ValidationError(
                ngettext("At most %(n)d decimal place.", "At most %(n)d decimal places.", field.decimal_places),
                "decimal_places",
                {"n": field.decimal_places},
            )
        # Adding nothing makes 0.00 of -0.00.
        number = _WIDE.add(rounded, Decimal(0))
        if field.min_value is not None and number < field.min_value:
            raise ValidationError(_("Give a number of at least %(low)s."), "range", {"low": field.min_value})
        if field.max_value is not None and number > field.max_value:
            raise ValidationError(_("Give a number of at most %(high)s."), "range", {"high": field.max_value})
        return number

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, value: Any) -> Any:
        return None if value is None else Decimal(str(value))

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "decimal"})
