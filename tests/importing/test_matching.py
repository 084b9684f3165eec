"""What the texts of a reference column point to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from apps.core.registry import registry
from apps.records.importing.matching import find_references
from apps.users.models import Territory

pytestmark = pytest.mark.django_db


def test_a_person_is_found_under_every_spelling_of_one_file(olga: Any, stan: Any) -> None:
    owner = registry.get("company").index["owner"]
    texts = ["olga orlova", "Olga Orlova", "TEST-Olga@nexa.test", "test-olga", "nobody"]
    found = find_references(owner, texts, olga)
    assert found == {text: [olga.pk] for text in texts[:-1]}


def test_a_territory_is_found_under_every_spelling_of_one_file(olga: Any) -> None:

    iberia = Territory.objects.create(name="Iberia")
    declared = registry.get("company").index["territory"]
    texts = ["Iberia", "IBERIA", str(iberia.pk), "Iberian"]
    found = find_references(declared, texts, olga)
    assert found == {text: [iberia.pk] for text in texts[:-1]}


def test_each_key_that_finds_records_has_an_index() -> None:
    """The way a key is compared by is the first column of some index; else each chunk would read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        indexes = [(table, definition.split(" USING btree ")[-1]) for table, definition in cursor.fetchall()]
    missing = []
    for record_type in registry.code_types():
        table = record_type.model._meta.db_table
        for key in record_type.match_keys:
            begins = f"({key}" if record_type.index[key].exact else f"(nc_sort_key(({key})::text)"
            shared = [definition.replace("public.", "") for name, definition in indexes if name == table]
            if not any(definition.startswith((f"{begins},", f"{begins})")) for definition in shared):
                missing.append(f"{record_type.key}.{key}")
    assert not missing
