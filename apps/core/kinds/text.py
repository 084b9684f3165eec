"""Texts that have more than one line, or a form of their own: web and e-mail addresses, phone numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
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


_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
"""Local parts of e-mail addresses about which there is nothing to decide: most of them."""
LONGEST_LOCAL, LONGEST_ADDRESS = 64, 254
"""RFC 5321, 4.5.3.1."""


def _address(text: str) -> str:
    return validate_email(text, check_deliverability=False, test_environment=True, strict=True).normalized


def _plain_address(text: str) -> str:
    """What ``_address`` makes of it, where that is plain and the domain was seen before; else nothing.

    Files hold thousands of addresses, and judging one takes as long as all else of its row.
    """
    local, _sign, domain = text.rpartition("@")
    if len(local) > LONGEST_LOCAL or len(text) > LONGEST_ADDRESS or not _PLAIN.fullmatch(local):
        return ""
    known = _domain(domain) if domain.isascii() and local.lower() not in CASE_INSENSITIVE_MAILBOX_NAMES else ""
    return f"{local}@{known}" if known else ""


@lru_cache(maxsize=10_000)
def _domain(text: str) -> str:
    """A domain as it is kept; an empty string for one that isn't any."""
    try:
        return _address(f"a@{text}").partition("@")[2]
    except EmailNotValidError:
        return ""


class Email(Kind):
    key, label = "email", _("E-mail address")
    default_length = 254
    json_type = {"type": "string", "format": "email"}

    def clean(self, raw: Any, field: Field) -> str:
        text = check_length(plain_text(raw, one_line=True), field.max_length or self.default_length)
        if not text:
            return ""
        try:
            return _plain_address(text) or _address(text)
        except EmailNotValidError:
            raise ValidationError(_("Give an e-mail address such as name@example.com."), code="email") from None

    def widget(self, field: Field) -> forms.Widget:
        return forms.EmailInput({"autocomplete": "email"})


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
    @lru_cache(maxsize=20_000)
    def e164(text: str, region: str = "") -> str:
        """The number by ITU-T E.164 (``+351912345678``), or an empty string when it isn't possible.

        Where no region says how numbers are dialled, 00 stands for the plus, as ITU-T E.164 recommends. Remembered,
        because an import asks twice for each number: to find its record, and to write it.
        """
        try:
            number = parse(text if region else re.sub(r"^\W*00", "+", text), region or None)
        except NumberParseException:
            return ""
        return str(format_number(number, PhoneNumberFormat.E164)) if is_possible_number(number) else ""

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "tel", "autocomplete": "tel"})
