"""A condition in words, for filter chips and summaries."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from apps.core.conditions.dates import PERIODS
from apps.core.conditions.operands import ME, TODAY
from apps.core.conditions.paths import Place, place_of
from apps.core.conditions.tree import Days, Group, Leaf, Negation, Tree, leaves
from apps.core.conditions.viewer import Viewer
from apps.core.dates import date_text, moment_text
from apps.core.fields import Field
from apps.core.kinds import DateTime, Decimals, Integer
from apps.core.registry import Definition
from apps.core.titles import Titles

SENTENCES = {
    "is": gettext_lazy("%(field)s is %(value)s"),
    "is_not": gettext_lazy("%(field)s is not %(value)s"),
    "contains": gettext_lazy("%(field)s contains %(value)s"),
    "starts_with": gettext_lazy("%(field)s starts with %(value)s"),
    "is_any_of": gettext_lazy("%(field)s is %(value)s"),
    "is_none_of": gettext_lazy("%(field)s is not %(value)s"),
    "is_empty": gettext_lazy("%(field)s is empty"),
    "is_not_empty": gettext_lazy("%(field)s is filled"),
    "less": gettext_lazy("%(field)s is less than %(value)s"),
    "at_most": gettext_lazy("%(field)s is at most %(value)s"),
    "more": gettext_lazy("%(field)s is more than %(value)s"),
    "at_least": gettext_lazy("%(field)s is at least %(value)s"),
    "between": gettext_lazy("%(field)s is between %(low)s and %(high)s"),
    "before": gettext_lazy("%(field)s is before %(value)s"),
    "after": gettext_lazy("%(field)s is after %(value)s"),
    "in_last_days": gettext_lazy("%(field)s is in the last %(value)s"),
    "in_next_days": gettext_lazy("%(field)s is in the next %(value)s"),
    "in_period": gettext_lazy("%(field)s is %(value)s"),
}
"""What each operator says; also the words of the filter builder."""


@dataclass(frozen=True)
class Described:
    """One part of a condition in words, and the condition without it."""

    text: str
    rest: Tree


def describe(tree: Tree, definition: Definition, viewer: Viewer) -> list[Described]:
    """The parts of a judged condition that can be taken away one by one."""
    parts = tree.parts if isinstance(tree, Group) and tree.kind == "all" else (tree,)
    words = _Words(definition, viewer, tree)
    return [
        Described(words.of(part), Group("all", (*parts[:index], *parts[index + 1 :])))
        for index, part in enumerate(parts)
    ]


def named_values(tree: Tree, definition: Definition, viewer: Viewer) -> dict[str, str]:
    """What the records and people that a judged condition names are called, by id."""
    words = _Words(definition, viewer, tree)
    return {
        value: words.value(place, value)
        for leaf in leaves(tree)
        if (place := words.place(leaf)).field.behaviour.is_reference
        for value in (leaf.value if isinstance(leaf.value, tuple) else (leaf.value,))
        if value not in (None, ME)
    }


class _Words:
    """Says trees; the titles of referenced records are read at once, one query a type."""

    def __init__(self, definition: Definition, viewer: Viewer, tree: Tree) -> None:
        self.definition = definition
        self.viewer = viewer
        self.titles = Titles(viewer.user)
        for leaf in leaves(tree):
            place = self.place(leaf)
            if place.field.behaviour.is_reference:
                values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
                ids = [uuid.UUID(value) for value in values if value not in (None, ME)]
                self.titles.want(place.definition.type, place.field, ids)

    def place(self, leaf: Leaf) -> Place:
        return place_of(leaf.path, self.definition, self.viewer)

    def of(self, tree: Tree, *, nested: bool = False) -> str:
        if isinstance(tree, Leaf):
            return self.leaf(tree)
        if isinstance(tree, Negation):
            return _("not (%(condition)s)") % {"condition": self.of(tree.part)}
        word = pgettext("conditions", "and") if tree.kind == "all" else pgettext("conditions", "or")
        text = f" {word} ".join(self.of(part, nested=True) for part in tree.parts)
        return f"({text})" if nested and len(tree.parts) > 1 else text

    def leaf(self, leaf: Leaf) -> str:
        place = self.place(leaf)
        facts = {"field": place.label}
        if leaf.operator == "between":
            facts["low"], facts["high"] = (self.value(place, value) for value in leaf.value)
        elif leaf.operator in {"in_last_days", "in_next_days"}:
            facts["value"] = ngettext("%(n)d day", "%(n)d days", leaf.value) % {"n": leaf.value}
        elif leaf.operator == "in_period":
            facts["value"] = str(PERIODS[leaf.value])
        elif isinstance(leaf.value, tuple):
            words = [self.value(place, value) for value in leaf.value]
            facts["value"] = get_text_list(words, pgettext("conditions", "or"))
        elif leaf.value is not None:
            facts["value"] = self.value(place, leaf.value)
        return str(SENTENCES[leaf.operator]) % facts

    def value(self, place: Place, value: Any) -> str:
        field = place.field
        if value == ME:
            return pgettext("person", "me")
        if field.behaviour.is_reference:
            return self.titles.get(place.definition.type, field, uuid.UUID(value)).text
        if field.kind in {"date", "datetime"}:
            return _day(value, isinstance(field.behaviour, DateTime), self.viewer)
        if isinstance(field.behaviour, Integer | Decimals):
            return formats.localize(value) if isinstance(value, int) else str(value)
        return _plain(field, value)


def _plain(field: Field, value: Any) -> str:
    return field.behaviour.display(value, field)


def _day(value: str | Days, moments: bool, viewer: Viewer) -> str:
    if value in {TODAY, Days(0)}:
        return _("today")
    if isinstance(value, Days):
        if value.days < 0:
            return ngettext("%(n)d day ago", "%(n)d days ago", -value.days) % {"n": -value.days}
        return ngettext("in %(n)d day", "in %(n)d days", value.days) % {"n": value.days}
    if moments and len(value) > 10:
        return moment_text(dt.datetime.fromisoformat(value), viewer.time_zone)
    return date_text(dt.date.fromisoformat(value))
