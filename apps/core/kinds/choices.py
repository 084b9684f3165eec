"""One or several of a list, and yes or no."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.kinds.base import CHOICE_OPERATORS, Kind, plain_text

if TYPE_CHECKING:
    from apps.core.fields import Field


def _choices(field: Field) -> list[tuple[str, str]]:
    """Key and label for a widget, as plain text: a label in several languages would be taken for a group."""
    return [(option.key, str(option.label)) for option in field.options]


@dataclass(frozen=True)
class Amendment:
    """What comes to the choices that a record holds and what goes, whatever else it holds.

    It stands in a submission in place of a value; the save door knows what the record holds.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def on(self, held: Sequence[str] | None, field: Field) -> list[str]:
        """The choices afterwards. Raises ``ValidationError`` where they are too many."""
        behaviour = cast(MultiChoice, field.behaviour)
        kept = {behaviour.known_as(key, field) for key in held or ()}
        return behaviour.ordered((kept | set(self.add)) - set(self.remove), field)


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

    def clean(self, raw: Any, field: Field) -> Any:
        """The keys as one value; of an object with ``add`` and ``remove`` an ``Amendment``."""
        if isinstance(raw, Amendment):
            return raw
        if isinstance(raw, Mapping):
            return self._amendment(raw, field)
        return self.ordered(self._keys(raw, field), field)

    def _amendment(self, raw: Mapping[str, Any], field: Field) -> Amendment:
        if not raw or not set(raw) <= {"add", "remove"}:
            raise ValidationError(_("Give a list of choices, or an object with add and remove."), code="type")
        add, remove = (tuple(sorted(self._keys(raw.get(name), field))) for name in ("add", "remove"))
        return Amendment(add, remove)

    def _keys(self, raw: Any, field: Field) -> set[str]:
        items = [] if raw in (None, "") else raw.split(";") if isinstance(raw, str) else raw
        if not isinstance(items, list | tuple):
            raise ValidationError(_("Give a list of choices."), code="type")
        return {self.one(item, field) for item in items} - {""}

    def one(self, raw: Any, field: Field) -> str:
        """The key of one choice. Raises ``ValidationError``."""
        return str(Choice.clean(self, raw, field))

    def known_as(self, key: str, field: Field) -> str:
        """The key by which a held one goes today."""
        return key

    def ordered(self, keys: Collection[str], field: Field) -> list[str]:
        """In the order of the choices: what was chosen is a set, and one set is one value."""
        known = [option.key for option in field.options if option.key in keys]
        return known + sorted(set(keys).difference(known))

    def to_json(self, value: Any) -> Any:
        return {"add": [*value.add], "remove": [*value.remove]} if isinstance(value, Amendment) else value

    def from_json(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return Amendment(tuple(value["add"]), tuple(value["remove"]))
        return list(value or [])

    def to_text(self, value: Any, field: Field) -> str:
        return ";".join(value or [])

    def display(self, value: Any, field: Field) -> str:
        keys = [value] if isinstance(value, str) else value or []
        return ", ".join(super(MultiChoice, self).display(key, field) for key in keys)

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
