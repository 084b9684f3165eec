"""Records are reached through ``visible_to`` alone: nothing outside ``core`` and services asks a manager.

A file that must do without (it moves rows for the system, or draws the line itself) is named with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from apps.records.models import Record

ROOT = Path(__file__).parents[2]
MODELS = {model.__name__ for model in apps.get_models() if issubclass(model, Record)}
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})
DOOR = frozenset({"visible_to"})
ALLOWED: dict[str, str] = {}
FREE = ("apps/core/", "/services.py", "/services/", "/migrations/", "apps/workspaces/")


def ways_round(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each use of a record model's manager that isn't the door."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS:
            continue
        if not isinstance(node.value, ast.Name) or node.value.id not in MODELS:
            continue
        above = parents.get(node)
        if isinstance(above, ast.Attribute) and above.attr in DOOR:
            continue
        yield node.lineno, ast.unparse(above if above is not None else node)


def files() -> Iterator[str]:
    for path in sorted((ROOT / "apps").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not any(free in name for free in FREE) and name not in ALLOWED:
            yield name


@pytest.mark.parametrize("name", files())
def test_records_are_reached_through_the_door(name: str) -> None:
    assert list(ways_round((ROOT / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", ALLOWED)
def test_exceptions_still_exist(name: str) -> None:
    assert not (ROOT / name).exists() or list(ways_round((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "Company.objects.all()",
        "rows = Company.objects",
        "Company._base_manager.filter(pk=1)",
        "Company.objects.filter(name='x').visible_to(user)",
    ],
)
def test_the_walk_finds_a_way_round(source: str) -> None:
    assert len(list(ways_round(source))) == 1


def test_the_walk_leaves_the_door_alone() -> None:
    assert list(ways_round("Company.objects.visible_to(user).filter(name='x')")) == []
