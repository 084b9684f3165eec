"""The parts of a condition: leaves that ask one field, groups and negations that join them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

VERSION = 1
MAX_DEPTH = 5
"""Levels of groups and negations, the outermost included."""
MAX_LEAVES = 50
MAX_HOPS = 3
"""References that one field path may follow."""
MAX_VALUES = 200
"""Values that one ``is_any_of`` may list."""

NEGATIVE = {"is_not": "is", "is_none_of": "is_any_of", "is_empty": "is_not_empty"}
"""Operators that are the exact opposite of another one."""


@dataclass(frozen=True)
class Days:
    """The day so many days from today; negative is past."""

    days: int


@dataclass(frozen=True)
class Leaf:
    """One question: ``path`` names a field, through references with dots; ``value`` is as in JSON."""

    path: str
    operator: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """All or any of several conditions. An empty "all" is true of every record."""

    kind: Literal["all", "any"]
    parts: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Negation:
    """The opposite of a condition."""

    part: Tree


Tree = Leaf | Group | Negation

EVERYTHING = Group("all")
"""No condition."""


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf, in reading order."""
    if isinstance(tree, Leaf):
        yield tree
    elif isinstance(tree, Negation):
        yield from leaves(tree.part)
    else:
        for part in tree.parts:
            yield from leaves(part)


def both(first: Tree, second: Tree) -> Tree:
    """What fulfils both: groups of "all" flow together, so that each condition stays a chip of its own."""
    return Group("all", (*_conjuncts(first), *_conjuncts(second)))


def _conjuncts(tree: Tree) -> tuple[Tree, ...]:
    return tree.parts if isinstance(tree, Group) and tree.kind == "all" else (tree,)


def to_json(tree: Tree) -> dict[str, Any]:
    """The JSON that ``parse`` reads back."""
    return {"version": VERSION, **_json(tree)}


def _json(tree: Tree) -> dict[str, Any]:
    if isinstance(tree, Leaf):
        given = {"field": tree.path, "operator": tree.operator}
        return given if tree.value is None else {**given, "value": _thawed(tree.value)}
    if isinstance(tree, Negation):
        return {"not": _json(tree.part)}
    return {tree.kind: [_json(part) for part in tree.parts]}


def _thawed(value: Any) -> Any:
    """Leaves hold tuples, so that trees can be compared and hashed; JSON has lists and objects."""
    if isinstance(value, Days):
        return {"days": value.days}
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value
