"""A field of a record type: the one declaration that forms, API, import, lists and SQL read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.kinds import KINDS
from apps.core.patterns import matches

if TYPE_CHECKING:
    from apps.core.kinds import Kind


@dataclass(frozen=True)
class Option:
    """One choice: the key is stored and never changes, the label is what people read."""

    key: str
    label: Any
    colour: str = ""
    aliases: tuple[str, ...] = ()
    """Other keys and labels that mean it: of tags that were merged into this one."""


@dataclass(frozen=True)
class Field:
    """One value of a record: its kind, its rules and where it stands.

    ``clean`` is the only judge of a raw value, so page, API and import agree. ``custom`` fields live in the
    record's JSONB column. ``target`` is the record type of a reference. ``exact`` says that case and accents tell
    two values apart: numbers that somebody else gave.
    """

    key: str
    kind: str
    label: Any
    required: bool = False
    max_length: int | None = None
    options: tuple[Option, ...] = ()
    choice_set: str = ""
    opened_by: str = ""
    """Whoever has the grant to add to this may name options that there are none of yet."""
    open: bool = False
    """May its reader do so? ``definition_for`` says it; the save door makes what was named."""
    target: str = ""
    section: Any = ""
    help: Any = ""
    sensitive: bool = False
    custom: bool = False
    readonly: bool = False
    masked: bool = False
    exact: bool = False
    unique: bool = False
    """No two records hold the same value, whatever its case; records in the bin don't count."""
    indexed: bool = False
    """A custom field that has an index of its own, so that lists may be sorted by it."""
    pattern: str = ""
    """What the whole text must match, in the syntax of RE2, which takes time in proportion to the text."""
    pattern_message: Any = ""
    """What to say of a text that doesn't match."""
    min_value: Any = None
    max_value: Any = None
    """The smallest and the largest number, or the first and the last day; both belong to the range."""
    max_digits: int = 18
    decimal_places: int = 2
    default: Any = None
    synonyms: tuple[str, ...] = ()
    """Other headings under which files of other systems hold this field."""

    @cached_property
    def behaviour(self) -> Kind:
        """The kind's object."""
        return KINDS[self.kind]

    @cached_property
    def column(self) -> str:
        """Name of the attribute on the record: references end in ``_id``."""
        return f"{self.key}_id" if self.behaviour.is_reference else self.key

    @property
    def option_index(self) -> Mapping[str, str]:
        """Folded keys and labels of the options → key, so that people may write either in their language."""
        language = get_language() or ""
        if language not in self._option_indexes:
            self._option_indexes[language] = self._index_options()
        return self._option_indexes[language]

    @cached_property
    def _option_indexes(self) -> dict[str, Mapping[str, str]]:
        """By language: a label is read in the language of whoever asks, and the field outlives the asking."""
        return {}

    def _index_options(self) -> Mapping[str, str]:
        index = {alias.casefold(): option.key for option in self.options for alias in option.aliases}
        index |= {str(option.label).casefold().strip(): option.key for option in self.options}
        return index | {option.key.casefold(): option.key for option in self.options}

    def option(self, key: str) -> Option | None:
        """The option with this key."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, Option]:
        others = {alias: option for option in self.options for alias in option.aliases}
        return others | {option.key: option for option in self.options}

    @cached_property
    def closed(self) -> Field:
        """The field for whoever asks and doesn't write: only options that there are."""
        return replace(self, open=False) if self.open else self

    def clean(self, raw: Any) -> Any:
        """The Python value that ``raw`` (form text, file cell or JSON) stands for.

        Raises ``ValidationError`` with a sentence for the person who wrote it.
        """
        behaviour = self.behaviour
        value = behaviour.clean(raw, self)
        if behaviour.is_empty(value):
            if self.required:
                raise ValidationError(_("This field is required."), code="required")
        elif self.pattern and not matches(self.pattern, value):
            raise ValidationError(str(self.pattern_message) or _("This doesn't have the form asked for."), "pattern")
        return value

    def value_of(self, record: Any) -> Any:
        """The value on a record (for references the id)."""
        if self.custom:
            return self.behaviour.from_json(record.custom.get(self.key))
        return getattr(record, self.column)

    def set_on(self, record: Any, value: Any) -> None:
        """Put a cleaned value on a record; an empty custom value is not stored at all."""
        if not self.custom:
            setattr(record, self.column, value)
        elif self.behaviour.is_empty(value):
            record.custom.pop(self.key, None)
        else:
            record.custom[self.key] = self.behaviour.to_json(value)

    def with_rule(self, rule: str | None) -> Field:
        """This field as a role sees it: a masked one can't be written either."""
        if rule == "readonly":
            return replace(self, readonly=True)
        if rule == "masked":
            return replace(self, readonly=True, masked=True)
        return self


_KIND_OF_MODEL_FIELD: Sequence[tuple[type[models.Field[Any, Any]], str]] = (
    (models.EmailField, "email"),
    (models.URLField, "url"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
    (models.BooleanField, "checkbox"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "decimal"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.JSONField, "multichoice"),
    (ArrayField, "tags"),
)


def field_of_model(model: type[models.Model], key: str, **given: Any) -> Field:
    """The declaration of a model's column: kind, label, length and rules come from the column itself."""
    column: Any = model._meta.get_field(key)
    facts: dict[str, Any] = {"key": key, "label": column.verbose_name, "help": column.help_text}
    facts["required"] = not column.blank and not isinstance(column, models.BooleanField)
    if column.is_relation:
        facts["kind"] = "user" if column.related_model._meta.label == "users.User" else "reference"
        facts["required"] = not column.null
        if facts["kind"] == "reference":
            facts["target"] = column.related_model._meta.model_name
    else:
        facts["kind"] = next(kind for cls, kind in _KIND_OF_MODEL_FIELD if isinstance(column, cls))
        facts["max_length"] = column.max_length
        if column.choices:
            facts["kind"] = "choice"
            facts["options"] = tuple(Option(str(value), label) for value, label in column.flatchoices)
        if column.has_default() and not callable(column.default):
            facts["default"] = column.default
        if isinstance(column, models.DecimalField):
            facts["max_digits"], facts["decimal_places"] = column.max_digits, column.decimal_places
        facts["readonly"] = not column.editable
    facts.update(given)
    return Field(**facts)
