"""What the texts of a reference column point to."""

from __future__ import annotations

from typing import Any

import pytest

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
