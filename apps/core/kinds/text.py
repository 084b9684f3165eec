"""Texts that have more than one line, or a form of their own: web and e-mail addresses, phone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

from apps.core.kinds.base import Kind, check_length, plain_text

if TYPE_CHECKING:
    from apps.core.fields import Field


class LongText(Kind):
    key, label = "longtext", _("Long text")
    operators = ("contains", "is_empty", "is_not_empty")
    default_length = 100_000

    def clean(self, raw: Any, field: Field) -> str:
        text = plain_text(raw, one_line=False).replace("\r\n", "\n").replace("\r", "\n")
        return check_length(text, field.max_length or self.default_length)

    def widget(self, field: Field) -> forms.Widget:
        return forms.Textarea({"rows": 4})


class Url(Kind):
    key, label = "url", _("Web address")
    default_length = 500
    json_type = {"type": "string", "format": "uri"}
    _valid = URLValidator(schemes=["http", "https"])

    def clean(self, raw: Any, field: Field) -> str:
        text = check_length(plain_text(raw, one_line=True), field.max_length or self.default_length)
        if not text:
            return ""
        if not re.match(r"(?i)[a-z][a-z0-9+.-]*://", text):
            text = check_length(f"https://{text}", field.max_length or self.default_length)
        try:
            self._valid(text)
        except (ValidationError, ValueError):
            raise ValidationError(_("Give a web address such as https://example.com."), code="url") from None
        return text

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "url", "autocomplete": "url"})


class Email(Kind):
    key, label = "email", _("E-mail address")
    default_length = 254
    json_type = {"type": "string", "format": "email"}

    def clean(self, raw: Any, field: Field) -> str:
        text = check_length(plain_text(raw, one_line=True), field.max_length or self.default_length)
        if not text:
            return ""
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
        except EmailNotValidError:
            raise ValidationError(_("Give an e-mail address such as name@example.com."), code="email") from None
        return found.normalized

    def widget(self, field: Field) -> forms.Widget:
        return forms.EmailInput({"autocomplete": "email"})


REMEMBERED = 20_000
_numbers: dict[tuple[str, str], str] = {}
"""International forms by text and region, of the numbers asked for last: an import asks twice for each."""


def _e164(text: str, region: str) -> str:
    try:
        number = parse(text if region else re.sub(r"^\W*00", "+", text), region or None)
    except NumberParseException:
        return ""
    return str(format_number(number, PhoneNumberFormat.E164)) if is_possible_number(number) else ""


class Phone(Kind):
    """A phone number, kept as it was typed; ``e164`` gives its international form where it has one."""

    key, label = "phone", _("Phone number")
    default_length = 50

    def clean(self, raw: Any, field: Field) -> str:
        text = check_length(plain_text(raw, one_line=True), field.max_length or self.default_length)
        if text and not any(character.isdigit() for character in text):
            raise ValidationError(_("Give a phone number."), code="phone")
        return text

    @staticmethod
    def e164(text: str, region: str = "") -> str:
        """The number by ITU-T E.164 (``+351912345678``), or an empty string when it isn't possible.

        Where no region says how numbers are dialled, 00 stands for the plus, as ITU-T E.164 recommends.
        """
        known = _numbers.get((text, region))
        if known is None:
            known = _e164(text, region)
            Phone.learn({(text, region): known})
        return known

    @staticmethod
    def learn(numbers: Mapping[tuple[str, str], str]) -> None:
        """Remember international forms that another process has found: they take time."""
        if len(_numbers) + len(numbers) > REMEMBERED:
            _numbers.clear()
        _numbers.update(numbers)

    @staticmethod
    def learnt() -> dict[tuple[str, str], str]:
        """What is remembered now: international forms by text and region."""
        return dict(_numbers)

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "tel", "autocomplete": "tel"})
