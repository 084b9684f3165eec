"""A condition in an address: ``?status=active&owner=@me&employees__at_least=50``.

``field`` alone means "is"; ``field__operator`` any other operator. A repeated ``field`` means any of the values;
other repeated keys are conditions of their own. ``between`` is written ``from..to``, a relative day ``-7d``. What
can't be said like this stands as JSON in ``filter``. This is the only reader of filters in query strings.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.core.conditions.operands import operators_of
from apps.core.conditions.parsing import judge_leaf, parse
from apps.core.conditions.paths import place_of
from apps.core.conditions.tree import EVERYTHING, MAX_LEAVES, Days, Group, Leaf, Tree, both, to_json
from apps.core.conditions.viewer import Viewer
from apps.core.registry import Definition

FILTER = "filter"
RESERVED = frozenset(
    {FILTER, "q", "sort", "cursor", "columns", "view", "display", "density", "totals", "page_size", "format", "fields",
     "expand", "panel", "selection", "tab", "token", "bom"}
)  # fmt: skip
"""Words of an address that are no fields."""


def from_query(
    params: QueryDict, definition: Definition, viewer: Viewer, *, also_reserved: Collection[str] = ()
) -> Tree:
    """The condition that the parameters of a list spell. An empty parameter is a form left blank: no condition.

    Raises ``ValidationError`` for a parameter that names nothing, so that a mistyped filter never shows all rows.
    """
    found: list[Tree] = []
    for key, given in params.lists():
        texts = [text for text in given if text.strip()]
        if key in RESERVED or key in also_reserved or not texts:
            continue
        try:
            found += _leaves_of(key, texts, definition, viewer)
        except ValidationError as error:
            raise ValidationError(f"{key[:100]}: {' '.join(error.messages)}", code="filter") from error
    if len(found) > MAX_LEAVES:
        raise ValidationError(_("At most %(n)d conditions at once."), "leaves", {"n": MAX_LEAVES})
    tree: Tree = Group("all", tuple(found)) if found else EVERYTHING
    if written := params.get(FILTER, "").strip():
        tree = both(tree, _written(written, definition, viewer))
    return tree


def _written(text: str, definition: Definition, viewer: Viewer) -> Tree:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError(_("The filter is no JSON."), "filter") from None
    return parse(raw, definition, viewer)


def _leaves_of(key: str, texts: list[str], definition: Definition, viewer: Viewer) -> list[Tree]:
    path, _sign, operator = key.rpartition("__") if "__" in key else (key, "", "is")
    field = place_of(path, definition, viewer).field
    if operator in {"is_any_of", "is_none_of"}:
        values: list[Any] = [texts]
    elif operator == "is" and (len(texts) > 1 or "is" not in operators_of(field)):
        operator, values = "is_any_of", [texts]
    elif operator == "between":
        values = [text.split("..") for text in texts]
    elif operator in {"is_empty", "is_not_empty"}:
        values = [None]
    else:
        values = list(texts)
    return [judge_leaf(Leaf(path, operator, value), definition, viewer) for value in values]


def to_query(tree: Tree) -> list[tuple[str, str]]:
    """The parameters that ``from_query`` reads back to the same condition."""
    parts = tree.parts if isinstance(tree, Group) and tree.kind == "all" else (tree,)
    pairs: list[tuple[str, str]] = []
    for part in parts:
        spelt = _spelt(part) if isinstance(part, Leaf) else None
        if spelt is None or any(key == spelt[0][0] for key, _text in pairs):
            return [(FILTER, json.dumps(to_json(tree), ensure_ascii=False, separators=(",", ":")))]
        pairs += spelt
    return pairs


def _spelt(leaf: Leaf) -> list[tuple[str, str]] | None:
    """One leaf as parameters, or None where the short form would say something else."""
    key = leaf.path if leaf.operator == "is" else f"{leaf.path}__{leaf.operator}"
    if leaf.operator in {"is_empty", "is_not_empty"}:
        return [(key, "1")]
    if leaf.operator == "between":
        ends = [_text(value) for value in leaf.value]
        return None if any(".." in end for end in ends) else [(key, "..".join(ends))]
    if leaf.operator == "is_any_of" and len(leaf.value) > 1:
        key = leaf.path
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return [(key, _text(value)) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, Days):
        return f"{value.days:+d}d"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
