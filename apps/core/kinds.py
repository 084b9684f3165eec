"""The kinds of values a field can hold, each with its rule, its spelling and its operators.

``clean`` takes what a person, a file or an API client gave and returns the Python value; it is the same for
every entrance. ``empty`` is what stands for "nothing" in the column.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import uuid
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from babel.core import Locale, get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_countries import countries
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

from apps.core.ids import parse_uuid

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


class LongText(Kind):
    key, label = "longtext", _("Long text")
    operators = ("contains", "is_empty", "is_not_empty")
    default_length = 100_000

    def clean(self, raw: Any, field: Field) -> str:
        text = plain_text(raw, one_line=False).replace("\r\n", "\n").replace("\r", "\n")
        return check_length(text, field.max_length or self.default_length)

    def widget(self, field: Field) -> forms.Widget:
        return forms.Textarea({"rows": 4})


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
        return number

    def to_json(self, value: Any) -> Any:
        return None if value is None else str(value)

    def from_json(self, value: Any) -> Any:
        return None if value is None else Decimal(str(value))

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "decimal"})


class Date(Kind):
    key, label, operators, sql_type = "date", _("Date"), DATE_OPERATORS, "date"
    empty = None
    json_type = {"type": "string", "format": "date"}

    def clean(self, raw: Any, field: Field) -> dt.date | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, dt.datetime):
            return raw.date()
        if isinstance(raw, dt.date):
            return raw
        try:
            day = parse_date(raw.strip()) if isinstance(raw, str) else None
        except ValueError:
            day = None
        if day is None:
            raise ValidationError(_("Give a date as YYYY-MM-DD."), code="type")
        return day

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, value: Any) -> Any:
        return None if value is None else parse_date(str(value))

    def to_text(self, value: Any, field: Field) -> str:
        return "" if value is None else value.isoformat()

    def widget(self, field: Field) -> forms.Widget:
        return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class DateTime(Kind):
    key, label, operators, sql_type = "datetime", _("Date and time"), DATE_OPERATORS, "timestamptz"
    empty = None
    json_type = {"type": "string", "format": "date-time"}

    def clean(self, raw: Any, field: Field) -> dt.datetime | None:
        if raw is None or raw == "":
            return None
        moment = raw
        if isinstance(raw, str):
            try:
                moment = parse_datetime(raw.strip())
            except ValueError:
                moment = None
        if not isinstance(moment, dt.datetime):
            raise ValidationError(_("Give a date and time as YYYY-MM-DDThh:mm."), code="type")
        try:
            aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            # A day to spare on both sides, so that no reader's time zone leads out of the calendar.
            for spare in (dt.timedelta(days=-1), dt.timedelta(days=1)):
                aware.astimezone(dt.UTC) + spare
        except (ValueError, OverflowError):
            raise ValidationError(_("Give a date and time as YYYY-MM-DDThh:mm."), code="type") from None
        # PostgreSQL reads no offset of 16 hours or more.
        far = abs(aware.utcoffset() or dt.timedelta()) >= dt.timedelta(hours=16)
        return aware.astimezone(dt.UTC) if far else aware

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, value: Any) -> Any:
        return None if value is None else parse_datetime(str(value))

    def to_text(self, value: Any, field: Field) -> str:
        return "" if value is None else value.isoformat()

    def widget(self, field: Field) -> forms.Widget:
        return forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _choices(field: Field) -> list[tuple[str, str]]:
    """Key and label for a widget, as plain text: a label in several languages would be taken for a group."""
    return [(option.key, str(option.label)) for option in field.options]


class Choice(Kind):
    key, label = "choice", _("Choice")
    operators: ClassVar[tuple[str, ...]] = CHOICE_OPERATORS

    def clean(self, raw: Any, field: Field) -> str:
        text = plain_text(raw, one_line=True)
        if not text:
            return ""
        key = field.option_index.get(text.casefold())
        if key is None:
            raise ValidationError(_("“%(value)s” is not one of the choices."), "choice", {"value": text[:100]})
        return key

    def display(self, value: Any, field: Field) -> str:
        option = field.option(value)
        return str(option.label) if option else str(value or "")

    def widget(self, field: Field) -> forms.Widget:
        blank = [] if field.required and field.default else [("", "—")]
        return forms.Select(choices=[*blank, *_choices(field)])

    def json_schema(self, field: Field) -> dict[str, Any]:
        keys = [option.key for option in field.options]
        return {"type": "string", "enum": keys if field.required else ["", *keys]}


class MultiChoice(Choice):
    key, label = "multichoice", _("Several choices")
    empty = None
    sql_type = "jsonb"
    operators: ClassVar[tuple[str, ...]] = ("is_any_of", "is_none_of", "is_empty", "is_not_empty")

    def clean(self, raw: Any, field: Field) -> list[str]:  # type: ignore[override]
        items = [] if raw in (None, "") else raw.split(";") if isinstance(raw, str) else raw
        if not isinstance(items, list | tuple):
            raise ValidationError(_("Give a list of choices."), code="type")
        keys = [super(MultiChoice, self).clean(item, field) for item in items]
        return list(dict.fromkeys(key for key in keys if key))

    def from_json(self, value: Any) -> Any:
        return list(value or [])

    def to_text(self, value: Any, field: Field) -> str:
        return ";".join(value or [])

    def display(self, value: Any, field: Field) -> str:
        return ", ".join(super(MultiChoice, self).display(key, field) for key in value or [])

    def widget(self, field: Field) -> forms.Widget:
        return forms.SelectMultiple(choices=_choices(field))

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "string", "enum": [option.key for option in field.options]},
        }


_TRUE = frozenset({"true", "1", "yes", "y", "on", "x", "t", "sí", "si", "verdadero"})
_FALSE = frozenset({"", "false", "0", "no", "n", "off", "f", "falso"})


class Checkbox(Kind):
    key, label, operators, sql_type = "checkbox", _("Yes or no"), ("is",), "boolean"
    empty = False
    json_type = {"type": "boolean"}

    def clean(self, raw: Any, field: Field) -> bool:
        if isinstance(raw, bool):
            return raw
        text = "" if raw is None else str(raw).strip().lower() if isinstance(raw, str | int) else "?"
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        raise ValidationError(_("Give yes or no."), code="type")

    def is_empty(self, value: Any) -> bool:
        return value is None

    def to_text(self, value: Any, field: Field) -> str:
        return "" if value is None else "true" if value else "false"

    def display(self, value: Any, field: Field) -> str:
        return str(_("Yes") if value else _("No"))

    def widget(self, field: Field) -> forms.Widget:
        return forms.CheckboxInput()


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
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_("Give an e-mail address such as name@example.com."), code="email") from None
        return found.normalized

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
    def e164(text: str, region: str = "") -> str:
        """The number by ITU-T E.164 (``+351912345678``), or an empty string when it isn't possible."""
        try:
            number = parse(text, region or None)
        except NumberParseException:
            return ""
        return str(format_number(number, PhoneNumberFormat.E164)) if is_possible_number(number) else ""

    def widget(self, field: Field) -> forms.Widget:
        return forms.TextInput({"inputmode": "tel", "autocomplete": "tel"})


class Country(Choice):
    """A country by ISO 3166-1 alpha-2."""

    key, label = "country", _("Country")

    def clean(self, raw: Any, field: Field) -> str:
        text = plain_text(raw, one_line=True)
        if not text:
            return ""
        code = text.upper()
        if code not in countries.countries:
            code = country_index().get(folded(text), "")
        if not code:
            raise ValidationError(_("“%(value)s” is no country that we know."), "choice", {"value": text[:100]})
        return code

    def display(self, value: Any, field: Field) -> str:
        return str(countries.name(value)) if value else ""

    def widget(self, field: Field) -> forms.Widget:
        return forms.Select(choices=[("", "—"), *countries], attrs={"data-choices": "search"})

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "maxLength": 2, "description": "ISO 3166-1 alpha-2"}


def folded(name: str) -> str:
    """A name without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if character.isalnum()).casefold()


_OTHER_COUNTRY_NAMES = {
    "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "korea": "KR", "south korea": "KR", "north korea": "KP", "russian federation": "RU", "viet nam": "VN",
    "czech republic": "CZ", "holland": "NL", "philipines": "PH", "brasil": "BR", "deutschland": "DE",
    "libyan arab jamahiriya": "LY", "palestinian territory": "PS", "congo": "CG", "swaziland": "SZ",
    "macedonia": "MK", "holy see (vatican city state)": "VA", "netherlands antilles": "BQ",
    "saint barthelemy": "BL", "pitcairn islands": "PN", "lao people's democratic republic": "LA",
    "united states minor outlying islands": "UM", "british indian ocean territory (chagos archipelago)": "IO",
    "antarctica (the territory south of 60 deg s)": "AQ", "slovakia (slovak republic)": "SK",
    "svalbard & jan mayen islands": "SJ", "heard island and mcdonald islands": "HM", "reunion": "RE",
    "cape verde": "CV", "east timor": "TL", "burma": "MM", "ivory coast": "CI", "turkey": "TR",
    "micronesia": "FM", "saint martin": "MF",
    "syrian arab republic": "SY", "brunei darussalam": "BN",
    "hong kong": "HK",
    "macao": "MO", "falkland islands (malvinas)": "FK", "bouvet island (bouvetoya)": "BV",
    "kyrgyz republic": "KG", "united states virgin islands": "VI", "british virgin islands": "VG",
}  # fmt: skip
"""Names that files use and neither ISO 3166 nor CLDR does."""


@cache
def country_index() -> dict[str, str]:
    """Country code by folded name: CLDR's names and ISO's in each language of the product (an English one wins
    where two meet), three-letter codes, and common others."""
    index: dict[str, str] = {}
    for language in sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code == "en"):
        names = Locale.parse(language, sep="-").territories.items()
        index |= {folded(name): code for code, name in names if code in countries.countries}
        with translation.override(language):
            index |= {folded(str(countries.name(code))): code for code in countries.countries}
    index |= {str(countries.alpha3(code)).casefold(): code for code in countries.countries}
    return index | {folded(name): code for name, code in _OTHER_COUNTRY_NAMES.items()}


class Currency(Choice):
    """A currency by ISO 4217 that is legal tender somewhere today (CLDR's territory data)."""

    key, label = "currency", _("Currency")

    def clean(self, raw: Any, field: Field) -> str:
        code = plain_text(raw, one_line=True).upper()
        if code and code not in current_currencies():
            raise ValidationError(_("“%(value)s” is no ISO 4217 currency."), "choice", {"value": code[:20]})
        return code

    def display(self, value: Any, field: Field) -> str:
        return str(value or "")

    def widget(self, field: Field) -> forms.Widget:
        choices = [("", "—"), *((code, code) for code in sorted(current_currencies()))]
        return forms.Select(choices=choices, attrs={"data-choices": "search"})

    def json_schema(self, field: Field) -> dict[str, Any]:
        return {"type": "string", "maxLength": 3, "description": "ISO 4217"}


@cache
def current_currencies() -> frozenset[str]:
    """The codes of currencies in use, from CLDR."""
    return frozenset(
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, tender=True)
    )


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


KINDS: dict[str, Kind] = {
    kind.key: kind()
    for kind in (Kind, LongText, Integer, Decimals, Date, DateTime, Choice, MultiChoice, Checkbox, Url, Email,
                 Phone, Country, Currency, Reference, Person)
}  # fmt: skip
