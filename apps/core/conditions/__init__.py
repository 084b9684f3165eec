"""The one condition tree: filters, saved views, segments, rules and territories all speak it.

``parse`` reads versioned JSON and judges it, ``compile_tree`` makes the condition of a queryset of it,
``matches`` asks it of one record in memory, ``from_query`` and ``to_query`` spell it in an address, and
``describe`` says it in words.

What an empty value means is the same everywhere: ``is_not``, ``is_none_of`` and ``is_empty`` are exactly "not
is", "not is_any_of" and "not is_not_empty". So ``is_not`` includes the records that have no value, and a path
through a reference to nothing, or to a record out of sight, has an empty value at its end.
"""

from apps.core.conditions.compiling import compile_tree
from apps.core.conditions.matching import matches
from apps.core.conditions.parsing import parse
from apps.core.conditions.query import FILTER, RESERVED, from_query, to_query
from apps.core.conditions.tree import EVERYTHING, Group, Leaf, Negation, Tree, both, leaves, to_json
from apps.core.conditions.viewer import Viewer
from apps.core.conditions.wording import Described, describe, named_values

__all__ = [
    "EVERYTHING",
    "FILTER",
    "RESERVED",
    "Described",
    "Group",
    "Leaf",
    "Negation",
    "Tree",
    "Viewer",
    "both",
    "compile_tree",
    "describe",
    "from_query",
    "leaves",
    "matches",
    "named_values",
    "parse",
    "to_json",
    "to_query",
]
