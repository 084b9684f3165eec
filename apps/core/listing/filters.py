"""What the filter builder of a list offers: fields, their operators in words, their choices."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.conditions import Tree, leaves
from apps.core.conditions.dates import PERIODS
from apps.core.conditions.operands import operators_of
from apps.core.fields import Field
from apps.core.long_choices import find_options, is_long, options_of
from apps.core.registry import Definition

OPERATOR_LABELS = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "starts_with": _("starts with"),
    "is_any_of": _("is any of"),
    "is_none_of": _("is none of"),
    "is_empty": _("is empty"),
    "is_not_empty": _("is filled"),
    "less": _("is less than"),
    "at_most": _("is at most"),
    "more": _("is more than"),
    "at_least": _("is at least"),
    "between": _("is between"),
    "before": _("is before"),
    "after": _("is after"),
    "in_last_days": _("is in the last … days"),
    "in_next_days": _("is in the next … days"),
    "in_period": _("is in"),
}

ARITY = {
    "is_empty": "none",
    "is_not_empty": "none",
    "between": "two",
    "is_any_of": "many",
    "is_none_of": "many",
    "in_last_days": "days",
    "in_next_days": "days",
}
"""How many values an operator takes; one where it isn't said."""


def filter_fields(definition: Definition) -> list[dict[str, Any]]:
    """Every field that the viewer may filter by, as plain JSON; one with ``many`` options gives them on demand."""
    return [
        {
            "key": field.key,
            "label": str(field.label),
            "kind": field.kind,
            "target": "user" if field.kind == "user" else field.target,
            "options": [] if is_long(field) else _options(field),
            "many": is_long(field),
            "operators": [_operator(name) for name in operators_of(field)],
        }
        for field in definition.fields.values()
        if operators_of(field)
    ]


def long_options(definition: Definition, path: str, words: str) -> list[tuple[str, str]]:
    """Key and label of the options with ``words`` in them, of a field or of one of a part (``addresses.country``).

    Raises ``ValidationError`` for a field that the viewer may neither filter by nor fill in.
    """
    part_key, dot, key = path.partition(".")
    if not dot:
        field = definition.usable(path)
        if operators_of(field):
            return find_options(field, words)
    part = next((part for part in definition.parts if part.key == part_key), None)
    if part is not None and key in part.index:
        return find_options(part.index[key], words)
    raise ValidationError(_("There is no field “%(key)s” here."), "field", {"key": path})


def option_names(tree: Tree, definition: Definition) -> dict[str, str]:
    """What the chosen options of long lists are called, by ``field:key``."""
    names: dict[str, str] = {}
    for leaf in leaves(tree):
        field = definition.fields.get(leaf.path)
        if field is not None and is_long(field):
            values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
            names |= {f"{field.key}:{one}": field.behaviour.display(one, field) for one in values if one}
    return names


def _operator(name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"key": name, "label": str(OPERATOR_LABELS[name]), "arity": ARITY.get(name, "one")}
    if name == "in_period":
        made["options"] = [{"key": key, "label": str(label)} for key, label in PERIODS.items()]
    return made


def _options(field: Field) -> list[dict[str, str]]:
    if field.kind == "checkbox":
        return [{"key": "true", "label": str(_("Yes"))}, {"key": "false", "label": str(_("No"))}]
    if field.kind == "user":
        return [{"key": "@me", "label": str(_("Me"))}]
    return [{"key": key, "label": label} for key, label in options_of(field)]
