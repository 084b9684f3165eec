"""Choices too many to stand in a page: forms and filters name what is chosen and ask for others as somebody types."""

from __future__ import annotations

from django_countries import countries

from apps.core.conditions.folding import fold
from apps.core.fields import Field
from apps.core.kinds.places import current_currencies

FEW = 40
"""Options that a page carries at once."""
OFFERED = 50
"""Options of a longer list that one answer holds."""


def options_of(field: Field) -> list[tuple[str, str]]:
    """Key and label of each choice, in the reader's language."""
    if field.kind == "country":
        return [(code, str(name)) for code, name in countries]
    if field.kind == "currency":
        return [(code, code) for code in sorted(current_currencies())]
    return [(option.key, str(option.label)) for option in field.options]


def is_long(field: Field) -> bool:
    """Whether the choices of ``field`` are given on demand."""
    return field.kind in {"country", "currency", "tags"} or len(field.options) > FEW


def find_options(field: Field, words: str) -> list[tuple[str, str]]:
    """The choices with ``words`` in their label or as their key; those that begin with them come first."""
    asked, named = fold(words.replace("_", " ")), words.strip().casefold()
    found = []
    for key, label in options_of(field):
        folded = fold(label.replace("_", " "))
        if asked in folded or named == key.casefold():
            found.append((not folded.startswith(asked), key, label))
    found.sort(key=lambda one: one[0])
    return [(key, label) for _later, key, label in found[:OFFERED]]
