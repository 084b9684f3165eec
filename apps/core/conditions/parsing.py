"""From JSON to a tree that is known to be right for one type and one viewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.conditions.operands import operand, operators_of
from apps.core.conditions.paths import place_of
from apps.core.conditions.tree import MAX_DEPTH, MAX_LEAVES, VERSION, Group, Leaf, Negation, Tree
from apps.core.conditions.viewer import Viewer
from apps.core.registry import Definition

_LEAF_KEYS = frozenset({"field", "operator", "value"})


def parse(raw: Any, definition: Definition, viewer: Viewer) -> Tree:
    """The tree that ``raw`` (JSON that was read already) stands for.

    Raises ``ValidationError`` whose message begins with the place: ``all[1].any[0]: …``.
    """
    if not isinstance(raw, Mapping):
        raise _fault("", ValidationError(_("Give a condition as an object."), "shape"))
    if raw.get("version") != VERSION or isinstance(raw["version"], bool):
        raise _fault("", ValidationError(_("This condition has no version that is known here."), "version"))
    body = {key: value for key, value in raw.items() if key != "version"}
    if body == {"all": []}:
        return Group("all")
    return _Parser(definition, viewer).node(body, "", 1)


def judge_leaf(leaf: Leaf, definition: Definition, viewer: Viewer) -> Leaf:
    """``leaf`` with its value in the kept form. Raises ``ValidationError`` without a place."""
    field = place_of(leaf.path, definition, viewer).field
    offered = operators_of(field)
    if leaf.operator not in offered:
        if field.masked:
            raise ValidationError(_("“%(field)s” is masked for you: it can only be matched exactly."), "masked",
                                  {"field": field.label})  # fmt: skip
        raise ValidationError(
            _("“%(field)s” takes these operators: %(operators)s."),
            "operator",
            {"field": field.label, "operators": ", ".join(offered)},
        )
    return Leaf(leaf.path, leaf.operator, operand(leaf.operator, field, leaf.value))


class _Parser:
    """Walks the JSON, counting leaves and depth."""

    def __init__(self, definition: Definition, viewer: Viewer) -> None:
        self.definition = definition
        self.viewer = viewer
        self.leaves = 0

    def node(self, raw: Any, place: str, depth: int) -> Tree:
        if not isinstance(raw, Mapping):
            raise _fault(place, ValidationError(_("Give a condition as an object."), "shape"))
        keys = frozenset(raw)
        if "field" in keys:
            return self.leaf(raw, keys, place)
        if depth > MAX_DEPTH:
            raise _fault(
                place, ValidationError(_("Conditions nest at most %(n)d levels deep."), "depth", {"n": MAX_DEPTH})
            )
        if keys == {"not"}:
            return Negation(self.node(raw["not"], _join(place, "not"), depth + 1))
        for kind in ("all", "any"):
            if keys == {kind}:
                return self.group(kind, raw[kind], _join(place, kind), depth)
        raise _fault(place, ValidationError(_("Give one of: all, any, not, field."), "shape"))

    def group(self, kind: Any, raw: Any, place: str, depth: int) -> Group:
        if not isinstance(raw, list) or not raw:
            raise _fault(place, ValidationError(_("Give a list of at least one condition."), "shape"))
        return Group(kind, tuple(self.node(part, f"{place}[{i}]", depth + 1) for i, part in enumerate(raw)))

    def leaf(self, raw: Mapping[str, Any], keys: frozenset[str], place: str) -> Leaf:
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            raise _fault(place, ValidationError(_("At most %(n)d conditions at once."), "leaves", {"n": MAX_LEAVES}))
        path, operator = raw["field"], raw.get("operator", "is")
        if keys - _LEAF_KEYS or not isinstance(path, str) or not isinstance(operator, str):
            raise _fault(place, ValidationError(_("Give field, operator and value."), "shape"))
        try:
            return judge_leaf(Leaf(path, operator, raw.get("value")), self.definition, self.viewer)
        except ValidationError as error:
            raise _fault(_join(place, path), error) from error


def _join(place: str, word: str) -> str:
    return f"{place}.{word}" if place else word


def _fault(place: str, error: ValidationError) -> ValidationError:
    """The same error, saying where in the tree it is."""
    message = " ".join(error.messages)
    return ValidationError(f"{place}: {message}" if place else message, code=getattr(error, "code", None))
