"""Values and rows of parts in words, by the rules of their reader."""

from __future__ import annotations

from typing import Any

from apps.core.dates import date_text, moment_text
from apps.core.fields import Field
from apps.core.masking import mask
from apps.core.registry import Definition, PartType
from apps.core.titles import Titles


def words_of(definition: Definition, declared: Field, value: Any, titles: Titles) -> str:
    """A value of some version in words, by the rules of the reader."""
    if declared.behaviour.is_empty(value):
        return ""
    if declared.masked:
        return mask(declared.behaviour.to_text(value, declared))
    if declared.behaviour.is_reference:
        return titles.get(definition.type, declared, value).text
    if declared.kind == "datetime":
        return moment_text(value)
    if declared.kind == "date":
        return date_text(value)
    return declared.behaviour.display(value, declared)


def part_words(definition: Definition, part: PartType, row: Any, titles: Titles) -> str:
    """A row of a part, or a version of one, in words: as its model says it, or where it points to other records
    field by field, because what their titles are depends on the reader.
    """
    if not part.references:
        return str(part.model(**{declared.column: declared.value_of(row) for declared in part.fields}))
    said = [words_of(definition, declared, declared.value_of(row), titles) for declared in part.fields]
    return " · ".join(words for words in said if words)
