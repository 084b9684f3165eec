"""The kinds of values a field can hold, each with its rule, its spelling and its operators.

``clean`` takes what a person, a file or an API client gave and returns the Python value; it is the same for
every entrance. ``empty`` is what stands for "nothing" in the column.
"""

from __future__ import annotations

from apps.core.kinds.base import Kind, RecordFormField, check_length, plain_text
from apps.core.kinds.choices import Amendment, Checkbox, Choice, MultiChoice
from apps.core.kinds.moments import Date, DateTime
from apps.core.kinds.numbers import Decimals, Integer
from apps.core.kinds.places import Country, Currency, country_index, folded
from apps.core.kinds.references import Person, Reference
from apps.core.kinds.tags import Tags
from apps.core.kinds.text import Email, LongText, Phone, Url

__all__ = [
    "KINDS",
    "Amendment",
    "Checkbox",
    "Choice",
    "Country",
    "Currency",
    "Date",
    "DateTime",
    "Decimals",
    "Email",
    "Integer",
    "Kind",
    "LongText",
    "MultiChoice",
    "Person",
    "Phone",
    "RecordFormField",
    "Reference",
    "Tags",
    "Url",
    "check_length",
    "country_index",
    "folded",
    "plain_text",
]

KINDS: dict[str, Kind] = {
    kind.key: kind()
    for kind in (Kind, LongText, Integer, Decimals, Date, DateTime, Choice, MultiChoice, Checkbox, Url, Email,
                 Phone, Country, Currency, Reference, Person, Tags)
}  # fmt: skip
