"""Every record type of the code inherits the suite, and the suite runs over a type of the database too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from apps.core.registry import registry
from apps.core.search import PATH_SIGN
from apps.records.models import Activity

TESTS = Path(__file__).parents[1]
SUITE = "RecordTypeSuite"


def types_under_test() -> Iterator[str]:
    """The type keys of the test classes that inherit the suite, read from the source of the tests."""
    for path in TESTS.rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        for node in classes.values():
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if SUITE in bases and node.name.startswith("Test"):
                for one in (node, *(classes[base] for base in bases if base in classes)):
                    yield from keys_in(one)


def keys_in(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
            continue
        if any(isinstance(target, ast.Name) and target.id == "type_key" for target in statement.targets):
            yield str(statement.value.value)


def test_every_record_type_inherits_the_suite() -> None:
    wanted = {found.key for found in registry.code_types() if not issubclass(found.model, Activity)}
    assert wanted - set(types_under_test()) == set()


def test_a_type_of_the_database_inherits_it_too() -> None:
    assert any(key.startswith("o.") for key in types_under_test())


def test_every_type_says_what_the_pages_need() -> None:
    for found in registry.code_types():
        known = set(found.index)
        named = {key for section in found.sections for key in section.fields}
        for group in (found.list_columns, found.sorts, found.quick_filters, found.search_fields, named):
            assert {key for key in group if PATH_SIGN not in key} <= known, found.key
        assert found.title_field in known
        assert len(found.sorts) <= 8
        assert found.default_sort.removeprefix("-") in found.sorts
